"""The face lab: a slider an action unit, a face that is drawn from them, and what a network says of it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt

from ferstudy.course.networks import NETWORKS, classifier
from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.synthetic import ACTION_UNITS, PROTOTYPES, prototype, render
from ferstudy.data.synthetic.action_units import UNILATERAL, Intensity
from ferstudy.widgets.bars import ProbabilityBars
from ferstudy.widgets.drawing import bars, picture, png, side_by_side
from ferstudy.widgets.live import Live

U8 = npt.NDArray[np.uint8]
# Pixels of the face on the screen, and of the one that the network sees.
_SHOWN, _SEEN = 128, 48


class FaceLab(Live):
    """Move the muscles of a drawn face, and watch its probabilities.

    Args:
        units: Intensity of 0 to 1 by action unit at the start, such as ``prototype("fear")``.
        identity: Which person.
        network: One of :data:`ferstudy.course.networks.NETWORKS`.
    """

    def __init__(
        self, units: Mapping[int, float] | None = None, identity: int = 0, network: str = "learnt on drawn faces"
    ) -> None:
        wide = {"description_width": "162px"}
        self.sliders = {
            unit: widgets.FloatSlider(
                (units or {}).get(unit, 0.0), min=0, max=1, step=0.05, description=f"{unit} {name}", style=wide,
                readout_format=".2f", layout=widgets.Layout(width="350px", height="27px"),
            )
            for unit, name in ACTION_UNITS.items()
        }  # fmt: skip
        self.identity = widgets.IntSlider(
            identity, min=0, max=19, description="person", style={"description_width": "55px"},
            layout=widgets.Layout(width="240px"),
        )  # fmt: skip
        self.network = widgets.ToggleButtons(options=list(NETWORKS), value=network, style={"button_width": "200px"})
        self.one_side = widgets.Checkbox(False, description="one side of the face only", indent=False)
        self.presets = {name: _preset(name, self) for name in PROTOTYPES}
        self._face = widgets.Image(format="png", width=240, height=240)
        self.bars = ProbabilityBars(CLASSES, width=290)
        for control in (*self.sliders.values(), self.identity, self.network, self.one_side):
            control.observe(self._update, "value")
        self._held = False
        self._update()
        muscles = widgets.VBox([*self.sliders.values(), self.one_side])
        seen = widgets.VBox([self._face, self.identity])
        # On a narrow screen the bars stand below the face.
        answer = widgets.HBox([seen, self.bars], layout=widgets.Layout(flex_flow="row wrap", flex="1 1 0%"))
        presets = widgets.HBox(list(self.presets.values()))
        super().__init__([self.network, presets, widgets.HBox([muscles, answer])])

    @property
    def units(self) -> dict[int, float]:
        """Intensity by action unit, of those that are not at rest."""
        return {unit: slider.value for unit, slider in self.sliders.items() if slider.value}

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability by class, 0 to 1."""
        return dict(zip(CLASSES, self.bars.probabilities, strict=True))

    def set_units(self, units: Mapping[int, float], one_side: bool = False) -> None:
        """Move all sliders at once; those of units that are not named go to rest."""
        self._held = True
        for unit, slider in self.sliders.items():
            slider.value = units.get(unit, 0.0)
        self.one_side.value = one_side
        self._held = False
        self._update()

    def still(self) -> str:
        """The face, its probabilities, and the units that make it."""
        said = ", ".join(f"{unit} {ACTION_UNITS[unit]} {value:.2f}" for unit, value in self.units.items())
        note = f"<p>Action units: {escape(said or 'none, a face at rest')}. Network: {escape(self.network.value)}.</p>"
        face = picture(self._drawn(_SHOWN), 240, f"a drawn face: {said or 'at rest'}")
        return side_by_side(face, bars(self.bars.probabilities, CLASSES)) + note

    def _drawn(self, size: int) -> U8:
        units: dict[int, Intensity] = {u: (0.0, v) if self.one_side.value else v for u, v in self.units.items()}
        return render(units, size, self.identity.value)

    def _update(self, _: Any = None) -> None:
        if self._held:
            return
        self.bars.show(classifier(self.network.value)(self._drawn(_SEEN)[None])[0])
        self._face.value = png(self._drawn(_SHOWN))


def _preset(emotion: str, lab: FaceLab) -> widgets.Button:
    button = widgets.Button(description=emotion, layout=widgets.Layout(width="95px"))
    units = dict.fromkeys(prototype(emotion), 1.0)
    button.on_click(lambda _: lab.set_units(units, emotion in UNILATERAL))
    return button
