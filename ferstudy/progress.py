"""The state of a queue in the terminal: what is done, what is running, what is left, and for how long."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from ferstudy.recipes import Recipe
from ferstudy.session import Outcome, all_epochs
from ferstudy.training import EpochStats


class QueueProgress:
    """A line for the queue and one for every run that is being trained; a context manager.

    Args:
        work: What a recipe costs after so many of its epochs, or after those that are kept (``None``), in any unit.
        rate: Units a second that are expected before any epoch has ended.
        console: Where it is shown; standard error where not given.
    """

    def __init__(
        self, work: Callable[[Recipe, int | None], float], rate: float, console: Console | None = None
    ) -> None:
        self._work, self._rate = work, rate
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(20),
            TextColumn("{task.fields[said]}"),
            console=console or Console(stderr=True),
        )
        self._queue = self._bars.add_task("queue", total=1.0, said="")
        self._running: dict[str, TaskID] = {}
        self._left: dict[str, float] = {}
        self._waiting: list[Recipe] = []
        self._ended: list[Outcome] = []
        self._done = 0.0
        self._started = time.monotonic()

    def __enter__(self) -> QueueProgress:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def plan(self, waiting: Sequence[Recipe]) -> None:
        self._waiting = list(waiting)
        for recipe in waiting:
            self._left.setdefault(recipe.run_name, self._work(recipe, None))
        self._show()

    def begin(self, recipe: Recipe) -> None:
        self._waiting = [other for other in self._waiting if other is not recipe]
        self._left.setdefault(recipe.run_name, self._work(recipe, None))
        self._running[recipe.run_name] = self._bars.add_task(recipe.run_name, total=all_epochs(recipe), said="begins")
        self._show()

    def epoch(self, row: EpochStats, recipe: Recipe) -> None:
        epochs = row.epoch + (row.fold - 1) * recipe.epochs
        chosen = "" if math.isnan(row.select_accuracy) else f", selection {100 * row.select_accuracy:.2f} %"
        said = f"epoch {epochs} of {all_epochs(recipe)}{chosen}"
        self._bars.update(self._running[recipe.run_name], completed=epochs, said=said)
        left, before = self._work(recipe, epochs), self._work(recipe, epochs - 1)
        # Of a run that is continued, what earlier sessions did is no work of this one.
        self._done += before - left
        self._left[recipe.run_name] = left
        self._show()

    def end(self, outcome: Outcome) -> None:
        name = outcome.recipe.run_name
        self._ended.append(outcome)
        self._left.pop(name, None)
        if name in self._running:
            self._bars.remove_task(self._running.pop(name))
        self._bars.console.print(str(outcome), markup=False, highlight=False)
        self._show()

    def _show(self) -> None:
        left = sum(self._left.values())
        rate = self._done / (time.monotonic() - self._started) if self._done else self._rate
        finished = sum(outcome.state == "finished" for outcome in self._ended)
        other = len(self._ended) - finished
        said = (
            f"{finished} done, {len(self._running)} running, {len(self._waiting)} left"
            + (f", {other} not finished" if other else "")
            + f", about {_duration(left / rate)} to go"
        )
        self._bars.update(self._queue, total=(self._done + left) or 1.0, completed=self._done, said=said)


def _duration(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "an unknown time"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
