"""FER2013 as picture files in folders by split and emotion.

- ``train|test/<emotion>/PrivateTest_00012345.jpg``: the common Kaggle tree, whose file names carry the split;
- ``Training|PublicTest|PrivateTest/<emotion>/*``: the official splits as folders;
- ``train|val|test/<emotion>/*``: the same by other words, if the class counts are the official ones;
- ``images/train|validation/<emotion>/12345.jpg``: another tree from Kaggle, split anew at random; its numbers are the
  rows of ``fer2013.csv``, so that the official splits come back.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from ferstudy.data.base import I64, U8
from ferstudy.data.emotions import emotion
from ferstudy.data.fer2013_splits import ORDER
from ferstudy.data.pixel_tables import SIDE, AnyPath
from ferstudy.data.places import pictures, subfolders
from ferstudy.errors import FerstudyError
from ferstudy.vision.media import IMAGE_SUFFIXES

# The split that a folder or a file of a split is for. "Validation" and "Test" are official splits only where their
# class counts prove it.
PARTS = {
    "train": "Training",
    "training": "Training",
    "publictest": "PublicTest",
    "privatetest": "PrivateTest",
    "val": "Validation",
    "valid": "Validation",
    "validation": "Validation",
    "dev": "Validation",
    "test": "Test",
    "testing": "Test",
}
_OWN_SPLITS = ("Training", "PublicTest", "PrivateTest")
_OFFICIAL = re.compile(r"(Training|PublicTest|PrivateTest)_(\d+)\.", re.IGNORECASE)


@dataclass(frozen=True)
class Tree:
    """Pictures of a tree, in the dataset's own order as far as their names tell it.

    Attributes:
        images: (N, 48, 48) grey pixels, 0..255.
        labels: (N,) class of each.
        splits: (N,) names of splits.
        numbers: (N,) rows of ``fer2013.csv``, where every name is a number; else ``None``.
    """

    images: U8
    labels: U8
    splits: list[str]
    numbers: I64 | None


@dataclass(frozen=True)
class _Entry:
    split: str
    number: int
    name: str
    label: int
    file: Any
    is_row: bool


def parts_of(folder: AnyPath) -> list[tuple[str, Any]]:
    """The folders of splits in a folder, each with its split, in their order; none where it is no tree.

    Raises:
        FerstudyError: A split is missing beside the others.
    """
    found = [(PARTS[inner.name.lower()], inner) for inner in inner_folders(folder) if inner.name.lower() in PARTS]
    splits = {split for split, _ in found}
    if not splits & {*_OWN_SPLITS}:
        return []
    missing = [split for split in _OWN_SPLITS if split not in splits]
    if missing and len(missing) < 3 and splits & {"PublicTest", "PrivateTest"}:
        raise FerstudyError(f"fer2013: {folder} has no {' and no '.join(missing)} beside its other splits; add it")
    if splits == {"Training"}:
        names = ", ".join(inner.name for _, inner in found)
        raise FerstudyError(f"fer2013: {folder} has {names}/ and no test/ beside it; the tree is incomplete")
    return sorted(found, key=lambda part: ORDER.index(part[0]))


def inner_folders(folder: AnyPath) -> list[Any]:
    """The folders in a folder, by name, but hidden ones."""
    if isinstance(folder, Path):
        return [path for _, path in subfolders(folder)]
    return sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.name)


def read_tree(folder: AnyPath, classes: tuple[str, ...]) -> Tree:
    """Read a tree.

    Args:
        folder: Holds the splits' folders; perhaps in a zip.
        classes: Emotions in label order.

    Raises:
        FerstudyError: A folder that is no emotion, a picture outside the emotions' folders, a picture that is damaged
            or not 48 x 48 pixels, or none.
    """
    entries = [entry for split, part in parts_of(folder) for entry in _entries(split, part, classes)]
    if not entries:
        raise FerstudyError(f"fer2013: no image in the folders of {folder}")
    rows = all(entry.is_row for entry in entries) and len({entry.number for entry in entries}) == len(entries)
    if rows:
        entries.sort(key=lambda entry: entry.number)
    else:
        entries.sort(key=lambda e: (ORDER.index(e.split), 0 if e.is_row else e.number, e.name, e.label))
    return Tree(
        np.stack([decode(entry.file.read_bytes(), entry.name) for entry in entries]),
        np.array([entry.label for entry in entries], np.uint8),
        [entry.split for entry in entries],
        np.array([entry.number for entry in entries], np.int64) if rows else None,
    )


def _entries(split: str, part: Any, classes: tuple[str, ...]) -> Iterator[_Entry]:
    stray = next(_pictures(part), None)
    if stray is not None:
        raise FerstudyError(f"fer2013: {part.name}/{stray.name} lies in no emotion's folder; put it into one")
    for folder in inner_folders(part):
        name = emotion(folder.name)
        if name not in classes:
            raise FerstudyError(
                f"fer2013: folder {part.name}/{folder.name} is no emotion; expected {', '.join(classes)}"
            )
        for file in _pictures(folder):
            official, stem = _OFFICIAL.match(file.name), file.name.rpartition(".")[0]
            number = int(official[2]) if official else int(stem) if stem.isdecimal() else 0
            said = PARTS[official[1].lower()] if official else split
            yield _Entry(said, number, file.name, classes.index(name), file, is_row=stem.isdecimal())


def _pictures(folder: AnyPath) -> Iterator[Any]:
    if isinstance(folder, Path):
        yield from pictures(folder)
        return
    for file in folder.iterdir():
        if file.name.lower().endswith(IMAGE_SUFFIXES) and not file.name.startswith("."):
            yield file


def decode(content: bytes, name: str) -> U8:
    """A picture file as 48 x 48 grey pixels.

    Raises:
        FerstudyError: It is damaged or of another size.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            pixels = np.asarray(image.convert("L"))
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise FerstudyError(f"fer2013: {name} is not a readable image; remove it or download it again") from error
    if pixels.shape != (SIDE, SIDE):
        raise FerstudyError(f"fer2013: {name} is {pixels.shape[1]} x {pixels.shape[0]} pixels; expected 48 x 48")
    return pixels
