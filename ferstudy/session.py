"""A session: recipes trained one after the other within a given time, as on a GPU that is rented by the hour.

The recipes come in the order of their value. Each is finished or, when the time is up, left to be continued; what was
trained in earlier sessions is continued or passed over.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ferstudy import runs
from ferstudy.archive import SHEET
from ferstudy.data.base import FaceDataset
from ferstudy.data.folds import OfficialSplits
from ferstudy.data.preparation import scale, to_unit
from ferstudy.data.protocols import get_protocol
from ferstudy.data.transforms import views
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import first_right
from ferstudy.recipes import Recipe
from ferstudy.runs import Run, RunHeld
from ferstudy.training import EpochStats, OutOfTime, few, load_data, train

_UNITS = {"s": 1, "m": 60, "h": 3600}
# Importing what draws, and drawing a few maps, on a slow processor.
_SHEET_SECONDS = 15.0
# Most classes that a sheet shows.
_COLUMNS = 8


@dataclass(frozen=True)
class Outcome:
    """What became of one recipe.

    Attributes:
        recipe: The recipe.
        state: ``finished``, ``partial``, ``not begun`` or ``failed``.
        epochs: Epochs that are kept, of all folds.
        run: The run where it is finished.
        note: What else there is to say: why it failed, or why it has no Grad-CAM sheet.
    """

    recipe: Recipe
    state: str
    epochs: int = 0
    run: Run | None = None
    note: str = ""

    def __str__(self) -> str:
        said = self.state
        if self.state == "partial":
            said = f"partial at epoch {self.epochs} of {all_epochs(self.recipe)}; it continues when started again"
        return f"{self.recipe.run_name}: {said}" + (f"; {self.note}" if self.note else "")


def all_epochs(recipe: Recipe) -> int:
    """Epochs of all folds, where no patience ends them early."""
    folding = get_protocol(recipe.protocol).folding
    count = 1 if isinstance(folding, OfficialSplits) else folding.count
    return recipe.epochs * min(recipe.folds or count, count)


def packing_seconds(budget: float, count: int) -> float:
    """What to keep of a time budget for packing so many runs and leaving; never more than half of it."""
    return min(3.0 + count, budget / 2)


def parse_duration(text: str) -> float:
    """Seconds of ``90s``, ``9m`` or ``1.5h``.

    Raises:
        FerstudyError: Not of this form.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if not found:
        raise FerstudyError(f"time budget {text!r}: expected a number with s, m or h, as 90s, 9m or 1.5h")
    return float(found[1]) * _UNITS[found[2]]


@dataclass(frozen=True)
class Job:
    """One recipe to train, and how.

    Attributes:
        recipe: The recipe.
        out: Folder that gets the run.
        root: Where to look for the data.
        deadline: Time of :func:`time.monotonic` by which all is done.
        restart: Begin the run anew.
        sheet: Draw a Grad-CAM sheet of the finished run into its folder, where there is time and grad-cam.
        patience: Seconds to wait where another process still holds the run: one that was just lost may be dying yet.
    """

    recipe: Recipe
    out: Path
    root: Path | str | None = None
    deadline: float = math.inf
    restart: bool = False
    sheet: bool = False
    patience: float = 0.0


OnEpoch = Callable[[EpochStats, Recipe], None]


def train_one(job: Job, on_epoch: OnEpoch) -> Outcome:
    """Train a recipe and say what became of it, whatever happens: running out of memory, too, is an outcome."""
    given_up = time.monotonic() + job.patience
    while True:
        try:
            return _train(job, on_epoch)
        except RunHeld as error:
            if time.monotonic() >= given_up:
                return Outcome(job.recipe, "failed", note=str(error))
            time.sleep(1)
        except FerstudyError as error:
            return Outcome(job.recipe, "failed", note=str(error))
        except Exception as error:
            said = " ".join(str(error).split())
            return Outcome(job.recipe, "failed", note=f"{type(error).__name__}: {said}" if said else repr(error))


def _train(job: Job, on_epoch: OnEpoch) -> Outcome:
    recipe = job.recipe
    data = load_data(recipe, job.root)
    try:
        run = train(recipe, data=data, out=job.out, on_epoch=on_epoch, restart=job.restart, deadline=job.deadline)
    except OutOfTime:
        return standing(recipe, job.out)
    note = ""
    if job.sheet and not (run.folder / SHEET).is_file():
        enough = time.monotonic() + _SHEET_SECONDS < job.deadline
        note = draw_sheet(run, data) if enough else "no time for a Grad-CAM sheet"
    return Outcome(recipe, "finished", run.status["epochs"], run, note)


