"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import pytest

from ferstudy.data.fer2013 import OFFICIAL
from ferstudy.papers.lite_xception import published as paper


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
