"""What a study's finished runs say: tables with units, and one sentence by a stated rule.

Every number is computed from the runs' predictions. Seed 0 is tested and has the interval; the other seeds say how much
of a difference the seed alone makes. All hours are at 100 GFLOP/s a core, so that a page is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import mcnemar, wilson
from ferstudy.runs import Run
from ferstudy.studies.cost import STATED_RATE
from ferstudy.studies.state import hours_left, hours_of
from ferstudy.studies.study import Study

# The probability under which a difference counts, after Holm's correction.
LEVEL = 0.05
_VIEWS = {"single": "single view", "ten_crop": "ten-crop"}
# Up to so many comparisons are told one by one.
_TOLD = 3


@dataclass(frozen=True)
class Answer:
    """What a study says.

    Attributes:
        sentence: The answer, by the rule of :func:`answer_of`.
        arms: A row an arm: runs recorded and planned, accuracies in percent with 95 % Wilson intervals (seed 0), mean,
            least and most over the seeds, chance and majority rate in percent, whether the arm is no better than these,
            and what is ``not run`` with its command.
        comparisons: A row a compared pair: difference in percentage points (seed 0), images that only one of the two
            classifies correctly, exact McNemar probability, the same after Holm's correction over the rows, and the
            spread of each arm over its seeds in percentage points.
        hours: Core-hours at 100 GFLOP/s that the missing runs take; ``None`` where that cannot be said.
    """

    sentence: str
    arms: pd.DataFrame
    comparisons: pd.DataFrame
    hours: float | None


class _Scored(NamedTuple):
    """An arm's first seed with one kind of views: predictions, targets and rows (N,); and all seeds' accuracies."""

    predicted: np.ndarray
    targets: np.ndarray
    rows: np.ndarray
    accuracies: list[float]
    at_chance: bool
    real: bool


def answer_of(study: Study, finished: Mapping[str, Run]) -> Answer:
    """The tables and the sentence of a study.

    The arms are compared by the views that choose the epoch (``select_tta`` of the first arm) on the images that the
    protocol reports. The sentence names the arms that are compared, each with its accuracy and interval; of two arms
    one is ahead where McNemar's probability after Holm's correction is below 0.05, else they are not told apart; and it
    says where the accuracies over the seeds of two such arms overlap. Of more than three comparisons it names the best
    arm, and who is ahead of or behind the arm that all are compared with. An arm whose interval reaches down to the
    larger of chance and majority rate is no answer and is named as such. Synthetic faces get no probability.

    Args:
        study: The study.
        finished: Finished runs by name (:func:`ferstudy.studies.state.finished_runs`).

    Raises:
        FerstudyError: The arms of a pair were scored on different images.
    """
    runs = study.runs(finished)
    view = next(iter(study.arms.values())).select_tta
    scored = {label: found for label in study.arms if (found := _scored(study, label, finished, runs[label], view))}
    arms = pd.DataFrame([_arm_row(study, label, finished, runs[label]) for label in study.arms])
    comparisons = _compare(study, scored)
    hours = hours_left(study, finished, None, STATED_RATE)
    return Answer(_sentence(study, scored, comparisons, view, hours), arms, comparisons, hours)


def _first(study: Study, label: str, finished: Mapping[str, Run]) -> Run | None:
    return finished.get(study.arm(label, 0).recipe.run_name)


def _predictions(run: Run, view: str) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Predicted classes, targets and rows (N,) of a run's reported images; ``None`` without such views."""
    splits = get_protocol(run.recipe.protocol).reported
    if any(f"{split}.{view}.logits" not in run.predictions for split in splits):
        return None
    logits, targets = run.logits(*splits, tta=view)
    return logits.argmax(1), targets, np.concatenate([run.predictions[f"{split}.rows"] for split in splits])


def _rates(run: Run, targets: np.ndarray) -> tuple[float, float]:
    """Chance and the share of the most frequent class."""
    return 1 / len(run.status["classes"]), float(np.bincount(targets).max() / len(targets))


def _scored(study: Study, label: str, finished: Mapping[str, Run], runs: Sequence[Run], view: str) -> _Scored | None:
    first = _first(study, label, finished)
    found = None if first is None else _predictions(first, view)
    if first is None or found is None:
        return None
    predicted, targets, rows = found
    low, _ = wilson(int((predicted == targets).sum()), len(targets))
    accuracies = _accuracies(runs, view)
    at_chance = low <= max(_rates(first, targets))
    return _Scored(predicted, targets, rows, accuracies, at_chance, bool(first.status["dataset"]["real"]))


