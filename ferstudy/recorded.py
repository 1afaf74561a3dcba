"""Every recorded number as one tidy frame, for filtering, plotting and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from ferstudy.errors import FerstudyError
from ferstudy.models import create_model, summary
from ferstudy.pretrained import FOLDER
from ferstudy.runs import Run, list_runs

# Where a checkout keeps its recorded runs.
RECORDED = Path("reports/runs")
# What ``metrics.json`` calls them, and their units here; shares become percent.
_SHARES = {"accuracy": "accuracy", "top2": "top-2 accuracy", "macro_f1": "macro F1", "weighted_f1": "weighted F1",
           "macro_recall": "macro recall", "ece": "ECE"}  # fmt: skip
COLUMNS = ("run", "recipe", "model", "dataset", "real", "protocol", "seed", "split", "view", "measure", "value", "low",
           "high", "unit", "images")  # fmt: skip


def results(*folders: str | Path) -> pd.DataFrame:
    """Every recorded run x split x view x measure, a row each.

    Args:
        folders: Folders of runs; those recorded in a checkout, found in this folder or one above it, and the runs that
            ship with the package where none is given. The first folder that has a name wins.

    Returns:
        Columns ``run``, ``recipe``, ``model``, ``dataset``, ``real`` (whether of real faces), ``protocol``, ``seed``,
        ``split``, ``view``, ``measure``, ``value``, ``low`` and ``high`` (95 % Wilson interval, of accuracies),
        ``unit`` and ``images``. Measures of a whole run (parameters, multiply-adds, seconds of training, epochs) have
        an empty split and view.

    Raises:
        FerstudyError: A folder that was given is not there.
    """
    rows = [row for run in load_runs(*folders).values() for row in _rows(run)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def load_runs(*folders: str | Path) -> dict[str, Run]:
    """The runs whose numbers :func:`results` gives, by name; arguments and errors as there."""
    chosen = [Path(folder) for folder in folders] or [*_recorded(), FOLDER]
    for folder in chosen:
        if not folder.is_dir():
            raise FerstudyError(f"{folder}: no such folder; expected one that holds runs, such as {RECORDED}")
    return {run.name: run for run in list_runs(*chosen)}


def _recorded() -> list[Path]:
    """The recorded runs of the checkout that the current folder is in, or that the package is imported from."""
    for root in (Path.cwd(), *Path.cwd().parents, Path(__file__).parent.parent):
        if (root / RECORDED).is_dir():
            return [root / RECORDED]
    return []


def _rows(run: Run) -> Iterator[dict[str, Any]]:
    recipe, status = run.recipe, run.status
    known = {
        "run": run.name,
        "recipe": recipe.name,
        "model": recipe.model,
        "dataset": recipe.dataset,
        "real": bool(status["dataset"]["real"]),
        "protocol": recipe.protocol,
        "seed": recipe.seed,
    }
    for scored, metrics in run.metrics.items():
        split, _, view = scored.partition(".")
        here = {**known, "split": split, "view": view, "images": metrics["images"]}
        low, high = (100 * share for share in metrics["interval"])
        for key, measure in _SHARES.items():
            row = {**here, "measure": measure, "value": 100 * metrics[key], "unit": "%"}
            yield {**row, "low": low, "high": high} if key == "accuracy" else row
        yield {**here, "measure": "loss", "value": metrics["loss"], "unit": "nats"}
    for measure, value, unit in _of_the_run(run):
        yield {**known, "split": "", "view": "", "measure": measure, "value": value, "unit": unit}


def _of_the_run(run: Run) -> Iterator[tuple[str, float, str]]:
    recipe, status = run.recipe, run.status
    side = recipe.augmentation.crop or recipe.preparation.size
    options = tuple(recipe.model_options.items())
    parameters, multiply_adds = _size(recipe.model, options, len(status["classes"]), recipe.preparation.channels, side)
    yield "parameters", parameters, ""
    yield "multiply-adds", multiply_adds, "a face"
    yield "training", status["seconds"], "s"
    yield "epochs", status["epochs"], ""


@lru_cache(maxsize=256)
def _size(model: str, options: tuple[tuple[str, Any], ...], classes: int, channels: int, side: int) -> tuple[int, int]:
    """Parameters of a network, and its multiply-adds for one face."""
    # A network of shapes without weights: counting takes milliseconds.
    with torch.device("meta"):
        network = create_model(model, num_classes=classes, in_chans=channels, **dict(options))
    return sum(p.numel() for p in network.parameters()), summary.multiply_adds(network, (channels, side, side))
