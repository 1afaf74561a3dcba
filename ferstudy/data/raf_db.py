"""RAF-DB, the Real-world Affective Faces Database: 15,339 pictures from the web, each labelled by some 40 people.

S. Li, W. Deng, J. Du, "Reliable crowdsourcing and deep locality-preserving learning for expression recognition in the
wild", CVPR 2017. The basic-emotion part, as its owners give it: ``Image/aligned/train_00001_aligned.jpg`` (100 x 100
pixels, RGB) beside ``EmoLabel/list_patition_label.txt`` (the owners' spelling), whose lines read ``train_00001.jpg 5``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, read_pictures, some
from ferstudy.data.places import file_named, locate, pictures, subfolder
from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
CODES = {1: "surprise", 2: "fear", 3: "disgust", 4: "happy", 5: "sad", 6: "angry", 7: "neutral"}
SPLITS = ("train", "test")
OFFICIAL = ((705, 717, 281, 4772, 1982, 1290, 2524), (162, 160, 74, 1185, 478, 329, 680))
INFO = DatasetInfo(
    name="raf_db",
    classes=CLASSES,
    splits=SPLITS,
    images=15_339,
    licence="for non-commercial research, under an agreement with the owners; not included",
    how_to_get="ask its owners at whdeng.cn/RAF for the basic part; unpack it so that the folder raf_db of the data "
    "folder holds Image/aligned and EmoLabel",
)

_LISTS = ("list_patition_label.txt", "list_partition_label.txt")
_LINE = re.compile(r"((train|test)_\d+)\.\w+\s+([1-7])", re.IGNORECASE)


def find(root: Path) -> Path | None:
    """The folder that holds ``Image/aligned``, in ``root``, or ``None``."""

    def is_it(folder: Path) -> bool:
        image = subfolder(folder, "Image")
        return image is not None and subfolder(image, "aligned") is not None

    return locate(root, is_it)


def load(root: Path, faces: FaceCrop | Mapping[str, Any] | None = None) -> FaceDataset:
    """Read RAF-DB's aligned pictures with basic emotions.

    Args:
        root: Folder that holds ``Image`` and ``EmoLabel``.
        faces: How to cut the faces; the whole picture as 100 x 100 RGB pixels where not given: it is aligned already.

    Returns:
        Pictures in the order of the list.

    Raises:
        FerstudyError: No list beside the pictures, a line that cannot be one of its, or a damaged picture.
    """
    top = find(root)
    image = top and subfolder(top, "Image")
    aligned = image and subfolder(image, "aligned")
    if top is None or aligned is None:
        raise FerstudyError(f"raf_db: no Image/aligned in {root}. How to get it: {INFO.how_to_get}")
    by_stem = {path.stem.lower().removesuffix("_aligned"): path for path in pictures(aligned)}
    labels = _labels(top)
    found = [
        Picture(by_stem[stem], CLASSES.index(CODES[code]), SPLITS.index(stem.split("_")[0]))
        for stem, code in labels.items()
        if stem in by_stem
    ]
    missing, unlabelled = [stem for stem in labels if stem not in by_stem], set(by_stem) - set(labels)
    notes = [f"{len(missing):,} listed pictures are missing: {some(missing)}"] if missing else []
    if unlabelled:
        notes.append(f"{len(unlabelled):,} pictures are not in the list and are left out: {some(sorted(unlabelled))}")
    counts = np.zeros((len(SPLITS), len(CLASSES)), np.int64)
    for picture in found:
        counts[picture.usage, picture.label] += 1
    for split, ours, official in zip(SPLITS, counts, OFFICIAL, strict=True):
        notes += count_warnings(split, CLASSES, ours, official)
    listing = Listing(INFO, top, "Image/aligned and EmoLabel", found, tuple(notes))
    return read_pictures(listing, face_crop(faces, size=100, channels=3))


def _labels(top: Path) -> dict[str, int]:
    """The owners' code by picture, such as ``train_00001``, in the order of the list."""
    folder = subfolder(top, "EmoLabel")
    path = folder and next((path for name in _LISTS if (path := file_named(folder, name)) is not None), None)
    if path is None:
        raise FerstudyError(f"raf_db: {top} has Image and no EmoLabel/{_LISTS[0]}; add the owners' list of labels")
    labels = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise FerstudyError(
                f"raf_db: {path} line {number}: expected such as 'train_00001.jpg 5' with a code of 1 to 7, "
                f"found {line[:40]!r}"
            )
        labels[match[1].lower()] = int(match[3])
    return labels
