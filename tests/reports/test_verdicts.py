"""Verdicts: the rule at its borders, and that every claim of every paper gets one from what is recorded."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ferstudy.errors import FerstudyError
from ferstudy.papers import get_paper, get_study, list_papers, list_recipes
from ferstudy.papers._claim import Ahead, Claim, Counts, Extremes, Missing, Reaches
from ferstudy.reports import verdicts as module
from ferstudy.reports.verdicts import VERDICTS, counted, decide, decide_accuracy, headline, verdicts_of
from tests.conftest import ROOT

RUNS = ROOT / "reports" / "runs"
STRICT = "lite_xception.fer2013.strict.s0"


@pytest.mark.parametrize(
    ("printed", "low", "high", "blind", "scale", "word"),
    [
        (64.53, 63.99, 67.10, 25.0, "", "holds"),
        (67.10, 63.99, 67.10, 25.0, "", "holds"),
        (67.11, 63.99, 67.10, 25.0, "", "does not hold"),
        (60.00, 63.99, 67.10, 25.0, "", "holds"),
        (64.53, 63.99, 67.10, 25.0, "half the widths", "holds in small"),
        (67.11, 63.99, 67.10, 25.0, "half the widths", "undecided"),
        (20.00, 25.00, 28.00, 25.0, "", "undecided"),
        (20.00, 25.01, 28.00, 25.0, "", "holds"),
        (90.00, 24.00, 28.00, 25.0, "", "undecided"),
    ],
)
def test_an_accuracy_is_judged_by_its_interval(
    printed: float, low: float, high: float, blind: float, scale: str, word: str
) -> None:
    assert decide_accuracy(printed, low, high, blind, scale) == word


@pytest.mark.parametrize(
    ("ahead", "behind", "word"),
    [
        ([True, True], [False, False], "holds"),
        ([True, False], [False, False], "undecided"),
        ([True, False], [False, True], "does not hold"),
        ([False, False], [False, False], "undecided"),
    ],
)
def test_all_parts_must_say_so_and_one_may_refute(ahead: list[bool], behind: list[bool], word: str) -> None:
    assert decide(ahead, behind, "") == word
    assert decide(ahead, behind, "small") == word.replace("holds", "holds in small")


def _comparisons(p: float, points: float, overlap: bool = False, state: str = "tested") -> pd.DataFrame:
    row = {"first": "no masks", "second": "masks", "difference (points)": points, "p after Holm": p}
    return pd.DataFrame([{**row, "seeds overlap": overlap, "state": state}])


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (_comparisons(0.0499, -1.7), "holds in small"),
        (_comparisons(0.05, -1.7), "undecided"),
        (_comparisons(0.0499, 1.7), "does not hold"),
        (_comparisons(0.001, -1.7, overlap=True), "undecided"),
        (_comparisons(np.nan, -1.7, state="near chance: no answer"), "undecided"),
        (_comparisons(np.nan, -1.7, state="stand-in"), "not testable here"),
        (_comparisons(np.nan, np.nan, state="not run"), "undecided"),
    ],
)
def test_an_order_is_judged_by_the_studys_test(
    rows: pd.DataFrame, word: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The study compares in the other direction than the claim: the difference turns with it.
    monkeypatch.setattr(module, "answer_of", lambda study, finished: type("", (), {"comparisons": rows}))
    paper = _paper(Claim("X3", "masks add", "", Ahead("masking", (("masks", "no masks"),), 1.73)))
    (verdict,) = verdicts_of(paper, tmp_path)
    assert verdict.word == word
    assert verdict.scale == get_study("masking").scale
    if rows["state"][0] == "tested":
        assert verdict.ours == f"{-rows['difference (points)'][0]:+.1f} points against no masks"
    if rows["state"][0] == "not run":
        assert "ferstudy studies run masking" in verdict.why


def test_a_pair_that_the_study_does_not_compare_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="does not compare"):
        verdicts_of(_paper(Claim("X3", "", "", Ahead("masking", (("masks", "nothing"),)))), tmp_path)


@pytest.mark.parametrize(
    ("value", "step", "word"),
    [(1_000, 100, "holds"), (1_050, 100, "holds"), (1_051, 100, "does not hold"), (949, 100, "does not hold")],
)
def test_a_count_is_judged_to_its_last_printed_digit(value: float, step: float, word: str, tmp_path: Path) -> None:
    (verdict,) = verdicts_of(_paper(Claim("X1", "", "", Counts(value, step, lambda: 1_000))), tmp_path)
    assert (verdict.word, verdict.evidence, verdict.ours) == (word, "measured", "1,000")


def test_classes_are_judged_by_the_intervals_of_their_recalls() -> None:
    intervals = {"a": (0.8, 0.9), "b": (0.5, 0.8), "c": (0.2, 0.49)}
    assert not module._clear(intervals, "a", 1, every=True)
    assert module._clear(intervals, "a", 1, every=False)
    assert module._clear(intervals, "c", -1, every=True)
    assert not module._clear(intervals, "c", 1, every=False)


def test_a_claim_of_classes_is_refuted_by_one_class_on_the_wrong_side() -> None:
    claims = [Claim("F6", "", "", Extremes(STRICT, best, "", "")) for best in ("happy", "fear")]
    happy, fear = verdicts_of(_paper(*claims), RUNS)
    assert fear.word == "does not hold"
    assert happy.word in ("holds", "undecided")
    assert happy.ours == "happy 0.85"  # confusion matrix of the run's metrics.json


def test_ours_is_the_recorded_number() -> None:
    metrics = json.loads((RUNS / STRICT / "metrics.json").read_text())["PrivateTest.single"]
    (verdict,) = verdicts_of(_paper(Claim("T4", "", "", Reaches(64.53, (STRICT,)))), RUNS)
    assert verdict.percent == pytest.approx(100 * metrics["accuracy"], abs=1e-4)
    assert (verdict.low, verdict.high) == pytest.approx([100 * v for v in metrics["interval"]], abs=1e-4)
    assert (verdict.word, verdict.evidence) == ("holds", "recorded")


def test_the_average_of_one_network_with_itself_is_that_network() -> None:
    claims = [Claim("T4", "", "", Reaches(64.53, runs)) for runs in ((STRICT,), (STRICT, STRICT))]
    alone, twice = verdicts_of(_paper(*claims), RUNS)
    assert (alone.percent, alone.low) == pytest.approx((twice.percent, twice.low))


def test_synthetic_faces_decide_nothing(tmp_path: Path) -> None:
    shutil.copytree(RUNS / STRICT, tmp_path / STRICT)
    status = json.loads((tmp_path / STRICT / "status.json").read_text())
    status["dataset"]["real"] = False
    (tmp_path / STRICT / "status.json").write_text(json.dumps(status))
    (verdict,) = verdicts_of(_paper(Claim("T4", "", "", Reaches(64.53, (STRICT,)))), tmp_path)
    assert (verdict.word, verdict.evidence) == ("not testable here", "stand-in")
    assert np.isnan(verdict.percent)


@pytest.mark.parametrize("key", list_papers())
def test_every_claim_gets_a_verdict_and_a_reason(key: str, tmp_path: Path) -> None:
    paper = get_paper(key)
    known = {recipe.name for recipe in list_recipes()}
    for claim in paper.claims:
        paper.entry(claim.entry)
        runs = {Reaches: lambda t: t.runs, Extremes: lambda t: (t.run,)}.get(type(claim.test), lambda t: ())(claim.test)
        assert {run.rpartition(".s")[0] for run in runs} <= known
    for folder in (RUNS, tmp_path):
        found = verdicts_of(paper, folder)
        assert [verdict.claim for verdict in found] == list(paper.claims)
        assert sum(counted(found).values()) == len(found)
        assert list(counted(found)) == [word for word in VERDICTS if word in counted(found)]
        assert all(verdict.word in VERDICTS and verdict.why and verdict.claim.did for verdict in found)
        assert isinstance(headline(found).claim.test, Reaches)
    # Without any run nothing but counts is decided, and every other claim says what would decide it.
    for verdict in found:
        if isinstance(verdict.claim.test, Missing):
            assert verdict.word == "not testable here"
        elif not isinstance(verdict.claim.test, Counts):
            assert verdict.word == "undecided"
            assert "ferstudy studies run" in verdict.why or "ferstudy train" in verdict.why


def _paper(*claims: Claim):  # type: ignore[no-untyped-def]
    return dataclasses.replace(get_paper("residual_masking"), claims=claims)
