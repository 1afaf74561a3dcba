"""Probability bars: what a network says of a face."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets

from ferstudy.widgets.drawing import bars
from ferstudy.widgets.live import Live


class ProbabilityBars(Live):
    """A bar a class, in the emotions' colours.

    Args:
        classes: Class names in label order.
        probabilities: (K,), 0 to 1; all alike where not given.
        width: In CSS pixels.
    """

    def __init__(self, classes: Sequence[str], probabilities: Sequence[float] | None = None, width: int = 380) -> None:
        self.classes = tuple(classes)
        self._width = width
        self._drawing = widgets.HTML()
        super().__init__([self._drawing])
        self.show(probabilities if probabilities is not None else [1 / len(classes)] * len(classes))

    def show(self, probabilities: Sequence[float]) -> None:
        """Set the bars to probabilities (K,)."""
        self.probabilities = tuple(map(float, probabilities))
        self._drawing.value = bars(self.probabilities, self.classes, self._width)

    def still(self) -> str:
        """The bars."""
        return str(self._drawing.value)
