"""What becomes of a paper's claims. A verdict follows from the recorded numbers by one rule, never by hand.

The rule. Every claim has one or several parts, and each part of ours either says what is claimed, or the opposite, or
neither. A claim **holds** where all parts say so, it **does not hold** where one says the opposite, and it is
**undecided** otherwise, as where its runs are not recorded yet. What a part says:

- an accuracy: our 95 % Wilson interval contains the printed number or lies above it (so), or ends below it (the
  opposite). Neither, where it reaches down to what naming the most frequent class gives, and where a network that is
  smaller than the paper's, or lacks its start, falls short;
- two systems: McNemar's test gives less than 0.05 after Holm's correction over the study, and their seeds do not
  overlap, in the claimed direction (so) or the other (the opposite);
- the class recognised best or worst: the 95 % interval of its recall touches no other class's (so), or lies wholly on
  the wrong side of one (the opposite);
- a count: it equals ours to the last printed digit (so), or does not (the opposite).

What holds for something smaller than the paper's, or without its start, **holds in small**. What needs data or hardware
that cannot be had is **not testable here**; so is what only synthetic faces could show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import average_probabilities, metrics_of, wilson
from ferstudy.papers import Claim, Paper, get_study, list_studies
from ferstudy.papers._claim import Ahead, Counts, Extremes, Missing, Reaches
from ferstudy.runs import Run, list_runs
from ferstudy.studies.answer import LEVEL, answer_of
from ferstudy.studies.state import finished_runs

HOLDS, IN_SMALL, FAILS, UNDECIDED, UNTESTABLE = (
    "holds",
    "holds in small",
    "does not hold",
    "undecided",
    "not testable here",
)
VERDICTS = {
    HOLDS: "our number reaches the printed one, or our test says the same",
    IN_SMALL: "the same, of something smaller than the paper's",
    FAILS: "our number stays below the printed one, or our test says the opposite",
    UNDECIDED: "our numbers allow both, or are not recorded yet",
    UNTESTABLE: "it needs data or hardware that cannot be had",
}


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        claim: The claim.
        word: One of :data:`VERDICTS`.
        why: In one sentence; where something is not recorded, with the command that would.
        ours: Our number in a few words; empty where there is none.
        evidence: Where ours comes from, as in :data:`ferstudy.reports.entries.EVIDENCE`.
        scale: What is smaller than in the paper, or left out.
        percent, low, high: Our accuracy and its 95 % interval in percent; NaN where the claim is none of accuracy.
    """

    claim: Claim
    word: str
    why: str
    ours: str = ""
    evidence: str = "not run"
    scale: str = ""
    percent: float = np.nan
    low: float = np.nan
    high: float = np.nan


def verdicts_of(paper: Paper, folder: Path) -> list[Verdict]:
    """The verdicts of a paper's claims, in their order, the headline first.

    Args:
        paper: The paper.
        folder: Folder of recorded runs.
    """
    finished = {run.name: run for run in list_runs(folder)}
    found = []
    for claim in paper.claims:
        match claim.test:
            case Reaches():
                found.append(_reaches(claim, claim.test, finished))
            case Ahead():
                found.append(_ahead(claim, claim.test, folder))
            case Extremes():
                found.append(_extremes(claim, claim.test, finished))
            case Counts():
                found.append(_counts(claim, claim.test))
            case Missing():
                found.append(Verdict(claim, UNTESTABLE, f"it needs {claim.test.what}", scale=claim.scale))
    return found


def decide(ahead: Iterable[bool], behind: Iterable[bool], scale: str) -> str:
    """The rule's word for a claim whose parts are each so, the opposite, or neither.

    Args:
        ahead: Of each part, whether ours says so.
        behind: Of each part, whether ours says the opposite.
        scale: What is smaller than in the paper; empty where nothing is.
    """
    if any(behind):
        return FAILS
    if all(ahead):
        return IN_SMALL if scale else HOLDS
    return UNDECIDED


