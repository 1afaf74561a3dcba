"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.papers.small_cnn import published as paper


@pytest.mark.parametrize("table", [paper.FIGURE_3_BEFORE, paper.FIGURE_3_AFTER])
def test_figure_3_sums_to_its_totals(table: dict[str, tuple[tuple[int, ...], int]]) -> None:
    assert list(table) == ["FER2013", "JAFFE", "CK+", "KDEF", "RAF"]
    for counts, total in table.values():
        assert sum(counts) == total


def test_figure_3_adds_as_many_to_every_class_but_one() -> None:
    """100 a class of JAFFE and CK+, 50 of KDEF, none of RAF; 3,000 of FER2013, but for the slip and for disgust."""
    pairs = {name: (paper.FIGURE_3_BEFORE[name][0], paper.FIGURE_3_AFTER[name][0]) for name in paper.FIGURE_3_BEFORE}
    added = {name: np.subtract(after, before).tolist() for name, (before, after) in pairs.items()}
    assert added == {
        "FER2013": [3900, 300, 3000, 3000, 3000, 3000, 3000],
        "JAFFE": [100] * 7, "CK+": [100] * 7, "KDEF": [50] * 7, "RAF": [0] * 7,
    }  # fmt: skip


def test_figures_5_to_7_and_the_text_name_the_same_best() -> None:
    start, best = paper.FIGURE_7[0][2], max(row[2] for row in paper.FIGURE_7)
    assert paper.FIGURE_6_BEST["Reduce on plateau"] == (73.59, start)
    assert (start, best) == (73.06, 73.28)
    assert {value for name, _, value, *_ in paper.SURVEY if name.startswith("VGGNet")} == {start, best}
    assert len(paper.FIGURE_7) == 5
