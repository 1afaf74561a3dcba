"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import pytest

from ferstudy.papers.mobilenet_realtime import published as paper

SETUPS = list(paper.TABLE_5)


def test_improvements_are_differences() -> None:
    for (one, spread), (two, _), (gain, gain_spread) in paper.TABLE_2.values():
        assert two - one == pytest.approx(gain, abs=0.005)
        assert spread == gain_spread
    for name, (without, with_centre, gain) in paper.TABLE_3.items():
        assert with_centre - without == pytest.approx(gain, abs=0.005)
        assert without == paper.TABLE_2[name][1][0]
    assert paper.TABLE_3["jaffe"][1] == paper.JAFFE.accuracy
    assert paper.TABLE_3["ck_plus"][1] == paper.TABLE_5["6_last"].accuracy


@pytest.mark.parametrize("scores", [*paper.TABLE_5.values(), paper.JAFFE])
def test_f1_is_the_harmonic_mean_of_the_averages(scores: paper.Scores) -> None:
    expected = 2 * scores.precision * scores.recall / (scores.precision + scores.recall)
    assert scores.f1 == pytest.approx(expected, abs=0.0051)


def test_tables_of_other_methods() -> None:
    assert len(paper.TABLE_4) == 10
    assert len(paper.TABLE_6) == 8
    assert len(paper.TABLE_7) == 10
    assert float(paper.TABLE_6[-1][2]) == paper.CLASSIFY_MS
    assert {setup for _, setup, _ in paper.TABLE_7} <= set(SETUPS)
