"""From a face's pixels to what a network eats, with numpy alone; the same numbers as torch's way for whole batches.

The order is always: uint8 -> [0, 1] -> grey or RGB -> resize -> centre crop -> value scaling.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from ferstudy.vision.boxes import F32, U8

# ITU-R BT.601 luma, the grey conversion of Pillow and OpenCV.
LUMA = (0.299, 0.587, 0.114)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Wanted(Protocol):
    """What a network wants: a :class:`~ferstudy.data.preparation.Preparation`, or anything like it."""

    @property
    def size(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def scaling(self) -> str: ...


def prepare_faces(faces: Sequence[U8], wanted: Wanted, crop: int = 0) -> F32:
    """Network input of cropped faces.

    Args:
        faces: uint8 (S, S, 3) or (S, S), each of its own size.
        wanted: Size, channels and scaling.
        crop: Side of the centre crop after resizing, as training cropped; 0 for none.

    Returns:
        (N, C, size, size), or (N, C, crop, crop).
    """
    x = np.stack([_unit(face, wanted.size, wanted.channels) for face in faces])
    if crop:
        start = (wanted.size - crop) // 2
        x = x[..., start : start + crop, start : start + crop]
    return np.ascontiguousarray(_scaled(x, wanted.scaling), np.float32)


def _unit(face: U8, size: int, channels: int) -> F32:
    """One face as floats in [0, 1], (C, size, size)."""
    x = face.astype(np.float32) / np.float32(255)
    x = x[None] if x.ndim == 2 else np.moveaxis(x, -1, 0)
    if len(x) == 3 and channels == 1:
        x = np.tensordot(np.array(LUMA, np.float32), x, 1)[None]
    elif len(x) == 1 and channels == 3:
        x = np.repeat(x, 3, axis=0)
    rows, columns = (_resizing(side, size) for side in x.shape[1:])
    return x if x.shape[1:] == (size, size) else np.clip(rows @ x @ columns.T, 0, 1)


@lru_cache(maxsize=256)
def _resizing(side: int, size: int) -> F32:
    """Bilinear weights (size, side) from old pixels to new ones, antialiased when shrinking, as torch and Pillow do."""
    step = side / size
    reach = max(step, 1.0)
    centres = (np.arange(size) + 0.5) * step
    distance = np.abs(np.arange(side) + 0.5 - centres[:, None]) / reach
    weights = np.maximum(1 - distance, 0)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def _scaled(x: F32, scaling: str) -> F32:
    """Values of (N, C, H, W) in [0, 1] to the range that the network was trained on."""
    if scaling == "symmetric":
        return x * 2 - 1
    if scaling == "standardise":
        return (x - x.mean((1, 2, 3), keepdims=True)) / np.maximum(x.std((1, 2, 3), keepdims=True), 1e-3)
    if scaling == "imagenet":
        mean, std = (np.array(v, np.float32) for v in (IMAGENET_MEAN, IMAGENET_STD))
        if x.shape[1] == 1:
            return (x - mean.mean()) / std.mean()
        return (x - mean[:, None, None]) / std[:, None, None]
    return x
