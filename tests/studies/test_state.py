"""What is left of the studies: neither recorded nor finished, with what it starts from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ferstudy import recipes
from ferstudy.recipes import Recipe
from ferstudy.runs import WEIGHTS
from ferstudy.studies.state import finished_runs, missing, study_rows
from ferstudy.studies.study import Study

START = Recipe("lite_xception.fer2013.start", "lite_xception", epochs=10)
TUNED = START.but(name="lite_xception.fer2013.tuned", init=START.run_name)
STUDY = Study("tuned", 1, ("F1", "T1"), "Does tuning help?", {"start": START, "tuned": TUNED}, seeds=2)


def write(folder: Path, recipe: Recipe, weights: bool = False) -> None:
    run = folder / recipe.run_name
    run.mkdir(parents=True)
    (run / "recipe.yaml").write_text(recipes.to_yaml(recipe))
    (run / "status.json").write_text(json.dumps({}))
    if weights:
        (run / WEIGHTS).write_bytes(b"")


def names(out: Path, recorded: Path) -> list[str]:
    return [recipe.run_name.removeprefix("lite_xception.fer2013.") for recipe in missing([STUDY], out, [recorded])]


def test_what_is_missing(tmp_path: Path) -> None:
    out, recorded = tmp_path / "runs", tmp_path / "recorded"
    assert names(out, recorded) == ["start.s0", "tuned.s0", "start.s1", "tuned.s1"]
    write(out, START, weights=True)
    assert names(out, recorded) == ["tuned.s0", "start.s1", "tuned.s1"]
    write(recorded, TUNED)
    assert names(out, recorded) == ["start.s1", "tuned.s1"]
    # Recorded without weights: it is trained again for what starts from it, and only for that.
    write(recorded, START.but(seed=1))
    assert names(out, recorded) == ["start.s1", "tuned.s1"]
    write(recorded, STUDY.arm("tuned", 1).recipe)
    assert names(out, recorded) == []


def test_a_run_of_another_recipe_is_none(tmp_path: Path) -> None:
    write(tmp_path, START.but(epochs=5))
    write(tmp_path, TUNED.but(cites="other words"))
    assert list(finished_runs([STUDY], tmp_path)) == [TUNED.run_name]


def test_rows(tmp_path: Path) -> None:
    (whole,) = study_rows({"paper": [STUDY]}, tmp_path, [], rate=1e9)
    assert {key: whole[key] for key in ("name", "paper", "arms", "seeds", "runs", "recorded", "command")} == {
        "name": "tuned", "paper": "paper", "arms": 2, "seeds": "2", "runs": 4, "recorded": 0,
        "command": "ferstudy studies run tuned",
    }  # fmt: skip
    write(tmp_path, START)
    (three,) = study_rows({"paper": [STUDY]}, tmp_path, [], rate=1e9)
    assert three["recorded"] == 1
    assert three["hours_left"] == pytest.approx(0.75 * whole["hours_left"])


def test_seeds_of_the_best_are_counted_before_they_are_known(tmp_path: Path) -> None:
    arms = {label: START.but(name=f"lite_xception.fer2013.{label}") for label in "abc"}
    study = Study("best", 1, (), "", arms, best=2, best_seeds=3)
    (row,) = study_rows({"paper": [study]}, tmp_path, [], rate=1e9)
    assert (row["runs"], row["seeds"]) == (9, "1, the best 2: 3 more")
    (one,) = study_rows({"paper": [Study("one", 1, (), "", {"a": arms["a"]})]}, tmp_path, [], rate=1e9)
    assert row["hours_left"] == pytest.approx(9 * one["hours_left"])
