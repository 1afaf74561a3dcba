"""A study's answer on a page: right with none, some and all arms recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from ferstudy.data import FaceDataset
from ferstudy.recipes import Recipe
from ferstudy.reports.answers import arm_dots, arms_table, show_answer
from ferstudy.reports.catalogue import get_report
from ferstudy.reports.entries import Entries
from ferstudy.runs import Run
from ferstudy.studies.study import Study
from ferstudy.training import train


@pytest.fixture
def study(tiny: Recipe) -> Study:
    arms = {name: tiny.but(name=f"{tiny.model}.dots.{name}", epochs=1) for name in ("first", "second")}
    return Study("asked", 1, ("T4",), "Which?", arms, compared=(("first", "second"),), scale="smaller")


@pytest.fixture
def first(study: Study, dots: FaceDataset, tmp_path: Path) -> dict[str, Run]:
    run = train(study.arms["first"], data=dots, out=tmp_path / "runs")
    return {run.name: run}


def entries_in(folder: Path) -> Entries:
    return Entries(get_report("lite_xception"), "smoke", folder)


def test_nothing_recorded_is_not_run_beside_what_is_printed(study: Study, tmp_path: Path) -> None:
    entries = entries_in(tmp_path / "lite_xception")
    show_answer(entries, "T4", study, {}, {"first": {"published %": "70.1"}})
    entry = entries._entries["T4"]
    assert (entry.evidence, entry.reproduced, entry.scale) == ("not run", "", "")
    assert "ferstudy studies run asked" in entry.note
    table = (tmp_path / "lite_xception" / "T4_asked.csv").read_text(encoding="utf-8")
    assert "70.1" in table
    assert table.count("to run: ferstudy studies run asked") == 2


def test_some_recorded_are_shown_and_the_others_are_not_run(
    study: Study, first: dict[str, Run], tmp_path: Path
) -> None:
    entries = entries_in(tmp_path / "lite_xception")
    answer = show_answer(entries, "T4", study, first)
    entry = entries._entries["T4"]
    (run,) = first.values()
    assert entry.evidence == ("recorded" if run.status["dataset"]["real"] else "stand-in")
    assert entry.scale == "smaller"
    assert "not run: second" in entry.reproduced
    table = arms_table(answer, {}).set_index("arm")
    logits, targets = run.logits("PrivateTest")
    accuracy = 100 * (logits.argmax(1) == targets).mean()
    assert str(table.loc["first", "PrivateTest single view %"]).startswith(f"{accuracy:.2f} [")
    assert table.loc["second", "PrivateTest single view %"] == ""
    assert table["seeds"].tolist() == ["1 of 1", "0 of 1"]


def test_dots_are_of_recorded_arms_alone(study: Study, first: dict[str, Run], tmp_path: Path) -> None:
    answer = show_answer(entries_in(tmp_path / "lite_xception"), "T4", study, first)
    answer.arms["state"] = ["recorded", "not run"]
    found = arm_dots(answer, "single view", "ours", {"first": "one", "second": "two"})
    assert found["system"].tolist() == ["one"]
    assert (found["low"] <= found["accuracy"]).all()
    assert (found["accuracy"] <= found["high"]).all()
