"""A training whose settings are chosen by hand, and whose curves move."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.base import FaceDataset
from ferstudy.recipes import Recipe
from ferstudy.runs import Run
from ferstudy.training import train
from ferstudy.widgets.curves import TrainingCurves
from ferstudy.widgets.live import Live

NO_AUGMENTATION = Augmentation(flip=0)


class TrainingLab(Live):
    """Choose learning rate, batch and augmentation, train, and see each run's curves beside those before it.

    Args:
        recipe: What is trained, but for the settings.
        data: The faces.
        epochs: Passes a run.
        rates: Learning rates to choose from, with the recipe's, which is chosen first.
        batches: Batch sizes to choose from, with the recipe's.
    """

    def __init__(
        self,
        recipe: Recipe,
        data: FaceDataset,
        epochs: int = 6,
        rates: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 1e-1),
        batches: tuple[int, ...] = (8, 16, 32, 64, 128),
    ) -> None:
        self._recipe, self._data = recipe, data
        wide = {"description_width": "110px"}
        self.rate = widgets.SelectionSlider(
            options=sorted({*rates, recipe.optimizer.lr}),
            value=recipe.optimizer.lr,
            description="learning rate",
            style=wide,
        )
        self.batch = widgets.SelectionSlider(
            options=sorted({*batches, recipe.batch_size}), value=recipe.batch_size, description="batch", style=wide
        )
        self.augmentation = widgets.Checkbox(True, description="augmentation", indent=False)
        self.button = widgets.Button(description="Train", button_style="primary")
        self.button.on_click(lambda _: self.train())
        self.curves = TrainingCurves(epochs)
        self.runs: dict[str, Run] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="ferstudy-")
        controls = widgets.HBox([self.rate, self.batch, self.augmentation, self.button])
        super().__init__([controls, self.curves])

    def train(self, **settings: Any) -> Run:
        """Train with the settings that are chosen, and draw every epoch.

        Args:
            settings: ``rate``, ``batch`` or ``augmentation``, to choose them here.

        Raises:
            FerstudyError: The loss was no longer a number; the curves end where it was one.
        """
        for name, value in settings.items():
            getattr(self, name).value = value
        word = "" if self.augmentation.value else ", no augmentation"
        label = f"rate {self.rate.value:g}, batch {self.batch.value}{word}"
        recipe = self._recipe.but(
            optimizer=replace(self._recipe.optimizer, lr=self.rate.value),
            batch_size=self.batch.value,
            augmentation=self._recipe.augmentation if self.augmentation.value else NO_AUGMENTATION,
            epochs=self.curves.epochs,
            tta=("single",),
        )
        self.curves.start(label)
        self.button.disabled = True
        try:
            # A folder of its own for each, for the same settings may be tried again.
            out = tempfile.mkdtemp(dir=self._folder.name)
            self.runs[label] = train(recipe, data=self._data, out=out, on_epoch=self.curves.add)
        finally:
            self.button.disabled = False
        return self.runs[label]

    def still(self) -> str:
        """The curves of the runs so far."""
        return self.curves.still()
