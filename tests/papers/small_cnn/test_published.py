"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.papers.small_cnn import published as paper
from ferstudy.papers.small_cnn.recipes import OPTIMIZER_STUDY, SCHEDULE_STUDY


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


def test_the_bars_read_off_figures_5_and_6_are_those_that_the_text_prints() -> None:
    """73.2 and 73.5 are cut off, 73.59 and 73.06 are printed whole; all but Adadelta pass 70 %, Nesterov is best."""
    bars = paper.FIGURE_5
    assert set(bars) == {label for label, _ in OPTIMIZER_STUDY}
    nesterov = bars["SGD + Nesterov"]
    for rate, printed in paper.FIGURE_5_BEST.items():
        assert printed <= getattr(nesterov, rate) + paper.FIGURE_5_ERROR < printed + 0.1 + 2 * paper.FIGURE_5_ERROR
    assert {name for name, row in bars.items() if min(row) < paper.FIGURE_5_FLOOR} == {"Adadelta"}
    assert [max(row[k] for row in bars.values()) for k in (0, 1)] == list(nesterov)
    assert set(paper.FIGURE_6) == set(SCHEDULE_STUDY)
    best = paper.FIGURE_6_BEST["Reduce on plateau"]
    assert tuple(map(max, zip(*paper.FIGURE_6.values(), strict=True))) == best


@pytest.mark.parametrize(
    ("bar", "error"),
    [(value, paper.FIGURE_5_ERROR) for row in paper.FIGURE_5.values() for value in row]
    + [(value, paper.FIGURE_6_ERROR) for row in paper.FIGURE_6.values() for value in row],
)
def test_a_bar_is_a_share_of_the_test_images(bar: float, error: float) -> None:
    """One of 3,589 images is 0.028 points, so a reading to within 0.013 names it, and a slip of a digit would not."""
    assert abs(bar - 100 * round(bar * 35.89) / 3589) <= error + 0.005
