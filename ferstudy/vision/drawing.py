"""Boxes and labels on pictures, as in lite_xception's Fig. 5, legible from a thumbnail to a poster."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ferstudy.colours import rgb
from ferstudy.vision.boxes import U8
from ferstudy.vision.pipeline import Face

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

Colour = tuple[int, int, int]


def draw(image: U8, faces: Sequence[Face]) -> U8:
    """A copy of a picture with each face's box, label and percentage.

    Args:
        image: RGB (H, W, 3) or grey (H, W).
        faces: From :meth:`~ferstudy.vision.pipeline.Pipeline.process`.

    Returns:
        uint8 RGB (H, W, 3).
    """
    canvas = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image.copy()
    draw_on(canvas, faces)
    return canvas


def draw_on(canvas: U8, faces: Sequence[Face]) -> None:
    """As :func:`draw`, into the picture itself: RGB (H, W, 3). Only the pixels of boxes and labels are touched."""
    height, width = canvas.shape[:2]
    stroke = max(3, round(min(width, height) / 160))
    for face in faces:
        colour, box = rgb(face.label), face.box
        left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
        for part in (
            (left, top, right, top + stroke),
            (left, bottom - stroke, right, bottom),
            (left, top, left + stroke, bottom),
            (right - stroke, top, right, bottom),
        ):
            _fill(canvas, part, colour)
        # As wide as the face, legible when that is small or the picture large, and never wider than the picture.
        smallest = max(13, min(width, height) // 40)
        label = f"{face.label} {100 * face.confidence:.0f} %"
        patch = _label(label, max(box.width // 7, smallest), colour)
        if patch.shape[1] > width:
            patch = _label(label, max(smallest * width // patch.shape[1], 6), colour)
        patch = patch[:height, :width]
        x = min(max(left, 0), width - patch.shape[1])
        y = top - patch.shape[0]
        y = y if y >= 0 else min(max(top, 0), height - patch.shape[0])
        canvas[y : y + patch.shape[0], x : x + patch.shape[1]] = patch


def _fill(canvas: U8, part: tuple[int, int, int, int], colour: Colour) -> None:
    left, top, right, bottom = (max(edge, 0) for edge in part)
    canvas[top:bottom, left:right] = colour


@lru_cache(maxsize=256)
def _label(text: str, size: int, colour: Colour) -> U8:
    """Text on a bar of a colour; in a film the same few come back."""
    from PIL import Image, ImageDraw

    font, pad = _font(size), round(size / 4)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    bar = Image.new("RGB", (right - left + 2 * pad, bottom - top + 2 * pad), colour)
    ink = "black" if sum(colour) > 380 else "white"
    ImageDraw.Draw(bar).text((pad - left, pad - top), text, fill=ink, font=font)
    return np.asarray(bar)


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont | FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)
