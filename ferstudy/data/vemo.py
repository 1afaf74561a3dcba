"""VEMO, Vietnam Emotion: 36,470 colour pictures of many sizes (residual_masking section IV.A).

L. Pham, T. H. Vu, T. A. Tran, "Facial expression recognition using residual masking network", ICPR 2020. 6,470 pictures
from videos and image search, labelled by ten people, and 30,000 labelled by professionals. The paper prints no count by
split or class. Read as ``train|val|test/<emotion>/*``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.emotions import emotion
from ferstudy.data.pictures import Listing, Picture, face_crop, read_pictures, some
from ferstudy.data.places import locate, pictures, subfolder, subfolders
from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SPLITS = ("train", "val", "test")
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
        FerstudyError: A split or an emotion's folder is missing or has another name, or a damaged picture.
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
            here = pictures(folder)
            if name in CLASSES:
                found += [Picture(path, CLASSES.index(name), usage) for path in here]
            elif here:
                strange.append(f"{split}/{word}")
    if strange:
        raise FerstudyError(f"vemo: the folder {some(strange)} is no emotion; expected {', '.join(CLASSES)}")
    notes = []
    if len(found) != INFO.images:
        notes.append(f"this copy deviates from the official count: {len(found):,} images, expected {INFO.images:,}")
    empty = [s for i, s in enumerate(SPLITS) if not any(picture.usage == i for picture in found)]
    if empty:
        notes.append(f"no picture in {some(empty)}")
    listing = Listing(INFO, top, "folders train|val|test/<emotion>", found, tuple(notes))
    return read_pictures(listing, face_crop(faces, size=96, channels=3))
