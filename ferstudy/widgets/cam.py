"""Grad-CAM under the pointer: a bar a class, and the map of the one that is pointed at."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt

from ferstudy.colours import EMOTION_COLOURS
from ferstudy.widgets.drawing import heat, picture, png
from ferstudy.widgets.live import Live

U8 = npt.NDArray[np.uint8]


class CamOverlay(Live):
    """A face whose Grad-CAM is that of the class under the pointer, or else of the likeliest.

    The page itself shows and hides the maps, so a saved page answers the pointer too.

    Args:
        image: uint8 (H, W).
        maps: (K, H, W), >= 0: the map of each class, all on one scale.
        probabilities: (K,), 0 to 1.
        classes: Class names in label order.
        width: Of the face, in CSS pixels.
    """

    def __init__(
        self,
        image: U8,
        maps: npt.NDArray[Any],
        probabilities: Sequence[float],
        classes: Sequence[str],
        width: int = 300,
    ) -> None:
        self._html = _page(image, maps, probabilities, classes, width)
        super().__init__([widgets.HTML(self._html)])

    def still(self) -> str:
        """The face with the map of its likeliest class; the pointer works here too."""
        return self._html


def _page(image: U8, maps: npt.NDArray[Any], probabilities: Sequence[float], classes: Sequence[str], width: int) -> str:
    likeliest, top = int(np.argmax(probabilities)), float(maps.max())
    rows, layers, rules = [], [], []
    for k, name in enumerate(classes):
        layer = base64.b64encode(png(heat(maps[k], top))).decode()
        layers.append(
            f'<img class="map-{k}" src="data:image/png;base64,{layer}" alt="Grad-CAM of {escape(name)}" '
            f'width="{width}" style="position: absolute; left: 0; top: 0">'
        )
        bar = f"width: {190 * probabilities[k]:.0f}px; background: {EMOTION_COLOURS.get(name, '#777')}"
        rows.append(
            f'<div class="row row-{k}" tabindex="0" style="display: flex; gap: .5rem; padding: 5px 8px; '
            f'font-size: 17px">'
            f'<span style="width: 5rem; text-align: right">{escape(name)}</span>'
            f'<span style="{bar}; min-width: 1px"></span><span>{100 * probabilities[k]:.0f} %</span></div>'
        )
        rules.append(
            f".ferstudy-cam:has(.row-{k}:hover) .map-{k}, .ferstudy-cam:has(.row-{k}:focus) .map-{k} {{opacity: 1}}"
        )
    rules += [
        ".ferstudy-cam [class^=map-] {opacity: 0}",
        ".ferstudy-cam .row:hover, .ferstudy-cam .row:focus {outline: 2px solid currentColor}",
        f".ferstudy-cam:not(:has(.row:hover, .row:focus)) .map-{likeliest} {{opacity: 1}}",
    ]
    face = picture(image, width, f"a face; the network says {classes[likeliest]}")
    shown = f'<div style="position: relative; width: {width}px">{face}{"".join(layers)}</div>'
    return (
        f"<style>{' '.join(rules)}</style>"
        '<div class="ferstudy-cam" style="display: flex; flex-wrap: wrap; gap: 1.2rem">'
        f"{shown}<div>{''.join(rows)}</div></div>"
        "<p>Point at a class: the map shows what speaks for it. All maps share one scale.</p>"
    )