def _accuracies(runs: Sequence[Run], view: str) -> list[float]:
    """Accuracies in percent of all seeds."""
    found = [predictions for run in runs if (predictions := _predictions(run, view))]
    return [100 * float((predicted == targets).mean()) for predicted, targets, _ in found]


def _arm_row(study: Study, label: str, finished: Mapping[str, Run], runs: Sequence[Run]) -> dict[str, object]:
    recipe = study.arms[label]
    split = " + ".join(get_protocol(recipe.protocol).reported)
    first = _first(study, label, finished)
    planned = sum(arm.label == label for arm in study.planned(finished))
    row: dict[str, object] = {"arm": label, "runs recorded": len(runs), "runs planned": planned}
    row["selection accuracy (%)"] = np.nan if first is None else 100 * first.selection_accuracy
    near = []
    rates = (np.nan, np.nan)
    for view, said in _VIEWS.items():
        found = None if first is None else _predictions(first, view)
        values = [np.nan] * 3
        if first is not None and found is not None:
            predicted, targets, _ = found
            right = int((predicted == targets).sum())
            values = [100 * value for value in (right / len(targets), *wilson(right, len(targets)))]
            rates = _rates(first, targets)
            near.append(values[1] <= 100 * max(rates))
        over_seeds = _accuracies(runs, view) or [np.nan]
        heading = f"{split} {said}"
        row |= dict(zip((f"{heading} (%)", f"{heading} 95 % low (%)", f"{heading} 95 % high (%)"), values, strict=True))
        for name, function in (("mean", np.mean), ("least", np.min), ("most", np.max)):
            row[f"{heading} {name} over seeds (%)"] = float(function(over_seeds))
    row["chance (%)"], row["majority (%)"] = (100 * rate for rate in rates)
    row["near chance"] = any(near)
    row["state"] = "not run" if first is None else "near chance: no answer" if any(near) else "recorded"
    row["command"] = "" if len(runs) >= planned else f"ferstudy studies run {study.name}"
    lacking = [arm.recipe for arm in study.planned(finished) if arm.label == label]
    hours = hours_of((recipe for recipe in lacking if recipe.run_name not in finished), None, STATED_RATE)
    row["core-hours left"] = np.nan if hours is None else round(hours, 2)
    return row


_COLUMNS = ("first", "second", "difference (points)", "only first right (images)", "only second right (images)",
            "p", "p after Holm", "spread over seeds, first (points)", "spread over seeds, second (points)",
            "seeds overlap", "near chance", "state")  # fmt: skip


def _compare(study: Study, scored: Mapping[str, _Scored]) -> pd.DataFrame:
    """A row a compared pair, tested where both are there, tell images better than by chance and are of real faces."""
    from statsmodels.stats.multitest import multipletests

    rows: list[dict[str, object]] = []
    for first, second in study.compared:
        row: dict[str, object] = {
            **dict.fromkeys(_COLUMNS, np.nan),
            "first": first,
            "second": second,
            "state": "not run",
        }
        row["near chance"] = any(scored[label].at_chance for label in (first, second) if label in scored)
        row["seeds overlap"] = False
        if first in scored and second in scored:
            a, b = scored[first], scored[second]
            if not np.array_equal(a.rows, b.rows):
                raise FerstudyError(f"study {study.name}: {first} and {second} were scored on different images")
            test = mcnemar(a.predicted, b.predicted, a.targets)
            points = 100 * (test.only_first - test.only_second) / len(a.targets)
            spreads = [max(x.accuracies) - min(x.accuracies) if len(x.accuracies) > 1 else np.nan for x in (a, b)]
            row |= {
                "difference (points)": points,
                "only first right (images)": test.only_first,
                "only second right (images)": test.only_second,
                "spread over seeds, first (points)": spreads[0],
                "spread over seeds, second (points)": spreads[1],
                "state": "near chance: no answer" if row["near chance"] else "stand-in",
                "seeds overlap": _overlap(a.accuracies, b.accuracies),
            }
            if a.real and b.real and not row["near chance"]:
                row |= {"p": test.p_value, "state": "tested"}
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    tested = frame["p"].notna()
    if tested.any():
        frame.loc[tested, "p after Holm"] = multipletests(frame.loc[tested, "p"].astype(float), method="holm")[1]
    return frame


