"""Trained networks against datasets: predictions of a protocol's splits, and metrics of any split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import nn

from ferstudy.data.augmentation import TTA
from ferstudy.data.base import FaceDataset
from ferstudy.data.folds import Fold
from ferstudy.data.preparation import Preparation
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError, unknown
from ferstudy.evaluation import Metrics, metrics_of
from ferstudy.inference import predict_logits
from ferstudy.recipes import Recipe
from ferstudy.runs import Run, replace_predictions, rounded


def score(
    model: nn.Module, recipe: Recipe, data: FaceDataset, fold: Fold, views: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """Logits of the scored splits of a fold, as ``predictions.npz`` holds them.

    Args:
        model: The network.
        recipe: How it was trained.
        data: The dataset.
        fold: Which images are scored.
        views: Test-time augmentations; the recipe's where not given.

    Returns:
        ``{split}.{tta}.logits`` (N, K) float32, ``{split}.targets`` (N,) int64, ``{split}.rows`` (N,) int64.
    """
    predictions: dict[str, np.ndarray] = {}
    for name, index in fold.score.items():
        split = data.select(index)
        for tta in views or recipe.tta:
            predictions[f"{name}.{tta}.logits"] = predict_logits(
                model, split.images, recipe.preparation, tta, recipe.augmentation.crop
            )
        predictions[f"{name}.targets"] = np.array(split.labels)
        predictions[f"{name}.rows"] = np.array(split.rows)
    return predictions


def record_views(recorded: Run, model: nn.Module, data: FaceDataset, tta: str) -> Run:
    """Score a recorded run's splits with further views, and keep them in its ``predictions.npz`` and ``metrics.json``.

    Its recipe stays as it is: it says what the run was scored with when it ended.

    Args:
        recorded: The recorded run, of one fold.
        model: The network with its weights.
        data: The data that it was trained on.
        tta: One of :data:`ferstudy.data.augmentation.TTA`.

    Raises:
        FerstudyError: Unknown views, a run of several folds, or other data than the run's.
    """
    if tta not in TTA:
        raise unknown("test-time augmentation", tta, TTA)
    folds = get_protocol(recorded.recipe.protocol).folds(data)
    if len(folds) > 1:
        raise FerstudyError(f"run {recorded.name}: its weights are of its last fold only: no further views can be had")
    if data.fingerprint != recorded.status["dataset"]["fingerprint"]:
        raise FerstudyError(
            f"run {recorded.name} is of {recorded.recipe.dataset} with the fingerprint "
            f"{recorded.status['dataset']['fingerprint']}, and the data here has {data.fingerprint}; choose its data"
        )
    fresh = rounded(score(model, recorded.recipe, data, folds[0], [tta]))
    return replace_predictions(recorded, {**rounded(recorded.predictions), **fresh})


def evaluate(
    run_or_model: Run | nn.Module,
    dataset: FaceDataset,
    tta: str = "single",
    preparation: Preparation | None = None,
) -> Metrics:
    """Metrics of a network on all images of a dataset or split.

    Args:
        run_or_model: A run with weights, or a network.
        dataset: What to score, such as ``load_dataset("fer2013", split="PrivateTest")``.
        tta: One of :data:`ferstudy.data.augmentation.TTA`.
        preparation: For a network that is no run; the default preparation where not given.

    Raises:
        FerstudyError: The run has no weights, or tells other classes apart than the dataset.
    """
    crop = 0
    if isinstance(run_or_model, Run):
        run = run_or_model
        if tuple(run.status["classes"]) != dataset.classes:
            raise FerstudyError(
                f"run {run.name} tells {', '.join(run.status['classes'])} apart, "
                f"and {dataset.name} holds {', '.join(dataset.classes)}"
            )
        model, preparation, crop = run.load_model(), run.recipe.preparation, run.recipe.augmentation.crop
    else:
        model = run_or_model
    logits = predict_logits(model, dataset.images, preparation or Preparation(), tta, crop)
    return metrics_of(logits, dataset.labels)
