"""A queue of recipes is worked off: what is ready is trained, so many at a time, until all is done or the time is up.

Where the runs are trained is the workers' matter (:mod:`ferstudy.workers`): in this process, in processes beside it, or
on a Ray cluster. The queue may grow while it is worked off, as when a study's best arms get further seeds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace

from ferstudy.errors import FerstudyError
from ferstudy.recipes import Recipe
from ferstudy.session import Job, OnEpoch, Outcome, standing
from ferstudy.training import EpochStats
from ferstudy.workers import Lost, Workers

# How often a run whose process died without a new epoch is started again.
_RESTARTS = 3
# How long such a run may still be held by what is dying.
_PATIENCE_SECONDS = 60.0


def work_off(
    left: Callable[[], Sequence[Recipe]],
    job: Callable[[Recipe], Job],
    workers: Workers,
    *,
    on_plan: Callable[[Sequence[Recipe]], None] = lambda waiting: None,
    on_begin: Callable[[Recipe], None] = lambda recipe: None,
    on_epoch: OnEpoch = lambda row, recipe: None,
    on_end: Callable[[Outcome], None] = lambda outcome: None,
) -> dict[str, Outcome]:
    """Train what is left, the most valuable first; whatever happens to one run does not stop the others.

    A run whose ``init`` names another run of the queue waits for it. A run whose process dies is started again and
    continues from its last epoch, three times in a row without a new epoch at most.

    Args:
        left: The recipes that are left, the most valuable first; asked whenever a run has ended. What was begun before
            may be among them or not.
        job: How a recipe is trained.
        workers: Where.
        on_plan: Called with the recipes that wait, whenever they have changed.
        on_begin: Called before a recipe is trained.
        on_epoch: Called after every epoch; as all of these, one call at a time.
        on_end: Called after a recipe.

    Returns:
        What became of each recipe, by the name of its run.
    """
    outcomes: dict[str, Outcome] = {}
    running: dict[Future[Outcome], Recipe] = {}
    one_call = threading.Lock()

    def told(row: EpochStats, recipe: Recipe) -> None:
        with one_call:
            on_epoch(row, recipe)

    def end(outcome: Outcome) -> None:
        outcomes[outcome.recipe.run_name] = outcome
        with one_call:
            on_end(outcome)

    with workers.executor() as executor:
        try:
            while True:
                begun = {recipe.run_name for recipe in running.values()}
                waiting = {r.run_name: r for r in left() if r.run_name not in outcomes and r.run_name not in begun}
                with one_call:
                    on_plan(list(waiting.values()))
                known = len(outcomes)
                for name, recipe in waiting.items():
                    if len(running) >= workers.slots():
                        break
                    starts = set(recipe.init.split(" + ")) - {name}
                    if time.monotonic() >= job(recipe).deadline:
                        end(_standing(recipe, job(recipe)))
                    elif lost := [outcomes[s] for s in starts & set(outcomes) if outcomes[s].state != "finished"]:
                        end(Outcome(recipe, "not begun", note=f"it starts from a run that is {lost[0].state}"))
                    elif not starts & (set(waiting) - set(outcomes) | begun):
                        with one_call:
                            on_begin(recipe)
                        running[executor.submit(_persist, job(recipe), workers, told)] = recipe
                        begun.add(name)
                still = [recipe for name, recipe in waiting.items() if name not in outcomes]
                if not running and not still:
                    return outcomes
                if not running and not workers.slots():
                    # An empty cluster, whose machines may come yet.
                    time.sleep(workers.refresh or 1)
                elif not running and len(outcomes) == known:
                    for recipe in still:
                        end(Outcome(recipe, "failed", note=f"it starts from {recipe.init}, which waits for it"))
                for future in wait(running, workers.refresh, FIRST_COMPLETED).done:
                    running.pop(future)
                    end(future.result())
        except BaseException:
            workers.stop()
            raise


def _standing(recipe: Recipe, job: Job) -> Outcome:
    try:
        return standing(recipe, job.out)
    except FerstudyError as error:
        return Outcome(recipe, "failed", note=str(error))


def _persist(job: Job, workers: Workers, on_epoch: OnEpoch) -> Outcome:
    """Train one run, starting it again where what trained it was lost."""
    in_a_row = 0

    def noted(row: EpochStats, recipe: Recipe) -> None:
        nonlocal in_a_row
        in_a_row = 0
        on_epoch(row, recipe)

    while True:
        try:
            return workers.attempt(job, noted)
        except Lost as lost:
            in_a_row += 1
            if workers.stopped:
                return _standing(job.recipe, job)
            if in_a_row > _RESTARTS:
                said = f"{lost}, {in_a_row} times in a row without a new epoch"
                return Outcome(job.recipe, "failed", _standing(job.recipe, job).epochs, note=said)
            # It continues where it was, though it was to begin anew.
            job = replace(job, restart=False, patience=_PATIENCE_SECONDS)
        except Exception as error:
            return Outcome(job.recipe, "failed", note=f"{type(error).__name__}: {error}")
