"""The transcription of the paper, checked against its own sums, and its errata, against a hand computation."""

from __future__ import annotations

import pytest

from ferstudy.data.fer2013 import OFFICIAL
from ferstudy.papers import get_paper, lite_xception_errata
from ferstudy.papers import lite_xception as paper


def test_split_sizes_sum_to_the_images() -> None:
    parts = [paper.TABLE_2[key] for key in ("Training", "validation", "test")]
    assert sum(parts) == paper.TABLE_2["images"] == 35_887
    assert parts == OFFICIAL[:3].sum(1).tolist()


def test_test_counts_are_the_pooled_official_ones() -> None:
    assert sum(paper.TEST_COUNTS) == 7_178
    assert sorted(paper.TEST_COUNTS) == sorted(OFFICIAL[1:3].sum(0).tolist())


@pytest.mark.parametrize("name", paper.CLASSES)
def test_table_3_agrees_with_itself(name: str) -> None:
    """Accuracy repeats recall, misclassification is 1 - precision, F1 follows from both to rounding."""
    accuracy, missed, precision, recall, f1 = paper.TABLE_3[name]
    assert accuracy == recall
    assert missed == pytest.approx(1 - precision, abs=0.005)
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=0.012)


def test_table_1_halves() -> None:
    sizes = [row[2] for row in paper.TABLE_1]
    assert sizes == [46, 44, 22, 11, 6, 3, 1]
    assert [row[3] for row in paper.TABLE_1] == [8, 8, 16, 32, 64, 128, 7]


def test_implied_accuracy_by_hand() -> None:
    """Recalls .61 .55 .37 .89 .5 .74 .65 over 958, 111, 1024, 1774 and the last three counts, misnamed or not."""
    first_four = 0.61 * 958 + 0.55 * 111 + 0.37 * 1024 + 0.89 * 1774
    printed = first_four + 0.5 * 1233 + 0.74 * 1247 + 0.65 * 831
    renamed = first_four + 0.5 * 1247 + 0.74 * 831 + 0.65 * 1233
    assert lite_xception_errata.implied_accuracy(renamed=False) == pytest.approx(100 * printed / 7178)
    assert lite_xception_errata.implied_accuracy(renamed=True) == pytest.approx(100 * renamed / 7178)
    assert lite_xception_errata.implied_accuracy(renamed=True) == pytest.approx(64.68, abs=0.005)


def test_three_names_do_not_fit() -> None:
    names = lite_xception_errata.count_names()
    assert names.loc[~names["agrees"], "printed name"].tolist() == ["sad", "surprised", "neutral"]
    assert names.loc[~names["agrees"], "class with that pooled count"].tolist() == ["neutral", "sad", "surprise"]


def test_equation_6_is_two_for_every_class() -> None:
    assert (lite_xception_errata.table_3_checks()["equation (6)"] == 2).all()
    assert len(lite_xception_errata.errata()) == 7


def test_catalogue_is_whole() -> None:
    ids = {entry.id for entry in get_paper("lite_xception").entries}
    assert {"T1", "T2", "T3", "T4", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "X1", "errata"} <= ids
