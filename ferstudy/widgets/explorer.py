"""Threshold and calibration: how sure must a network be before it may speak, and how sure is it rightly?"""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt

from ferstudy.evaluation import expected_calibration_error, reliability, softmax
from ferstudy.widgets.drawing import lines, side_by_side
from ferstudy.widgets.live import Live


class ThresholdExplorer(Live):
    """Two sliders over recorded predictions: a threshold below which the network is silent, and a temperature.

    Dividing logits by a temperature above 1 makes a network less sure and never changes its answer (C. Guo et al.,
    "On Calibration of Modern Neural Networks", 2017).

    Args:
        logits: (N, K).
        targets: (N,).
        threshold: At the start, 0 to 0.99.
        temperature: At the start, 0.5 to 3.
    """

    def __init__(
        self, logits: npt.NDArray[Any], targets: npt.NDArray[Any], threshold: float = 0.0, temperature: float = 1.0
    ) -> None:
        self._logits, self._targets = logits, targets
        style = {"description_width": "110px"}
        layout = widgets.Layout(width="520px")
        self.threshold = widgets.FloatSlider(
            threshold, min=0, max=0.99, step=0.01, description="threshold", style=style, layout=layout
        )
        self.temperature = widgets.FloatSlider(
            temperature, min=0.5, max=3, step=0.05, description="temperature", style=style, layout=layout
        )
        self._drawing = widgets.HTML()
        for slider in (self.threshold, self.temperature):
            slider.observe(self._update, "value")
        self._update()
        super().__init__([self.threshold, self.temperature, self._drawing])

    def numbers(self) -> dict[str, float]:
        """What the sliders' values mean: ``answered``, ``accuracy`` of the answers and ``ece``, all 0 to 1."""
        probabilities = softmax(self._logits / self.temperature.value)
        spoken = probabilities.max(1) >= self.threshold.value
        right = probabilities.argmax(1) == self._targets
        return {
            "answered": float(spoken.mean()),
            "accuracy": float(right[spoken].mean()) if spoken.any() else float("nan"),
            "ece": expected_calibration_error(probabilities, self._targets),
        }

    def still(self) -> str:
        """The diagram and the numbers at the sliders' values."""
        set_to = f"<p>threshold {self.threshold.value:.2f}, temperature {self.temperature.value:.2f}</p>"
        return set_to + str(self._drawing.value)

    def _update(self, _: Any = None) -> None:
        probabilities = softmax(self._logits / self.temperature.value)
        points = [(100 * c, 100 * a) for n, c, a in reliability(probabilities, self._targets) if n >= 10]
        diagram = lines(
            {"network": points},
            "accuracy (%)",
            (0, 100),
            (0, 100),
            "confidence (%), dashed: rightly sure",
            diagonal=True,
        )
        numbers = self.numbers()
        silent = len(self._targets) * (1 - numbers["answered"])
        accuracy = "no answer" if np.isnan(numbers["accuracy"]) else f"{100 * numbers['accuracy']:.1f} %"
        rows = (
            ("it answers", f"{100 * numbers['answered']:.1f} %"),
            ("is silent on", f"{silent:,.0f} faces"),
            ("right, when it answers", accuracy),
            ("calibration error (ECE)", f"{numbers['ece']:.3f}"),
        )
        cells = "".join(f"<tr><td>{name}</td><td><b>{value}</b></td></tr>" for name, value in rows)
        table = f'<table style="font-size: 17px; line-height: 1.9">{cells}</table>'
        self._drawing.value = side_by_side(diagram, table)
