"""KDEF, the Karolinska Directed Emotional Faces: 4,900 pictures of 70 actors, from five angles.

D. Lundqvist, A. Flykt, A. Oehman, "The Karolinska Directed Emotional Faces", Karolinska Institutet, 1998. Pictures of
562 x 762 pixels with names such as ``AF01ANS.JPG``: session A or B, sex, number, emotion, angle (``FL`` full left,
``HL`` half left, ``S`` straight, ``HR`` half right, ``FR`` full right). A folder for each person and session as the
owners give them, one for all, or folders by emotion, or by split and emotion: the names decide.
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
from ferstudy.errors import FerstudyError, unknown

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
CODES = {"AN": "angry", "DI": "disgust", "AF": "fear", "HA": "happy", "SA": "sad", "SU": "surprise", "NE": "neutral"}
ANGLES = ("FL", "HL", "S", "HR", "FR")
OFFICIAL_SUBJECTS = 70
# Two sessions of every person, emotion and angle.
_SESSIONS = 2
INFO = DatasetInfo(
    name="kdef",
    classes=CLASSES,
    splits=("All",),
    images=4_900,
    licence="for non-commercial research, on terms that its owners state; not included",
    how_to_get="ask for it at kdef.se; unpack it into a folder kdef of the data folder; copies on Kaggle will do where "
    "the pictures keep their names (AF01ANS.JPG), in folders by person or by emotion or in one",
)

_NAMING = Naming(
    "kdef",
    re.compile(r"([AB])([FM]\d{2})(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)\.\w+", re.IGNORECASE),
    person=re.compile(r"[ab][fm]\d{2}"),
)


def find(root: Path) -> Path | None:
    """The folder of the persons' folders, or of all pictures, in ``root``, or ``None``."""
    return _NAMING.find(root)


def load(root: Path, faces: FaceCrop | Mapping[str, Any] | None = None, angle: str = "S") -> FaceDataset:
    """Read KDEF.

    Args:
        root: Folder that holds the persons' folders or all pictures.
        faces: How to cut the faces; the whole picture as 128 x 128 RGB pixels where not given.
        angle: ``FL``, ``HL``, ``S``, ``HR``, ``FR`` or ``all``.

    Returns:
        Pictures by name; women before men, as the owners number them.

    Raises:
        FerstudyError: No such angle; nothing there; folders by emotion of which one is missing; a picture that is there
            twice or in another emotion's folder; or a damaged picture.
    """
    if angle != "all" and angle not in ANGLES:
        raise unknown("angle of kdef", angle, (*ANGLES, "all"))
    top = find(root)
    if top is None:
        raise FerstudyError(f"kdef: no picture named like AF01ANS.JPG in {root}. How to get it: {INFO.how_to_get}")
    listed, strange = _NAMING.read(top)
    names = [CODES[item.match[3].upper()] for item in listed]
    _NAMING.check_emotions(top, listed, names, CLASSES)
    found = [
        Picture(item.path, CLASSES.index(name), subject=item.match[2].upper())
        for item, name in zip(listed, names, strict=True)
        if angle in ("all", item.match[4].upper())
    ]
    notes = [f"pictures whose names are not KDEF's were left out: {some(strange)}"] if strange else []
    counts = np.bincount([picture.label for picture in found], minlength=len(CLASSES))
    official = OFFICIAL_SUBJECTS * _SESSIONS * (len(ANGLES) if angle == "all" else 1)
    notes += count_warnings("this copy", CLASSES, counts, [official] * len(CLASSES))
    notes += people_warnings(found, OFFICIAL_SUBJECTS)
    listing = Listing(INFO, top, f"AF01ANS.JPG, angle {angle}", found, tuple(notes))
    return read_pictures(listing, face_crop(faces, size=128, channels=3))
