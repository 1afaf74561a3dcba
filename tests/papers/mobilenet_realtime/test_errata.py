"""The paper's errata, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.data import ck_plus, fer2013, jaffe
from ferstudy.data.protocols import get_protocol
from ferstudy.papers.mobilenet_realtime import errata
from ferstudy.papers.mobilenet_realtime import published as paper

SETUPS = list(paper.TABLE_5)
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


@pytest.mark.parametrize("setup", paper.FIGURE_6)
def test_the_matrices_have_the_recall_and_accuracy_of_table_5(setup: str) -> None:
    shares = errata.figure_6_shares(setup)
    assert 100 * np.diag(shares).mean() == pytest.approx(paper.TABLE_5[setup].recall, abs=0.0051)
    assert set(paper.FIGURE_6[setup][0]) == set(get_protocol(f"ck_plus_{setup}").selection.classes)
    assert shares.sum(1) == pytest.approx(1, abs=0.0003)


def test_table_1_by_its_owners() -> None:
    """All columns are the owners' counts but three numbers; the CK+ column is right."""
    table = errata.class_distribution()
    wrong = {
        (name, row["class"])
        for name in paper.TABLE_1_COLUMNS
        for row in table.iloc[:-1].to_dict("records")
        if row[f"{name} (published)"] != row[f"{name} (owners)"]
    }
    assert wrong == {("fer2013", "angry"), ("jaffe", "disgust"), ("jaffe", "fear")}
    totals = table.iloc[-1]
    assert [totals[f"{name} (owners)"] for name in paper.TABLE_1_COLUMNS] == [35_887, 654, 213]
    assert totals["fer2013 (published)"] == 35_887 - (4_953 - 4_593)
    assert fer2013.OFFICIAL.sum() == 35_887
    assert sum(jaffe.OFFICIAL) == 213
    assert sum(ck_plus.OFFICIAL) == 327


@pytest.mark.parametrize("setup", SETUPS)
def test_images_of_the_eight_configurations(setup: str) -> None:
    assert errata.ck_plus_images(setup) == IMAGES[setup]


def test_numerators_by_hand() -> None:
    """95.24 % is 40 of 42; 96.92 % is 63 of 65 and of neither 61 nor 62; 72.49 and 50.27 % are those of section 6."""
    assert errata.numerators(95.24, 42) == [40]
    assert errata.numerators(96.92, 65) == [63]
    assert errata.denominators(96.92, (61, 62)) == []
    assert errata.denominators(95.08, (61, 62)) == [61]
    assert errata.numerators(72.49, 309) == [224]
    assert errata.numerators(50.27, 183) == [92]
    assert errata.numerators(67.03, 3_589) == []
    assert errata.cut_off(67.03, 3_589) == [2_406]
    assert errata.cut_off(68.31, 3_589) == [2_452]


def test_what_the_fifths_allow() -> None:
    shares = errata.fractions().set_index("where")
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
    checks = errata.table_5_checks().set_index("setup")
    assert checks["fewest errors"].dropna().astype(int).tolist() == [2, 4, 6, 6]
    assert checks["images so"].dropna().astype(int).tolist() == [65, 65, 130, 130]
    assert errata.row_counts((11.11, 55.56, 11.11, 11.11, 0, 11.11, 0)) == (9, 4)
    assert errata.matrix_sums().to_numpy().tolist() == [["8-S", "neutral", 100.02]]


def test_two_images_behind_a_recall_of_one() -> None:
    """(4 + 2/3 + 9/10) / 6 = 92.78 %."""
    assert sorted(errata.validated_images_6()) == [(2, 9), (9, 2)]


def test_frames_of_one_film_in_training_and_scored() -> None:
    """By hand for 5 films of 2 frames in 5 parts: of 9 others one is in the same part of two."""
    assert errata.sibling_share(films=5, frames=2, parts=5) == pytest.approx(1 - 1 / 9)
    assert errata.sibling_share(frames=1) == 0
    assert errata.sibling_share() == pytest.approx(0.96, abs=0.001)


def test_the_printed_centre_loss_pulls_the_same_everywhere() -> None:
    assert errata.centre_pull(10.0) == pytest.approx({"printed": 0.5, "cited": 10.0})
    assert errata.centre_pull(0.1) == pytest.approx({"printed": 0.5, "cited": 0.1})


def test_errata_hold_no_blanks() -> None:
    table = errata.errata()
    assert len(table) == 17
    text = " ".join(table.to_numpy().ravel())
    assert "nan" not in text
    for said in ("63/65", "40/42", "39/42", "4,953", "35,527", "57.99 ms"):
        assert said in text
