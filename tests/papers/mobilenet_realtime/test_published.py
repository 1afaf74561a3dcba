"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.data.protocols import get_protocol
from ferstudy.papers.mobilenet_realtime import published as paper

SETUPS = list(paper.TABLE_5)


def test_improvements_are_differences() -> None:
    for stages in paper.TABLE_2.values():
        assert stages.two_stages.value - stages.one_stage.value == pytest.approx(stages.improvement.value, abs=0.005)
        assert stages.one_stage.spread == stages.improvement.spread
    for name, losses in paper.TABLE_3.items():
        assert losses.centre - losses.softmax == pytest.approx(losses.improvement, abs=0.005)
        assert losses.softmax == paper.TABLE_2[name].two_stages.value
    assert paper.TABLE_3["jaffe"].centre == paper.JAFFE.accuracy
    assert paper.TABLE_3["ck_plus"].centre == paper.TABLE_5["6_last"].accuracy


@pytest.mark.parametrize("scores", [*paper.TABLE_5.values(), paper.JAFFE])
def test_f1_is_the_harmonic_mean_of_the_averages(scores: paper.Scores) -> None:
    expected = 2 * scores.precision * scores.recall / (scores.precision + scores.recall)
    assert scores.f1 == pytest.approx(expected, abs=0.0051)


def test_tables_of_other_methods() -> None:
    assert len(paper.TABLE_4) == 10
    assert len(paper.TABLE_6) == 8
    assert len(paper.TABLE_7) == 10
    assert float(paper.TABLE_6[-1].milliseconds) == paper.CLASSIFY_MS
    assert {row.setup for row in paper.TABLE_7} <= set(SETUPS)


@pytest.mark.parametrize("setup", paper.FIGURE_6)
def test_the_matrices_have_the_recall_and_accuracy_of_table_5(setup: str) -> None:
    shares = paper.FIGURE_6[setup].shares()
    # In 8-S the 100s of fear and happy are printed a column too early.
    own = shares.max(1) if setup == "8_last" else np.diag(shares)
    assert 100 * own.mean() == pytest.approx(paper.TABLE_5[setup].recall, abs=0.0051)
    assert set(paper.FIGURE_6[setup].classes) == set(get_protocol(f"ck_plus_{setup}").selection.classes)
    assert shares.sum(1) == pytest.approx(1, abs=0.0003)
