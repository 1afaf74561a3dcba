"""How far the studies are: which of their runs there are, what is left, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferstudy import pretrained
from ferstudy.errors import FerstudyError
from ferstudy.recipes import Recipe
from ferstudy.runs import WEIGHTS, Run, list_runs
from ferstudy.session import all_epochs, standing
from ferstudy.studies.cost import cost_of
from ferstudy.studies.study import Study, queue


def finished_runs(studies: Iterable[Study], *folders: Path) -> dict[str, Run]:
    """The runs of studies that are finished, by name; a run that bears such a name and is of another recipe is none.

    Args:
        studies: The studies.
        folders: Where runs are looked for; the first folder that has a name wins.
    """
    found = {run.name: run for run in list_runs(*folders)}
    finished = {}
    for study in studies:
        for label in study.arms:
            for seed in range(study.seeds_of(label) + study.best_seeds):
                recipe = study.arm(label, seed).recipe
                run = found.get(recipe.run_name)
                # What a recipe cites decides nothing.
                if run is not None and run.recipe.but(cites=recipe.cites) == recipe:
                    finished[run.name] = run
    return finished


def missing(studies: Sequence[Study], out: Path, recorded: Sequence[Path] = ()) -> list[Recipe]:
    """What is left to train, in order of value.

    A recorded run has no weights: where a run that is left starts from one, that one is left, too.

    Args:
        studies: The studies.
        out: Folder that gets the runs.
        recorded: Folders of recorded runs.
    """
    finished, again = finished_runs(studies, out, *recorded), set[str]()
    while True:
        left = queue(studies, finished, again)
        starts = {start for recipe in left for start in recipe.init.split(" + ")} & set(finished) - again
        gone = {name for name in starts if not any((f / name / WEIGHTS).is_file() for f in (out, pretrained.FOLDER))}
        if not gone:
            return left
        again |= gone


def study_rows(
    studies: Mapping[str, Sequence[Study]], out: Path, recorded: Sequence[Path], rate: float
) -> list[dict[str, Any]]:
    """A row a study, in order of value.

    Args:
        studies: Those of each paper, by its key.
        out: Folder that gets runs.
        recorded: Folders of recorded runs.
        rate: Multiply-adds a second.

    Returns:
        Names, question, scale, numbers of arms and runs, ``hours_left`` of one core or GPU (``None`` where the
        dataset's size is not stated) and the command.
    """
    rows = []
    for study, paper in sorted(((s, key) for key, of in studies.items() for s in of), key=lambda item: item[0].rank):
        finished = finished_runs([study], out, *recorded)
        runs = sum(map(len, study.runs(finished).values()))
        rows.append(
            {
                "name": study.name,
                "paper": paper,
                "entries": list(study.entries),
                "question": study.question,
                "scale": study.scale,
                "arms": len(study.arms),
                "seeds": _seeds(study),
                "runs": study.count,
                "recorded": runs,
                "hours_left": hours_left(study, finished, out, rate),
                "command": f"ferstudy studies run {study.name}",
            }
        )
    return rows


def _seeds(study: Study) -> str:
    numbers = sorted({study.seeds_of(label) for label in study.arms})
    said = " to ".join(map(str, (numbers[0], numbers[-1]))) if len(numbers) > 1 else str(numbers[0])
    return said + (f", the best {study.best}: {study.best_seeds} more" if study.best_seeds else "")


def hours_left(study: Study, finished: Mapping[str, Run], out: Path | None, rate: float) -> float | None:
    """Hours of one core, or of the GPU, that the missing runs of a study take; ``None`` where that cannot be said.

    Args:
        study: The study.
        finished: Its finished runs by name.
        out: Where unfinished runs are looked for; nowhere where not given.
        rate: Multiply-adds a second.
    """
    left = hours_of(queue([study], finished), out, rate)
    whole = hours_of(study.arms.values(), None, rate)
    if left is None or whole is None:
        return None
    # Who the best arms are is not known before all are trained.
    return left + (study.count - len(study.planned(finished))) * whole / len(study.arms)


def hours_of(recipes: Iterable[Recipe], out: Path | None, rate: float) -> float | None:
    """Hours that runs take as :func:`hours_left` counts them."""
    try:
        return sum(cost_of(recipe).left(_share(recipe, out)) for recipe in recipes) / rate / 3600
    except FerstudyError:
        return None


def multiply_adds_left(recipe: Recipe, out: Path, epochs: int | None = None) -> float:
    """Multiply-adds that are left of a run after so many epochs, or after those that are kept where not given.

    0 where the dataset's size is not stated.
    """
    share = _share(recipe, out) if epochs is None else min(1.0, epochs / all_epochs(recipe))
    try:
        return cost_of(recipe).left(share)
    except FerstudyError:
        return 0.0


def _share(recipe: Recipe, out: Path | None) -> float:
    """What share of a recipe's epochs an unfinished run has behind it."""
    if out is None:
        return 0.0
    try:
        return min(1.0, standing(recipe, out).epochs / all_epochs(recipe))
    except FerstudyError:
        return 0.0
