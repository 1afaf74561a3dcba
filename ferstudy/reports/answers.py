"""A study's answer as an entry of a report: its arms beside what the paper prints, and what was compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ferstudy.reports.entries import LACKING, Entries
from ferstudy.runs import Run
from ferstudy.studies.answer import Answer, answer_of
from ferstudy.studies.study import Study

Published = Mapping[str, Mapping[str, object]]


def show_answer(
    entries: Entries, entry_id: str, study: Study, finished: Mapping[str, Run], published: Published | None = None,
    note: str = "",
) -> Answer:  # fmt: skip
    """Show what a study says of an entry, with some, all or none of its runs recorded.

    Args:
        entries: The report.
        entry_id: Id in the report's catalogue.
        study: The study.
        finished: Recorded runs by name.
        published: Arm to what the paper prints of it, by column.
        note: What a reader must know besides.

    Returns:
        The answer, for figures of it.
    """
    answer = answer_of(study, finished)
    evidence = _evidence(study, finished)
    said, lacking = answer.sentence, ""
    if evidence == "not run":
        about = "" if answer.hours is None else f", about {answer.hours:.1f} core-hours at 100 GFLOP/s"
        said, lacking = "", f"No arm is recorded{about}{LACKING}ferstudy studies run {study.name}"
    note = " ".join(filter(None, (note, lacking)))
    table, scale = arms_table(answer, published or {}), study.scale if evidence != "not run" else ""
    entries.table(entry_id, table, evidence, reproduced=said, note=note, name=f"{entry_id}_{study.name}", scale=scale)
    tested = answer.comparisons[answer.comparisons["state"] == "tested"]
    if len(tested):
        name = f"{entry_id}_{study.name}_compared"
        entries.table(entry_id, comparison_table(tested), evidence, name=name, scale=scale)
    return answer


def arms_table(answer: Answer, published: Published) -> pd.DataFrame:
    """A row an arm: what is printed, ours with 95 % intervals, seeds, chance and majority, and what is not run.

    Args:
        answer: Of a study.
        published: Arm to what the paper prints of it, by column.
    """
    rows = []
    for _, arm in answer.arms.iterrows():
        row: dict[str, object] = {"arm": arm["arm"], **published.get(str(arm["arm"]), {})}
        row["selection %"] = _number(arm["selection accuracy (%)"])
        for view in _views(answer):
            row[f"{view} %"] = _interval(arm, view)
        row["seeds"] = f"{arm['runs recorded']} of {arm['runs planned']}"
        row["least to most over seeds, ten-crop %"] = ""
        row["chance, majority %"] = (
            "" if arm["state"] == "not run" else f"{arm['chance (%)']:.1f}, {arm['majority (%)']:.1f}"
        )
        hours = arm["core-hours left"]
        about = f", about {hours:.1f} core-hours" if arm["command"] and np.isfinite(hours) else ""
        row["state"] = arm["state"] + (f"; to run: {arm['command']}{about}" if arm["command"] else "")
        for view in _views(answer):
            least, most = (arm[f"{view} {end} over seeds (%)"] for end in ("least", "most"))
            if view.endswith("ten-crop") and arm["runs recorded"] > 1 and np.isfinite(least):
                row["least to most over seeds, ten-crop %"] = f"{least:.2f} to {most:.2f}"
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.loc[:, (table != "").any()]


def comparison_table(compared: pd.DataFrame) -> pd.DataFrame:
    """Comparisons that were tested, rounded as they are read: differences in points to two places, p to two digits."""
    kept = ["first", "second", "difference (points)", "only first right (images)", "only second right (images)"]
    table = compared[kept].astype({name: int for name in kept[3:]}).round({kept[2]: 2})
    for name in ("p", "p after Holm"):
        table[name] = [float(f"{value:.2g}") for value in compared[name]]
    return table


def arm_dots(answer: Answer, view: str, group: str, systems: Mapping[str, str]) -> pd.DataFrame:
    """Accuracies of arms for :func:`ferstudy.figures.interval_dots`; without those not run or near chance.

    Args:
        answer: Of a study.
        view: ``single view`` or ``ten-crop``.
        group: What the dots are called together.
        systems: Arm to the system that it is of.
    """
    arms = answer.arms[(answer.arms["state"] == "recorded") & answer.arms["arm"].isin(list(systems))]
    (heading,) = [name for name in _views(answer) if name.endswith(view)]
    ends = {"accuracy": f"{heading} (%)", "low": f"{heading} 95 % low (%)", "high": f"{heading} 95 % high (%)"}
    dots = pd.DataFrame({name: arms[column].astype(float) for name, column in ends.items()})
    return dots.assign(system=[systems[arm] for arm in arms["arm"]], set=group)


def _views(answer: Answer) -> list[str]:
    """Headings of what was scored and how, such as ``PrivateTest ten-crop``."""
    end = " 95 % low (%)"
    return [name.removesuffix(end) for name in answer.arms.columns if name.endswith(end)]


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else ""


def _interval(arm: pd.Series, view: str) -> str:
    value, low, high = (arm[f"{view}{end}"] for end in (" (%)", " 95 % low (%)", " 95 % high (%)"))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]" if np.isfinite(value) else ""


def _evidence(study: Study, finished: Mapping[str, Run]) -> str:
    runs = [run for group in study.runs(finished).values() for run in group]
    if not runs:
        return "not run"
    return "recorded" if all(run.status["dataset"]["real"] for run in runs) else "stand-in"
