"""Votes against labels: closed forms, small cases by hand, and FER+ itself."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from ferstudy import audit
from ferstudy.data import FaceDataset
from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.ferplus import COLUMNS
from ferstudy.errors import FerstudyError
from tests.conftest import make_dots


def votes(**columns: int) -> list[int]:
    return [columns.get(name, 0) for name in COLUMNS]


BY_HAND = np.array(
    [
        votes(happiness=10),
        votes(happiness=5, neutral=5),
        votes(anger=6, sadness=4),
        votes(NF=10),
        votes(contempt=6, neutral=4),
    ]
)
LABELS = np.array([CLASSES.index(c) for c in ("happy", "happy", "sad", "sad", "neutral")])


def test_entropy_of_even_splits_is_their_number_of_bits() -> None:
    even = np.array([[10, 0, 0, 0], [5, 5, 0, 0], [2, 2, 2, 2], [1, 0, 0, 0]])
    np.testing.assert_allclose(audit.entropy(even), [0, 1, 2, 0], atol=1e-12)


def test_agreement_by_hand() -> None:
    table = audit.label_votes(BY_HAND, LABELS, CLASSES)
    assert list(table.index) == ["happy", "sad", "neutral", "all"]
    assert table["images"].tolist() == [2, 2, 1, 5]
    # A draw between the label and another emotion counts one half.
    np.testing.assert_allclose(table["agreement"], [0.75, 0, 0, 0.3])
    np.testing.assert_allclose(table["not a face"], [0, 0.5, 0, 0.2])
    assert table.loc["happy", "happiness"] == pytest.approx(0.75)
    np.testing.assert_allclose(table[list(COLUMNS)].sum(axis=1), 1)


def test_whom_the_crowd_sides_with_by_hand() -> None:
    """A network that says neutral, neutral, angry, angry, fear: the crowd has half a vote for it, one, then none."""
    said = np.array([CLASSES.index(c) for c in ("neutral", "neutral", "angry", "angry", "fear")])
    shares = audit.crowd_sides_with(BY_HAND, LABELS, said, CLASSES)
    assert shares == pytest.approx({"label": 1.5 / 5, "network": 1.5 / 5, "neither": 2 / 5})
    nothing = audit.crowd_sides_with(BY_HAND[:0], LABELS[:0], said[:0], CLASSES)
    assert all(np.isnan(share) for share in nothing.values())


def test_the_crowd_on_right_and_wrong_answers_by_hand() -> None:
    """Wrong on a draw, on anger (named by the crowd) and on NF; right on an agreed and on a rejected label."""
    said = np.array([CLASSES.index(c) for c in ("happy", "neutral", "angry", "angry", "neutral")])
    found = audit.crowd_on_answers(BY_HAND, LABELS, said, CLASSES)
    assert found == pytest.approx(
        {"errors": 3, "rejected": 2.5 / 3, "named": 1.5 / 3, "rejected when right": 0.5, "accuracy where agreed": 2 / 3}
    )
    assert np.isnan(audit.crowd_on_answers(BY_HAND[:0], LABELS[:0], said[:0], CLASSES)["rejected"])


def test_recorded_winners_are_to_these_functions_as_votes() -> None:
    rows = [30, 31, 32, 33, 34]
    found = {"votes": {"winners": {"PrivateTest": {"rows": rows, "columns": audit.pack_winners(BY_HAND)}}}}
    order = np.array([4, 0, 2])
    winners = audit.recorded_winners(found, "PrivateTest", np.array(rows)[order])
    assert winners is not None
    said = np.array([CLASSES.index("angry")] * 3)
    for compare in (audit.crowd_on_answers, audit.crowd_sides_with):
        expected = compare(BY_HAND[order], LABELS[order], said, CLASSES)
        assert compare(winners, LABELS[order], said, CLASSES) == pytest.approx(expected, nan_ok=True)
    assert audit.recorded_winners(found, "PublicTest", np.array([1])) is None
    assert audit.recorded_winners(None, "PrivateTest", np.array([1])) is None
    with pytest.raises(FerstudyError, match="row 99 is not in PrivateTest"):
        audit.recorded_winners(found, "PrivateTest", np.array([99]))


def test_one_against_the_rest_in_closed_form() -> None:
    """Of ten votes a : b for two emotions with a > b + 1, a voter for a agrees with the rest and the others do not."""
    assert audit.one_against_rest(np.array([[10, 0]])) == 1
    assert audit.one_against_rest(np.array([[7, 3]])) == pytest.approx(0.7)
    # 5 : 5 without one of the five is 4 : 5, so that nobody agrees; 2 : 1 without one of the two is a draw.
    assert audit.one_against_rest(np.array([[5, 5]])) == 0
    assert audit.one_against_rest(np.array([[2, 1]])) == pytest.approx(2 / 3 * 0.5)
    assert np.isnan(audit.one_against_rest(np.array([[1, 0], [0, 0]])))


def test_one_against_the_rest_is_unbiased() -> None:
    """For votes drawn with probability p, its mean is the chance that one voter and the majority of nine agree."""
    p = 0.7
    majority = sum(comb(9, k) * p**k * (1 - p) ** (9 - k) for k in range(5, 10))
    expected = p * majority + (1 - p) * (1 - majority)
    first = np.random.default_rng(0).binomial(10, p, 40_000)
    assert audit.one_against_rest(np.stack([first, 10 - first], 1)) == pytest.approx(expected, abs=0.005)


def test_ceilings_by_hand() -> None:
    labels = np.array([0, 0, 1, 2, 2, 3])
    group = np.array([0, 0, 0, 1, 1, -1])
    assert audit.ceilings(labels, group) == audit.Ceilings(identical=5 / 6)
    assert audit.ceilings(labels, np.full(6, -1)).identical == 1
    found = audit.ceilings(LABELS, np.full(5, -1), BY_HAND, CLASSES)
    # Right, a draw, wrong, nothing that the seven classes could answer, and neutral once contempt is left out.
    assert found.crowd == pytest.approx((1 + 0.5 + 0 + 0 + 1) / 5)
    assert found.person == pytest.approx((1 + 0 + 0.6 + 1) / 4)


def test_votes_of_other_rows_are_refused() -> None:
    data = make_dots(per_class=40)
    columns = [COLUMNS.index(c) for c in ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")]
    right = np.zeros((len(data), 10), np.int64)
    right[np.arange(len(data)), np.array(columns)[data.labels]] = 10
    np.testing.assert_array_equal(audit.aligned_votes(data, right), right)
    some = data.select(np.arange(5, 60, 3))
    np.testing.assert_array_equal(audit.aligned_votes(some, right), right[5:60:3])
    shuffled = np.random.default_rng(0).permutation(right)
    with pytest.raises(FerstudyError, match="as rows in another order would"):
        audit.aligned_votes(data, shuffled)
    with pytest.raises(FerstudyError, match="but dots has a row 839"):
        audit.aligned_votes(data, right[:100])
    strange = replace(data, classes=("bored", *CLASSES[1:]))
    with pytest.raises(FerstudyError, match="no emotion 'bored'"):
        audit.aligned_votes(strange, right)


def test_votes_are_about_fer2013_only() -> None:
    assert audit.find_votes("jaffe") is None


def test_ferplus_against_the_labels(real_fer2013: FaceDataset) -> None:
    found = audit.find_votes("fer2013")
    if found is None:
        pytest.skip("fer2013new.csv was not found beside FER2013")
    ours = audit.aligned_votes(real_fer2013, found)
    assert ours.shape == (35_887, 10)
    # Facts of the file: ten votes an image, and nine of one.
    assert sorted(np.unique(ours.sum(1), return_counts=True)[1].tolist()) == [1, 35_886]
    table = audit.label_votes(ours, real_fer2013.labels, CLASSES)
    # The same by a loop over images.
    names = dict(zip(CLASSES, (4, 5, 6, 1, 3, 2, 0), strict=True))
    fear = [row for row, label in zip(ours.tolist(), real_fer2013.labels, strict=True) if CLASSES[label] == "fear"]
    agreed = [(row[names["fear"]] == max(row)) / row.count(max(row)) for row in fear]
    assert table.loc["fear", "agreement"] == pytest.approx(np.mean(agreed))
