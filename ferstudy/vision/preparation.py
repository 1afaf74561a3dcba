"""From a face's pixels to what a network eats, with numpy alone; the same numbers as torch's way for whole batches.

The order is always: uint8 -> [0, 1] -> grey or RGB -> resize -> centre crop -> value scaling.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    from PIL import Image

    # Without matrix products: their library would start threads that wait busily while others have work.
    x = face.astype(np.float32) / np.float32(255)
    planes = [x] if x.ndim == 2 else [x[..., k] for k in range(3)]
    if len(planes) == 3 and channels == 1:
        red, green, blue = (np.float32(weight) * plane for weight, plane in zip(LUMA, planes, strict=True))
        planes = [red + green + blue]
    if face.shape[:2] != (size, size):
        # Antialiased when shrinking, as torch does it.
        planes = [
            np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BILINEAR)).clip(0, 1)
            for plane in planes
        ]
    return np.stack(planes * channels if len(planes) < channels else planes)


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
