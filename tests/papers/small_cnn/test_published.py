"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.papers.small_cnn import published as paper


@pytest.mark.parametrize("table", [paper.FIGURE_3_BEFORE, paper.FIGURE_3_AFTER])
def test_figure_3_sums_to_its_totals(table: dict[str, paper.ImageCounts]) -> None:
    assert list(table) == ["FER2013", "JAFFE", "CK+", "KDEF", "RAF"]
    for row in table.values():
        assert sum(row.by_class.values()) == row.total


def test_figure_3_adds_as_many_to_every_class_but_one() -> None:
    """100 a class of JAFFE and CK+, 50 of KDEF, none of RAF; 3,000 of FER2013, but for the slip and for disgust."""
    before, after = paper.FIGURE_3_BEFORE, paper.FIGURE_3_AFTER
    added = {name: np.subtract(after[name], before[name])[:-1].tolist() for name in before}
    assert added == {
        "FER2013": [3900, 300, 3000, 3000, 3000, 3000, 3000],
        "JAFFE": [100] * 7, "CK+": [100] * 7, "KDEF": [50] * 7, "RAF": [0] * 7,
    }  # fmt: skip


def test_figures_5_to_7_and_the_text_name_the_same_best() -> None:
    start, best = paper.FIGURE_7[0].accuracy, max(row.accuracy for row in paper.FIGURE_7)
    assert paper.FIGURE_6_BEST["Reduce on plateau"] == (73.59, start)
    assert (start, best) == (73.06, 73.28)
    assert {row.accuracy for row in paper.SURVEY if row.network.startswith("VGGNet")} == {start, best}
    assert len(paper.FIGURE_7) == 5