def decide_accuracy(printed: float, low: float, high: float, blind: float, scale: str) -> str:
    """The rule's word for an accuracy.

    Args:
        printed: What is claimed.
        low, high: Our interval.
        blind: What always naming the most frequent class gives, or chance where that is more.
        scale: What is smaller than in the paper; empty where nothing is.
    """
    if low <= blind:
        return UNDECIDED
    reached = high >= printed
    return decide([reached], [not reached and not scale], scale)


def _reaches(claim: Claim, test: Reaches, finished: Mapping[str, Run]) -> Verdict:
    lacking = [name for name in test.runs if name not in finished]
    if lacking:
        return _unrecorded(claim, lacking)
    runs = [finished[name] for name in test.runs]
    splits = test.splits or get_protocol(runs[0].recipe.protocol).reported
    members = [run.logits(*splits, tta=test.tta) for run in runs]
    targets = members[0][1]
    scores = members[0][0] if len(runs) == 1 else np.log(average_probabilities([logits for logits, _ in members]))
    metrics = metrics_of(scores, targets)
    percent, low, high = (100 * share for share in (metrics.accuracy, *metrics.interval))
    blind = 100 * max(1 / scores.shape[1], max(metrics.support) / metrics.images)
    ours = f"{percent:.2f} % [{low:.2f}, {high:.2f}]"
    if not all(run.status["dataset"]["real"] for run in runs):
        return Verdict(claim, UNTESTABLE, "only synthetic faces were scored", ours, "stand-in", claim.scale)
    word = decide_accuracy(test.percent, low, high, blind, claim.scale)
    if word in (HOLDS, IN_SMALL):
        why = f"our interval {'lies above' if low > test.percent else 'contains'} the printed {test.printed}"
    elif low <= blind:
        why = f"our interval reaches down to {blind:.2f} %, which the most frequent class alone gives"
    else:
        why = f"our interval ends {test.percent - high:.2f} points below the printed {test.printed}"
        why += ", which something smaller or without the paper's start cannot refute" if word == UNDECIDED else ""
    return Verdict(claim, word, why, ours, "recorded", claim.scale, percent, low, high)


def _unrecorded(claim: Claim, runs: Iterable[str]) -> Verdict:
    """Undecided for want of runs, with the commands that train them."""
    commands = dict.fromkeys(map(_command, runs))
    return Verdict(claim, UNDECIDED, f"not recorded yet: {'; '.join(commands)}", scale=claim.scale)


def _command(run: str) -> str:
    """What trains a run: the study that it belongs to, else its recipe."""
    for study in list_studies():
        if any(study.arm(label, seed).recipe.run_name == run for label in study.arms for seed in range(3)):
            return f"ferstudy studies run {study.name}"
    return f"ferstudy train {run.rpartition('.s')[0]}"


def _ahead(claim: Claim, test: Ahead, folder: Path) -> Verdict:
    study = get_study(test.study)
    rows = answer_of(study, finished_runs([study], folder)).comparisons
    pairs = [_oriented(rows, better, worse) for better, worse in test.pairs or study.compared]
    scale = claim.scale or study.scale
    tested = [pair for pair in pairs if pair.state == "tested"]
    if any(pair.state == "not run" for pair in pairs):
        missing = sum(pair.state == "not run" for pair in pairs)
        why = f"comparisons not recorded yet, {missing} of {len(pairs)}: ferstudy studies run {study.name}"
        return Verdict(claim, UNDECIDED, why, scale=scale)
    if any(pair.state == "stand-in" for pair in pairs):
        return Verdict(claim, UNTESTABLE, "only synthetic faces were scored", "", "stand-in", scale)
    ours = "; ".join(f"{pair.points:+.1f} points against {pair.worse}" for pair in pairs)
    if len(pairs) > 3:
        ours = f"{min(p.points for p in pairs):+.1f} to {max(p.points for p in pairs):+.1f} points"
    word = decide([pair.ahead for pair in pairs], [pair.behind for pair in pairs], scale)
    near = len(pairs) - len(tested)
    ahead, behind = (sum(getattr(pair, name) for pair in pairs) for name in ("ahead", "behind"))
    why = f"of {len(pairs)} comparisons {ahead} say so and {behind} the opposite, by McNemar's test after Holm"
    why += f"; {near} are of networks near chance" if near else ""
    return Verdict(claim, word, why, ours, "recorded", scale)


