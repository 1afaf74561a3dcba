"""A session ends in time, in the order of value, and the next one goes on."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudy.archive import SHEET
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.recipes import Recipe
from ferstudy.runs import load_run
from ferstudy.session import Outcome, packing_seconds, parse_duration, right_decisions, standing, train_in_turn
from ferstudy.training import EpochStats, _Trainer, load_data, train


def small(variant: str, **changes: object) -> Recipe:
    options = {"train": 96, "public": 32, "private": 64}
    return Recipe(
        f"lite_xception.synthetic.{variant}", "lite_xception", "synthetic", dataset_options=options, epochs=3,
        batch_size=32, tta=("single",),
    ).but(**changes)  # fmt: skip


def test_durations() -> None:
    assert [parse_duration(text) for text in ("90s", "9m", "1.5h", "0s")] == [90, 540, 5400, 0]
    for text in ("9", "m", "-9m", "9 m", "9d", ""):
        with pytest.raises(FerstudyError, match="expected a number with s, m or h"):
            parse_duration(text)
    assert packing_seconds(540, 2) == 5
    assert packing_seconds(4, 2) == 2


def test_the_next_session_goes_on_where_the_time_was_up(tmp_path: Path) -> None:
    """The clock stops the second of three recipes after its first epoch; the next session ends all three."""
    chosen = [small(x) for x in "abc"]
    clock = Clock()
    outcomes = train_in_turn(chosen, out=tmp_path, deadline=clock.deadline, on_epoch=clock.strike)
    assert [(o.state, o.epochs) for o in outcomes] == [("finished", 3), ("partial", 1), ("not begun", 0)]
    assert "partial at epoch 1 of 3; it continues" in str(outcomes[1])
    seen: list[tuple[str, int]] = []
    outcomes = train_in_turn(
        chosen, out=tmp_path, on_epoch=lambda row, recipe: seen.append((recipe.name[-1], row.epoch))
    )
    assert {o.state for o in outcomes} == {"finished"}
    assert seen == [("b", 2), ("b", 3), ("c", 1), ("c", 2), ("c", 3)]
    whole = train(chosen[1], out=tmp_path / "whole")
    assert outcomes[1].run is not None
    assert outcomes[1].run.history.equals(whole.history)


class Clock(float):
    """A deadline that comes after the fourth epoch that is reported."""

    def __init__(self) -> None:
        self.deadline = _Moment()

    def strike(self, row: EpochStats, recipe: Recipe) -> None:
        self.deadline.epochs += 1


class _Moment(float):
    epochs = 0

    def __new__(cls) -> _Moment:
        return super().__new__(cls, math.inf)

    def __lt__(self, other: float) -> bool:
        return self.epochs >= 4

    __le__ = __lt__

    def __gt__(self, other: float) -> bool:
        return self.epochs < 4


def test_an_epoch_that_outlasts_the_deadline_is_dropped(tmp_path: Path) -> None:
    """One long epoch of unknown length: the session ends within a step of its time, without it."""
    long = small("long", dataset_options={"train": 4000, "public": 32, "private": 32})
    load_data(long)
    began = time.monotonic()
    (outcome,) = train_in_turn([long], out=tmp_path, deadline=began + 1.0)
    whole = time.monotonic() - began
    assert outcome.state == "not begun"
    assert list(tmp_path.iterdir()) == []
    began = time.monotonic()
    train(long.but(epochs=1), out=tmp_path)
    assert whole < time.monotonic() - began


def test_no_scoring_is_begun_that_would_end_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The epochs are kept, and scored in the next session. A quarter more than 1 + 2 + 10 views of both splits."""
    slow = small("slow", epochs=2, tta=("single", "flip", "ten_crop"))
    estimate = _Trainer.scoring_seconds
    expected: list[float] = []

    def hours(trainer: _Trainer) -> float:
        assert estimate(trainer) == pytest.approx(1.25 * trainer.view_seconds * 13 * (32 + 64))
        expected.append(estimate(trainer))
        return 3600.0

    monkeypatch.setattr(_Trainer, "scoring_seconds", hours)
    (outcome,) = train_in_turn([slow], out=tmp_path, deadline=time.monotonic() + 1800)
    assert (outcome.state, outcome.epochs) == ("partial", 2)
    assert standing(slow, tmp_path) == outcome
    assert expected[0] > 0
    monkeypatch.undo()
    assert train_in_turn([slow], out=tmp_path, deadline=time.monotonic() + 1800)[0].state == "finished"


def test_one_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    lost = Recipe("lite_xception.fer2013.lost", "lite_xception", epochs=1)
    ended: list[Outcome] = []
    outcomes = train_in_turn([lost, small("a", epochs=1)], root=str(tmp_path), out=tmp_path, on_end=ended.append)
    assert [o.state for o in outcomes] == ["failed", "finished"]
    assert "fer2013 is not in" in str(outcomes[0])
    assert ended == outcomes


def test_two_recipes_of_one_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="comes twice"):
        train_in_turn([small("a"), small("a", epochs=1)], out=tmp_path)


def test_a_sheet_shows_right_decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run's decisions are written by hand: what few epochs learn differs between processors."""
    recipe = small("sheet", epochs=1)
    run, data = train(recipe, out=tmp_path), load_data(recipe)
    rows, targets = (run.predictions[f"PrivateTest.{what}"] for what in ("rows", "targets"))
    present = sorted(set(targets.tolist()))
    missed = present[-1]
    decided = np.where(targets == missed, present[0], targets)
    decided[np.flatnonzero(targets == present[1])[0]] = missed
    logits = np.eye(len(data.classes), dtype=np.float32)[decided]
    np.savez(run.folder / "predictions.npz", **{**run.predictions, "PrivateTest.single.logits": logits})
    (outcome,) = train_in_turn([recipe], out=tmp_path, sheets=True)
    assert (outcome.run, outcome.note) == (load_run(run.folder), "")
    assert outcome.run is not None
    # Of the second class the first face is missed, so that the next one is shown.
    shown = [rows[targets == label][int(label == present[1])] for label in present[:-1]]
    assert data.rows[right_decisions(outcome.run, data)].tolist() == shown
    with Image.open(run.folder / SHEET) as picture:
        assert picture.width > 200
    (run.folder / SHEET).unlink()
    monkeypatch.setitem(sys.modules, "pytorch_grad_cam", None)
    (again,) = train_in_turn([recipe], out=tmp_path, sheets=True)
    assert again.note == "no Grad-CAM sheet, for pytorch_grad_cam is not installed"


def test_right_decisions_are_those_of_the_last_fold(tmp_path: Path) -> None:
    """Folds are scored one after the other, and the weights are the last one's."""
    recipe = small("folds", protocol="random5", folds=2, epochs=1)
    data = load_data(recipe)
    run = train(recipe, data=data, out=tmp_path)
    last = get_protocol(recipe.protocol).folds(data)[1]
    assert set(right_decisions(run, data)) <= set(np.asarray(last.score["Test"]).tolist())
    assert "partial at epoch 1 of 2" in str(Outcome(recipe, "partial", 1))
