"""A queue is worked off in order, whatever happens to one of its runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ferstudy.recipes import Recipe
from ferstudy.scheduler import work_off
from ferstudy.session import Job, OnEpoch, Outcome
from ferstudy.training import EpochStats
from ferstudy.workers import Lost, Workers

ROW = EpochStats(1, 0.1, 1.0, 0.5, 1.0, 0.5)


def recipe(name: str, **changes: object) -> Recipe:
    return Recipe(f"lite_xception.synthetic.{name}", "lite_xception", "synthetic").but(**changes)


class Acted(Workers):
    """Workers whose runs do as a script says: a list of exceptions, epochs and outcomes' states for each run."""

    def __init__(self, places: int = 1, **script: list[object]) -> None:
        self.places, self.script = places, script
        self.begun: list[str] = []
        self.most = self.now = 0
        self.lock = threading.Lock()
        self.jobs: list[Job] = []

    def slots(self) -> int:
        return self.places

    def attempt(self, job: Job, on_epoch: OnEpoch) -> Outcome:
        name = job.recipe.name.rsplit(".", 1)[1]
        with self.lock:
            self.begun.append(name)
            self.jobs.append(job)
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        try:
            for act in self.script.get(name, []):
                self.script[name] = self.script[name][1:]
                if isinstance(act, Exception):
                    raise act
                if act == "epoch":
                    on_epoch(ROW, job.recipe)
                else:
                    return Outcome(job.recipe, str(act))
            return Outcome(job.recipe, "finished")
        finally:
            with self.lock:
                self.now -= 1


def work(chosen: list[Recipe], workers: Workers, **more: Callable[..., None]) -> dict[str, str]:
    outcomes = work_off(lambda: chosen, lambda r: Job(r, Path("runs")), workers, **more)  # type: ignore[arg-type]
    return {name.split(".")[2]: outcome.state for name, outcome in outcomes.items()}


def test_the_most_valuable_first_and_so_many_at_a_time() -> None:
    one, three = Acted(), Acted(places=3)
    chosen = [recipe(name) for name in "abcdefg"]
    assert set(work(chosen, one).values()) == {"finished"}
    assert one.begun == list("abcdefg")
    assert one.most == 1
    assert set(work(chosen, three).values()) == {"finished"}
    assert sorted(three.begun) == list("abcdefg")
    assert three.most == 3


def test_a_run_waits_for_those_that_it_starts_from() -> None:
    a, b = recipe("a"), recipe("b")
    both = recipe("c", init=f"{a.run_name} + {b.run_name}")
    workers = Acted(places=4)
    work([both, a, b, recipe("d")], workers)
    assert workers.begun[-1] == "c"
    # Of a run that fails, nothing starts.
    workers = Acted(places=4, a=["failed"])
    assert work([a, both, b], workers) == {"a": "failed", "b": "finished", "c": "not begun"}
    # What starts from each other, never.
    a, b = recipe("a", init="lite_xception.synthetic.b.s0"), recipe("b", init="lite_xception.synthetic.a.s0")
    assert work([a, b], Acted()) == {"a": "failed", "b": "failed"}


def test_the_queue_may_grow() -> None:
    """As when a study's best arms get further seeds: asked again after every run."""
    ended: list[str] = []
    grown = [recipe("a"), recipe("b")]

    def end(outcome: Outcome) -> None:
        ended.append(outcome.recipe.name)
        if len(ended) == 2:
            grown.append(recipe("late"))

    work(grown, Acted(places=2), on_end=end)
    assert ended[2:] == ["lite_xception.synthetic.late"]


def test_a_lost_run_is_started_again() -> None:
    """Three times in a row without a new epoch at most; an epoch makes the count begin anew."""
    died = Lost("its process was ended by SIGKILL")
    workers = Acted(a=[died] * 9, b=[died, died, "epoch", died, died, "epoch", died, "finished"])
    ended: list[Outcome] = []
    assert work([recipe("a"), recipe("b")], workers, on_end=ended.append) == {"a": "failed", "b": "finished"}
    assert workers.begun == ["a"] * 4 + ["b"] * 6
    assert "ended by SIGKILL, 4 times in a row without a new epoch" in str(ended[0])
    # It continues what it began anew.
    restarted = Acted(a=[died])
    work_off(lambda: [recipe("a")], lambda r: Job(r, Path("runs"), restart=True), restarted)
    assert [job.restart for job in restarted.jobs] == [True, False]


def test_an_odd_exception_is_an_outcome() -> None:
    ended: list[Outcome] = []
    workers = Acted(places=2, a=[OSError("disk full")])
    assert work([recipe("a"), recipe("b")], workers, on_end=ended.append) == {"a": "failed", "b": "finished"}
    assert any(outcome.note == "OSError: disk full" for outcome in ended)


def test_nothing_is_begun_after_the_deadline(tmp_path: Path) -> None:
    workers = Acted()
    late = time.monotonic() - 1
    outcomes = work_off(lambda: [recipe("a"), recipe("b")], lambda r: Job(r, tmp_path, deadline=late), workers)
    assert {outcome.state for outcome in outcomes.values()} == {"not begun"}
    assert workers.begun == []


def test_an_interruption_stops_the_workers() -> None:
    def interrupt(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    workers = Acted(places=2)
    with pytest.raises(KeyboardInterrupt):
        work([recipe(name) for name in "abc"], workers, on_end=interrupt)
    assert workers.stopped
    assert "c" not in workers.begun


def test_machines_may_come_later() -> None:
    class Empty(Acted):
        refresh = 0.01
        asked = 0

        def slots(self) -> int:
            self.asked += 1
            return int(self.asked > 6)

    assert work([recipe("a")], Empty()) == {"a": "finished"}
