"""JAFFE, the Japanese Female Facial Expression dataset: 213 posed grey pictures of 10 women.

M. J. Lyons et al., "Coding facial expressions with Gabor wavelets", FG 1998. Pictures of 256 x 256 pixels with names
such as ``KA.AN1.39.tiff``: person, emotion with the number of the pose, running number. Flat, as the owners give them,
or sorted into folders by emotion, by person, or by split and emotion: the names decide, and the splits of such copies
are not JAFFE's, so they are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, people_warnings, read_pictures, some
from ferstudy.data.sorted_pictures import Naming
from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
CODES = {"AN": "angry", "DI": "disgust", "FE": "fear", "HA": "happy", "SA": "sad", "SU": "surprise", "NE": "neutral"}
# By the names of the distributed files; mobilenet_realtime's table 1 has one fear fewer and one disgust more.
OFFICIAL = (30, 29, 32, 31, 31, 30, 30)
OFFICIAL_SUBJECTS = 10
INFO = DatasetInfo(
    name="jaffe",
    classes=CLASSES,
    splits=("All",),
    images=213,
    licence="for non-commercial research, on terms that its owners state; not included",
    how_to_get="ask for access on Zenodo (doi 10.5281/zenodo.3451524); unpack the pictures into a folder jaffe of "
    "the data folder; copies on Kaggle in folders by emotion, or train/<emotion>, will do where the pictures keep "
    "their names (KA.AN1.39.tiff)",
)

_NAMING = Naming(
    "jaffe",
    re.compile(r"([A-Z]{2})\.(AN|DI|FE|HA|NE|SA|SU)(\d+)\.(\d+)\.\w+", re.IGNORECASE),
    person=re.compile(r"[a-z]{2}"),
)


def find(root: Path) -> Path | None:
    """The folder below which the pictures of a copy in ``root`` lie, or ``None``."""
    return _NAMING.find(root)


def load(root: Path, faces: FaceCrop | Mapping[str, Any] | None = None) -> FaceDataset:
    """Read JAFFE.

    Args:
        root: Folder that holds the pictures.
        faces: How to cut the faces; the whole picture as 128 x 128 grey pixels where not given.

    Returns:
        Pictures in the order of their names; persons in the order of their initials.

    Raises:
        FerstudyError: Nothing there; folders by emotion of which one is missing; a picture that is there twice or in
            another emotion's folder; or a damaged picture.
    """
    top = find(root)
    if top is None:
        raise FerstudyError(f"jaffe: no picture named like KA.AN1.39.tiff in {root}. How to get it: {INFO.how_to_get}")
    listed, strange = _NAMING.read(top)
    names = [CODES[item.match[2].upper()] for item in listed]
    _NAMING.check_emotions(top, listed, names, CLASSES)
    found = [
        Picture(item.path, CLASSES.index(name), subject=item.match[1].upper())
        for item, name in zip(listed, names, strict=True)
    ]
    notes = [f"pictures whose names are not JAFFE's were left out: {some(strange)}"] if strange else []
    counts = np.bincount([picture.label for picture in found], minlength=len(CLASSES))
    notes += count_warnings("this copy", CLASSES, counts, OFFICIAL)
    notes += people_warnings(found, OFFICIAL_SUBJECTS)
    return read_pictures(Listing(INFO, top, "KA.AN1.39.tiff", found, tuple(notes)), face_crop(faces, size=128))
