"""What the writers of layouts share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ferstudy.data.base import I64, U8
from ferstudy.data.places import STAND_IN
from ferstudy.data.synthetic.dataset import SIZES

# What the tone of skin does to the three channels of light.
_SKIN = np.array([1.0, 0.86, 0.76], np.float32)
_NOTE = "These pictures are drawn by ferstudy. They stand in for the dataset whose layout they have.\n"


def begin(folder: Path, stand_in: bool = True) -> None:
    """Make a folder, and mark it where its faces are synthetic, so that no result on them passes for a real one."""
    folder.mkdir(parents=True, exist_ok=True)
    if stand_in:
        (folder / STAND_IN).write_text(_NOTE, encoding="ascii")


def face_size(width: int, height: int, share: float = 0.7) -> int:
    """Side of a face that takes this share of a picture, within what can be drawn."""
    return int(np.clip(share * min(width, height), *SIZES))


def scene(face: U8, width: int, height: int) -> U8:
    """A face in the middle of a picture, before a plain background.

    Args:
        face: (S, S) or (S, S, 3); cut where it is larger than the picture.
        width, height: Of the picture in pixels.

    Returns:
        (height, width) or (height, width, 3).
    """
    tone = np.median(face[0], axis=0)
    picture = np.empty((height, width, *face.shape[2:]), np.uint8)
    picture[...] = tone
    rows, columns = min(face.shape[0], height), min(face.shape[1], width)
    top, left = (height - rows) // 2, (width - columns) // 2
    picture[top : top + rows, left : left + columns] = face[:rows, :columns]
    return picture


def coloured(grey: U8) -> U8:
    """Grey pixels (..., H, W) in the colours of skin, (..., H, W, 3)."""
    return (grey[..., None] * _SKIN).astype(np.uint8)


def save(image: U8, path: Path) -> None:
    """Write a picture, in the form that its suffix says, and the folders that it needs."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    # Of the forms written here only JPEG has a quality; the others are exact.
    Image.fromarray(image).save(path, quality=95)


def noisy(labels: I64, classes: int, share: float, rng: np.random.Generator) -> I64:
    """Labels of which a share is replaced by another class."""
    wrong = rng.random(len(labels)) < share
    other = (labels + rng.integers(1, classes, len(labels))) % classes
    return np.where(wrong, other, labels).astype(np.int64)


def resized(image: U8, width: int, height: int) -> U8:
    """A picture in another size, bilinear."""
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
