"""CK+, the Extended Cohn-Kanade dataset: films from neutral to the apex of an emotion.

P. Lucey et al., "The Extended Cohn-Kanade Dataset (CK+): A complete dataset for action unit and emotion-specified
expression", CVPR workshops 2010. 593 films of 123 people, pictures of 640 x 490 (grey) or 640 x 480 (RGB); 327 films of
118 people bear one of seven emotions, which the last frame shows. Nobody labelled a frame as neutral: the first frames
of the labelled films make up that class (mobilenet_realtime, table 1).

As its owners give it: ``cohn-kanade-images/S005/001/S005_001_00000011.png`` beside
``Emotion/S005/001/S005_001_00000011_emotion.txt``, which holds a code such as ``3.0000000e+00``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, people_warnings, read_pictures, some
from ferstudy.data.places import files, locate, pictures, subfolders
from ferstudy.errors import FerstudyError, lookup

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt")
# The owners' codes; theirs for neutral, 0, is in no label file.
CODES = {1: "angry", 2: "contempt", 3: "disgust", 4: "fear", 5: "happy", 6: "sad", 7: "surprise"}
# How many frames at the end of a film show its emotion.
FRAMES: dict[str, int | None] = {"last": 1, "last3": 3, "all": None}
# Labelled films by class, in the order of CLASSES, and the people in them.
OFFICIAL = (45, 59, 25, 69, 28, 83, 0, 18)
OFFICIAL_SUBJECTS = 118
INFO = DatasetInfo(
    name="ck_plus",
    classes=CLASSES,
    splits=("All",),
    # The last and the first frame of each labelled film.
    images=654,
    licence="for research, under an agreement with the owners; pictures of few people may be published; not included",
    how_to_get="ask its owners, the Affect Analysis Group of the University of Pittsburgh, for CK+; unpack "
    "cohn-kanade-images and Emotion into a folder ck_plus of the data folder",
)

_IMAGES = "cohn-kanade-images"
_FRAME_NUMBER = re.compile(r"_(\d+)(?:_emotion)?\.\w+$", re.IGNORECASE)


def find(root: Path) -> Path | None:
    """The folder of images of a copy in ``root``, or ``None``."""
    return locate(root, lambda folder: folder.name.lower() == _IMAGES)


def load(root: Path, faces: FaceCrop | Mapping[str, Any] | None = None, frames: str = "last") -> FaceDataset:
    """Read the labelled films of CK+.

    Args:
        root: Folder that holds ``cohn-kanade-images`` and ``Emotion``.
        faces: How to cut the faces; the whole picture as 128 x 128 grey pixels where not given.
        frames: Which frames bear the film's emotion: ``last`` (the apex, by the number in the label file's name),
            ``last3`` (the last three) or ``all`` but the first. The first frame is there in any case, as neutral.

    Returns:
        Films by person and number, frames in order. ``subjects`` and ``sequences`` count those with a label.

    Raises:
        FerstudyError: No such frames, no labels beside the images, a label that is none, or a damaged picture.
    """
    last = lookup("choice of frames", frames, FRAMES)
    images = find(root)
    if images is None:
        raise FerstudyError(f"ck_plus: no {_IMAGES} in {root}. How to get it: {INFO.how_to_get}")
    # The owners' archives, each unpacked into a folder of its own, lie side by side.
    top = images.parent.parent if images.parent.name.lower().startswith("extended") else images.parent
    labels = _labels(top)
    found: list[Picture] = []
    notes: list[str] = []
    counts = np.zeros(len(CLASSES), np.int64)
    gaps: list[str] = []
    for name, frame_files in _films(images):
        if name not in labels:
            continue
        label, apex = labels.pop(name)
        missing = sorted({*range(1, apex + 1)} - set(frame_files))
        if missing:
            gaps.append(f"{name} ({some(map(str, missing))})")
        counts[label] += bool(frame_files)
        first_shown = 2 if last is None else apex - last + 1
        for number in sorted(frame_files):
            # Frame 1 is the onset, however short the film: no frame is both neutral and an emotion.
            if number == 1 < apex:
                found.append(Picture(frame_files[1], CLASSES.index("neutral"), 0, name.split("/")[0], name, 1))
            elif number >= first_shown:
                found.append(Picture(frame_files[number], label, 0, name.split("/")[0], name, number))
    gaps += [f"{name} (all)" for name in labels]
    if gaps:
        notes.append(f"{len(gaps):,} labelled films lack frames: {some(gaps)}")
    notes += count_warnings("this copy", CLASSES, counts, OFFICIAL, "films")
    notes += people_warnings(found, OFFICIAL_SUBJECTS)
    listing = Listing(INFO, top, f"{_IMAGES} and Emotion, {frames}", found, tuple(notes))
    return read_pictures(listing, face_crop(faces, size=128))


def _films(images: Path) -> Iterator[tuple[str, dict[int, Path]]]:
    """Every film as ``S005/001``, with its pictures by frame number."""
    for subject, folder in subfolders(images):
        for film, frames in subfolders(folder):
            yield (
                f"{subject.upper()}/{film}",
                {int(match[1]): path for path in pictures(frames) if (match := _FRAME_NUMBER.search(path.name))},
            )


def _labels(top: Path) -> dict[str, tuple[int, int]]:
    """Label and number of the apex frame by film."""
    folder = locate(top, lambda place: place.name.lower() == "emotion" and bool(subfolders(place)))
    if folder is None:
        raise FerstudyError(f"ck_plus: {top} has {_IMAGES} and no labels; unpack Emotion beside it")
    labels = {}
    for subject, films in subfolders(folder):
        for film, place in subfolders(films):
            for name, path in files(place):
                match = _FRAME_NUMBER.search(name)
                if match and name.lower().endswith("_emotion.txt"):
                    labels[f"{subject.upper()}/{film}"] = CLASSES.index(_emotion(path)), int(match[1])
    return labels


def _emotion(path: Path) -> str:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        return CODES[int(float(text))]
    except (ValueError, OverflowError, KeyError) as error:
        raise FerstudyError(f"ck_plus: {path} holds {text[:20]!r}; expected a code of 1 to 7") from error
