"""VEMO, Vietnam Emotion: 36,470 colour pictures of many sizes (residual_masking section IV.A).

L. Pham, T. H. Vu, T. A. Tran, "Facial expression recognition using residual masking network", ICPR 2020. 6,470 pictures
from videos and image search, labelled by ten people, and 30,000 labelled by professionals. The text that this project
follows prints no count by split or class; Table II of the version that its authors published later does (the
``docs/paper.pdf`` of their public repository), and sums to the same 36,470. Read as ``train|val|test/<emotion>/*``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.emotions import emotion
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, read_pictures, some
from ferstudy.data.places import locate, pictures, subfolder, subfolders
from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SPLITS = ("train", "val", "test")
# Table II of the authors' later version, by split, in the order of CLASSES (theirs has neutral before sad).
OFFICIAL = (
    (4176, 1333, 1739, 4948, 3867, 4896, 4601),
    (860, 281, 378, 1054, 839, 1069, 993),
    (876, 289, 361, 1064, 807, 1096, 943),
)
INFO = DatasetInfo(
    name="vemo",
    classes=CLASSES,
    splits=SPLITS,
    images=36_470,
    licence="private to its makers; not included",
    how_to_get="ask the authors of the paper; put train, val and test, with a folder an emotion, into a folder vemo "
    "of the data folder",
)


def find(root: Path) -> Path | None:
    """The folder that holds ``train``, ``val`` and ``test``, in ``root``, or ``None``."""
    return locate(root, lambda folder: all(subfolder(folder, split) is not None for split in SPLITS))


def load(root: Path, faces: FaceCrop | Mapping[str, Any] | None = None) -> FaceDataset:
    """Read VEMO.

    Args:
        root: Folder that holds ``train``, ``val`` and ``test``.
        faces: How to cut the faces; the whole picture as 96 x 96 RGB pixels where not given (the pictures are faces).

    Returns:
        Pictures by split, emotion and name.

    Raises:
        FerstudyError: A split is missing, a folder of pictures has no emotion's name, or a damaged picture.
    """
    top = find(root)
    if top is None:
        raise FerstudyError(f"vemo: {root} lacks train, val or test. How to get it: {INFO.how_to_get}")
    found: list[Picture] = []
    strange: list[str] = []
    for usage, split in enumerate(SPLITS):
        place = subfolder(top, split)
        assert place is not None
        for word, folder in subfolders(place):
            name = emotion(word)
            inside = pictures(folder)
            if name in CLASSES:
                found += [Picture(path, CLASSES.index(name), usage) for path in inside]
            elif inside:
                strange.append(f"{split}/{word}")
    if strange:
        raise FerstudyError(f"vemo: the folder {some(strange)} is no emotion; expected {', '.join(CLASSES)}")
    notes: list[str] = []
    for usage, (split, official) in enumerate(zip(SPLITS, OFFICIAL, strict=True)):
        here = np.bincount([p.label for p in found if p.usage == usage], minlength=len(CLASSES))
        notes += count_warnings(split, CLASSES, here, official)
    listing = Listing(INFO, top, "folders train|val|test/<emotion>", found, tuple(notes))
    return read_pictures(listing, face_crop(faces, size=96, channels=3))
