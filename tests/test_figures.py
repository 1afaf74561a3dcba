"""Figures: every one can be drawn, is labelled, and has the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from ferstudy import figures
from ferstudy.colours import EMOTION_COLOURS
from ferstudy.data.fer2013 import CLASSES
from ferstudy.evaluation import metrics_of

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 48, 48), dtype=np.uint8)
LABELS = np.arange(40) % 7
LOGITS = RNG.normal(size=(40, 7))
HISTORY = pd.DataFrame(
    {"epoch": [1, 2], "train_loss": [2.0, 1], "select_loss": [2.1, 1.5], "train_accuracy": [0.2, 0.4],
     "select_accuracy": [0.3, 0.35]}
)  # fmt: skip
SYSTEMS = pd.DataFrame(
    {"system": ["a", "b"], "parameters": [5e4, 1e8], "accuracy": [65.0, 73], "low": [63.0, np.nan],
     "high": [67.0, np.nan], "evidence": ["recorded", "published"]}
)  # fmt: skip
COSTS = pd.DataFrame({"channels": [8, 16], "standard": [100, 400], "separable": [20, 60]})

FIGURES: dict[str, Callable[[], Figure]] = {
    "sample_sheet": lambda: figures.sample_sheet(IMAGES, LABELS, CLASSES),
    "confusion_matrix": lambda: figures.confusion_matrix({"a": metrics_of(LOGITS, LABELS)}, CLASSES),
    "history_curves": lambda: figures.history_curves({"run": HISTORY, "other": HISTORY}),
    "class_bars": lambda: figures.class_bars(pd.DataFrame({"split": range(7)}, index=CLASSES)),
    "recall_comparison": lambda: figures.recall_comparison(pd.DataFrame({"a": RNG.random(7)}, index=CLASSES)),
    "parameter_scatter": lambda: figures.parameter_scatter(SYSTEMS),
    "convolution_cost": lambda: figures.convolution_cost(COSTS, "time", "ms"),
    "misclassified": lambda: figures.misclassified(IMAGES, LABELS, LOGITS, CLASSES),
    "cam_sheet": lambda: figures.cam_sheet(IMAGES[:3], RNG.random((3, 48, 48)), ["a", "b", "c"]),
    "reliability_diagram": lambda: figures.reliability_diagram({"a": (LOGITS, LABELS)}),
    "pictures": lambda: figures.pictures(list(IMAGES[:3]), ["a", "b", "c"]),
    "stage_bars": lambda: figures.stage_bars({"detect": 3.0, "draw": 1.0}),
}
PICTURES = {"sample_sheet", "misclassified", "cam_sheet", "pictures"}


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def test_every_figure_is_tested() -> None:
    public = {n for n, f in vars(figures).items() if callable(f) and getattr(f, "__module__", "") == figures.__name__}
    assert {name for name in public if not name.startswith("_")} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_same_bytes_each_time(name: str) -> None:
    global RNG
    RNG = np.random.default_rng(1)
    first = png(FIGURES[name]())
    RNG = np.random.default_rng(1)
    assert png(FIGURES[name]()) == first


@pytest.mark.parametrize("name", sorted(set(FIGURES) - PICTURES))
def test_axes_are_labelled(name: str) -> None:
    for axes in FIGURES[name]().axes:
        assert axes.get_ylabel() or axes.get_xlabel(), name


def test_every_emotion_has_a_colour_of_its_own() -> None:
    assert set(CLASSES) <= set(EMOTION_COLOURS)
    assert len(set(EMOTION_COLOURS.values())) == len(EMOTION_COLOURS)


def test_all_maps_of_a_sheet_share_one_scale() -> None:
    maps = np.stack([np.full((48, 48), 0.1), np.full((48, 48), 1.0)])
    sheet = figures.cam_sheet(IMAGES[:2], maps, ["weak", "strong"])
    scales = {image.get_clim() for axes in sheet.axes for image in axes.images if image.get_cmap().name == "inferno"}
    assert scales == {(0, 1.0)}
