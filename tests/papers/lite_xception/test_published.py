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
    assert sum(paper.TEST_COUNTS.values()) == 7_178
    assert sorted(paper.TEST_COUNTS.values()) == sorted(OFFICIAL[1:3].sum(0).tolist())


@pytest.mark.parametrize("name", paper.CLASSES)
def test_table_3_agrees_with_itself(name: str) -> None:
    """Accuracy repeats recall, misclassification is 1 - precision, F1 follows from both to rounding."""
    row = paper.TABLE_3[name]
    assert row.accuracy == row.recall
    assert row.misclassification == pytest.approx(1 - row.precision, abs=0.005)
    assert row.f1 == pytest.approx(2 * row.precision * row.recall / (row.precision + row.recall), abs=0.012)


def test_table_1_halves() -> None:
    assert [row.resolution for row in paper.TABLE_1] == [46, 44, 22, 11, 6, 3, 1]
    assert [row.channels for row in paper.TABLE_1] == [8, 8, 16, 32, 64, 128, 7]