@dataclass(frozen=True)
class _Pair:
    """A comparison of a study, turned so that the arm that is claimed to be better comes first."""

    worse: str
    points: float
    ahead: bool
    behind: bool
    state: str


def _oriented(rows: pd.DataFrame, better: str, worse: str) -> _Pair:
    for sign, first, second in ((1, better, worse), (-1, worse, better)):
        found = rows[(rows["first"] == first) & (rows["second"] == second)]
        if len(found):
            row = found.iloc[0]
            points = sign * float(row["difference (points)"])
            sure = row["state"] == "tested" and row["p after Holm"] < LEVEL and not row["seeds overlap"]
            return _Pair(worse, points, bool(sure and points > 0), bool(sure and points < 0), str(row["state"]))
    raise FerstudyError(f"the study does not compare {better!r} with {worse!r}")


def _extremes(claim: Claim, test: Extremes, finished: Mapping[str, Run]) -> Verdict:
    if test.run not in finished:
        return _unrecorded(claim, [test.run])
    run = finished[test.run]
    metrics = metrics_of(*run.logits(*get_protocol(run.recipe.protocol).reported))
    intervals = {}
    for name, images, recall in zip(run.status["classes"], metrics.support, metrics.recall, strict=True):
        intervals[name] = wilson(round(recall * images), images)
    ahead, behind, said = [], [], []
    recalls = dict(zip(run.status["classes"], metrics.recall, strict=True))
    for extreme, sign in ((test.best, 1), (test.worst, -1)):
        if extreme:
            ahead.append(_clear(intervals, extreme, sign, every=True))
            behind.append(_clear(intervals, extreme, -sign, every=False))
            said.append(f"{extreme} {recalls[extreme]:.2f}")
    word = decide(ahead, behind, claim.scale)
    order = sorted(recalls, key=lambda name: -recalls[name])
    why = (
        f"in ours {order[0]} is recognised best ({recalls[order[0]]:.2f}), {order[-1]} worst ({recalls[order[-1]]:.2f})"
    )
    why += "; an interval touches another class's" if word == UNDECIDED else ""
    return Verdict(claim, word, why, ", ".join(said), "recorded", claim.scale)


def _clear(intervals: Mapping[str, tuple[float, float]], name: str, sign: int, every: bool) -> bool:
    """Whether a class's interval lies wholly above (1) or below (-1) those of all other classes, or of one of them."""
    low, high = intervals[name]
    others = [interval for other, interval in intervals.items() if other != name]
    apart = [low > their[1] if sign > 0 else high < their[0] for their in others]
    return all(apart) if every else any(apart)


def _counts(claim: Claim, test: Counts) -> Verdict:
    ours = test.compute()
    same = abs(ours - test.value) <= test.step / 2
    word = decide([same], [not same], claim.scale)
    why = (
        "ours is the same to the last printed digit"
        if same
        else f"ours is {ours / test.value:.2f} times the printed number"
    )
    return Verdict(claim, word, why, f"{ours:,.0f}", "measured", claim.scale)


def counted(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many verdicts bear each word, those that some bear, in the order of :data:`VERDICTS`."""
    words = [verdict.word for verdict in verdicts]
    return {word: words.count(word) for word in VERDICTS if word in words}


def headline(verdicts: Iterable[Verdict]) -> Verdict:
    """The first claim of an accuracy; every paper has one."""
    return next(verdict for verdict in verdicts if isinstance(verdict.claim.test, Reaches))