def _overlap(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether some seed of the worse of two arms reaches one of the better; of one seed each, nobody knows."""
    return max(len(a), len(b)) > 1 and max(min(a), min(b)) <= min(max(a), max(b))


def _sentence(
    study: Study, scored: Mapping[str, _Scored], comparisons: pd.DataFrame, view: str, hours: float | None
) -> str:
    said = {label: _accuracy(found) for label, found in scored.items() if not found.at_chance}
    near = [label for label in scored if scored[label].at_chance]
    parts = []
    usable = comparisons[comparisons["state"].isin(["tested", "stand-in"])]
    if said and (len(usable) > _TOLD or usable.empty):
        best = max(said, key=lambda label: (scored[label].predicted == scored[label].targets).mean())
        parts.append(f"{best} {said[best]}" + (f" is the best of {len(said)}" if len(said) > 1 else ""))
    if len(usable) > _TOLD:
        parts += _grouped(usable, said)
    elif len(usable):
        named = dict.fromkeys(label for pair in zip(usable["first"], usable["second"], strict=True) for label in pair)
        verdicts = "; ".join(_verdict(row) for _, row in usable.iterrows())
        parts.append(f"{', '.join(f'{label} {said[label]}' for label in named)}: {verdicts}")
    if near:
        parts.append(f"no answer, for near chance: {', '.join(near)}")
    lacking = [label for label in study.arms if label not in scored]
    if lacking:
        names = "all arms" if len(lacking) == len(study.arms) else ", ".join(lacking)
        about = "" if hours is None else f", about {hours:.1f} core-hours at 100 GFLOP/s"
        parts.append(f"not run: {names} (ferstudy studies run {study.name}{about})")
    sentence = "; ".join(parts)
    return sentence + (f" ({_VIEWS.get(view, view)})" if said else "")


def _accuracy(found: _Scored) -> str:
    right, images = int((found.predicted == found.targets).sum()), len(found.targets)
    low, high = (100 * value for value in wilson(right, images))
    return f"{100 * right / images:.1f} % [{low:.1f}, {high:.1f}]"


def _verdict(row: pd.Series) -> str:
    """Who of two is ahead, as far as the test and the seeds say."""
    points = float(row["difference (points)"])
    ahead, behind = (row["first"], row["second"]) if points >= 0 else (row["second"], row["first"])
    seeds = ", though the seeds overlap" if row["seeds overlap"] else ""
    if row["state"] == "stand-in":
        return f"{ahead} is {abs(points):.1f} points above {behind} on synthetic faces"
    if row["p after Holm"] < LEVEL:
        return f"{ahead} is ahead of {behind} by {abs(points):.1f} points (p {_probability(row)} after Holm{seeds})"
    return f"{ahead} and {behind} are not told apart ({abs(points):.1f} points, p {_probability(row)} after Holm)"


def _probability(row: pd.Series) -> str:
    value = float(row["p after Holm"])
    return "< .001" if value < 0.001 else f"= {value:.3f}".replace("0.", ".", 1)


def _grouped(rows: pd.DataFrame, said: Mapping[str, str]) -> list[str]:
    """Of many comparisons: against whom, and who is ahead, behind or neither."""
    sides = [set(rows[side]) for side in ("first", "second")]
    common = next((next(iter(side)) for side in sides if len(side) == 1), None)
    if common is None:
        return ["; ".join(_verdict(row) for _, row in rows.iterrows())]
    groups: dict[str, list[str]] = {"ahead": [], "behind": [], "not told apart": []}
    for _, row in rows.iterrows():
        other = row["second"] if row["first"] == common else row["first"]
        points = float(row["difference (points)"]) * (-1 if row["first"] == common else 1)
        tested = row["state"] == "tested"
        counts = row["p after Holm"] < LEVEL if tested else True
        groups["not told apart" if not counts else "ahead" if points > 0 else "behind"].append(other)
    listed = "; ".join(f"{name}: {', '.join(labels)}" for name, labels in groups.items() if labels)
    how = "after Holm" if (rows["state"] == "tested").all() else "on synthetic faces, untested"
    return [f"against {common} {said[common]}, {how}: {listed}"]
