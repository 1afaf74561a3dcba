"""What the printed percentages can be shares of, by hand."""

from __future__ import annotations

import pytest

from ferstudy.papers.mobilenet_realtime import printed_shares
from ferstudy.papers.mobilenet_realtime import published as paper

# Images by the counts of CK+'s owners: 309 films of six emotions, 18 of contempt, 327 first frames.
IMAGES = {
    "6_last": 309,
    "7_no_neutral_last": 327,
    "7_no_contempt_last": 309 + 327,
    "8_last": 327 + 327,
    "6_last3": 927,
    "7_no_neutral_last3": 981,
    "7_no_contempt_last3": 927 + 327,
    "8_last3": 981 + 327,
}


@pytest.mark.parametrize("setup", paper.TABLE_5)
def test_images_of_the_eight_configurations(setup: str) -> None:
    assert printed_shares.ck_plus_images(setup) == IMAGES[setup]


def test_what_the_fifths_allow() -> None:
    shares = printed_shares.fractions().set_index("where")
    assert shares.index.is_unique
    impossible = set(shares.index[~shares["possible"]])
    assert {name.split(", ", 1)[1] for name in impossible if name.startswith("Table")} == {
        "CK+, 6-S-NC", "CK+, 7-S-C", "CK+, 8-L", "CK+, 8-L, lower end"
    }  # fmt: skip
    assert shares.loc["Table 5, CK+, 6-S-NC", "nearest possible"] == "63/65"
    assert shares.loc["section 6, JAFFE to CK+", "nearest possible"] == "224/309"
    assert shares.loc["section 6, CK+ to JAFFE", "nearest possible"] == "92/183"


def test_matrices_need_these_errors() -> None:
    """6-S-NC: 1 of 10 angry and 1 of 7 fear; 7-S-C: 4 of 9 angry, 1 of 12 disgust, 1 of 17 surprise."""
    checks = printed_shares.table_5_checks().set_index("setup")
    assert checks["fewest errors"].dropna().astype(int).tolist() == [2, 4, 6, 6]
    assert checks["images so"].dropna().astype(int).tolist() == [65, 65, 130, 130]
    assert printed_shares.row_counts((11.11, 55.56, 11.11, 11.11, 0, 11.11, 0)) == (9, 4)
    assert printed_shares.matrix_sums().to_numpy().tolist() == [["8-S", "neutral", 100.02]]


def test_two_images_behind_a_recall_of_one() -> None:
    """(4 + 2/3 + 9/10) / 6 = 92.78 %."""
    assert sorted(printed_shares.validated_images_6()) == [(2, 9), (9, 2)]


def test_the_images_behind_jaffes_recall_and_precision() -> None:
    """By hand: 1/5 + 1/6 = .3667 of seven classes are 5.24 %; 1/6 + 1/10 = .2667 are 3.81 %."""
    found = printed_shares.validated_images_jaffe()
    assert (5, 6) in found["disgust and sad"]
    assert (5, 9) in found["fear and happy"]
    assert all(len(pairs) == 2 for pairs in found.values())