def train_in_turn(
    chosen: Sequence[Recipe],
    *,
    root: Path | str | None = None,
    out: Path,
    deadline: float = math.inf,
    restart: bool = False,
    sheets: bool = False,
    on_begin: Callable[[Recipe], None] = lambda recipe: None,
    on_epoch: OnEpoch = lambda row, recipe: None,
    on_end: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Train recipes one after the other in this process until the time is up; one that fails does not stop the others.

    Args:
        chosen: The recipes, the most valuable first.
        root: Where to look for the data.
        out: Folder that gets the runs.
        deadline: Time of :func:`time.monotonic` by which all is done.
        restart: Begin the runs anew.
        sheets: Draw a Grad-CAM sheet of every finished run into its folder, where there is time and grad-cam.
        on_begin: Called before each recipe that is trained.
        on_epoch: Called after every epoch.
        on_end: Called after each recipe.

    Returns:
        What became of each, in their order.

    Raises:
        FerstudyError: Two recipes would write the same run.
    """
    from ferstudy.scheduler import work_off
    from ferstudy.workers import Here

    names = [recipe.run_name for recipe in chosen]
    for name in names:
        if names.count(name) > 1:
            raise FerstudyError(f"run {name} comes twice; expected recipes that differ in name or seed")
    outcomes = work_off(
        lambda: chosen,
        lambda recipe: Job(recipe, out, root, deadline, restart, sheets),
        Here(),
        on_begin=on_begin,
        on_epoch=on_epoch,
        on_end=on_end,
    )
    return [outcomes[name] for name in names]


def standing(recipe: Recipe, out: Path) -> Outcome:
    """How far a recipe's run has come, by what is in the folder."""
    if (out / recipe.run_name / "status.json").is_file():
        run = runs.load_run(out / recipe.run_name)
        return Outcome(recipe, "finished", run.status["epochs"], run)
    partial = runs.partial_folder(out, recipe.run_name)
    if not (partial / runs.CHECKPOINT).is_file():
        return Outcome(recipe, "not begun")
    return Outcome(recipe, "partial", len(runs.history_of(runs.read_checkpoint(partial))))


def draw_sheet(run: Run, data: FaceDataset) -> str:
    """Draw Grad-CAM of one right decision a class into a run's folder; why not, where it cannot be.

    Args:
        run: A finished run with weights.
        data: What its recipe was trained on, from :func:`ferstudy.training.load_data`.
    """
    recipe = run.recipe
    if recipe.task != "expression":
        return "no Grad-CAM sheet, for it does not learn expressions"
    try:
        from ferstudy import figures
        from ferstudy.explanation import explain

        index = right_decisions(run, data)[:_COLUMNS]
        if not len(index):
            return "no Grad-CAM sheet, for no decision was right"
        stored = torch.from_numpy(np.array(data.images[index]))
        (face,) = views(to_unit(stored, recipe.preparation), "single", recipe.augmentation.crop)
        maps = explain(run.load_model(), scale(face, recipe.preparation)).maps
    except ModuleNotFoundError as error:
        return f"no Grad-CAM sheet, for {error.name} is not installed"
    except FerstudyError as error:
        return f"no Grad-CAM sheet: {error}"
    shown = (255 * face.mean(1)).round().to(torch.uint8).numpy()
    captions = [data.classes[label] for label in data.labels[index]]
    temporary = run.folder / f".{SHEET}"
    figures.cam_sheet(shown, maps, captions, title=run.name).savefig(
        temporary, format="png", metadata={"Software": None}
    )
    os.replace(temporary, run.folder / SHEET)
    return ""


def right_decisions(run: Run, data: FaceDataset) -> np.ndarray:
    """Places in the data of the first face of each class that the run's last fold got right when it was scored."""
    protocol = get_protocol(run.recipe.protocol)
    last = few(protocol.folds(data)[: run.recipe.folds or None][-1], run.recipe)
    split = protocol.reported[0]
    index = last.score[split]
    logits, targets = run.logits(split, tta=run.recipe.tta[0])
    # Folds are pooled one after the other.
    return index[first_right(logits[-len(index) :], targets[-len(index) :])]
