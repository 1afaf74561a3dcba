"""CK+, the Extended Cohn-Kanade dataset: films from neutral to the apex of an emotion.

P. Lucey et al., "The Extended Cohn-Kanade Dataset (CK+): A complete dataset for action unit and emotion-specified
expression", CVPR workshops 2010. 593 films of 123 people, pictures of 640 x 490 (grey) or 640 x 480 (RGB); 327 films of
118 people bear one of seven emotions, which the last frame shows. Nobody labelled a frame as neutral: the first frames
of the labelled films make up that class (mobilenet_realtime, table 1).

As its owners give it: ``cohn-kanade-images/S005/001/S005_001_00000011.png`` beside
``Emotion/S005/001/S005_001_00000011_emotion.txt``, which holds a code such as ``3.0000000e+00``.

As people find it on Kaggle, cut to faces of 48 x 48:

- ``CK+48/anger/S010_004_00000019.png``: the last three frames of every labelled film, 981 pictures. Names carry person,
  film and frame; no frame is neutral.
- ``ckextended.csv``: emotion, pixels, Usage; the last frame of the 327 labelled films and the first of all 593 as
  neutral. Nothing says who or which film it is, so only protocols that need neither can be served.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.cache import content_fingerprint
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, people_warnings, read_pictures, some
from ferstudy.data.pixel_tables import read_csv
from ferstudy.data.places import file_named, files, is_stand_in, locate, pictures, subfolders
from ferstudy.data.sorted_pictures import Naming, Sorted
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
    "cohn-kanade-images and Emotion into a folder ck_plus of the data folder. On Kaggle: 'shawon10/ckplus' (CK+48: the "
    "last three frames of each film, none neutral) serves protocols without neutral, 'davilsena/ckdataset' "
    "(ckextended.csv: nobody is named) those that need neither people nor films",
)

# Of ckextended.csv: the first frames of films without a label are among its neutral ones.
OFFICIAL_EXTENDED = (45, 59, 25, 69, 28, 83, 593, 18)

_IMAGES = "cohn-kanade-images"
_TABLE = "ckextended.csv"
_FRAME_NUMBER = re.compile(r"_(\d+)(?:_emotion)?\.\w+$", re.IGNORECASE)
_CK48 = Naming("ck_plus", re.compile(r"(S\d{3})_(\d{3})_(\d{8})\.\w+", re.IGNORECASE), by_emotion=True)
_CK48_FRAMES = 3


def find(root: Path) -> Path | None:
    """The folder of images, that of ``CK+48`` or the table of a copy in ``root``, or ``None``."""
    return _find_owners(root) or _CK48.find(root) or _find_table(root)


def _find_owners(root: Path) -> Path | None:
    return locate(root, lambda folder: folder.name.lower() == _IMAGES)


def _find_table(root: Path) -> Path | None:
    if root.is_file():
        return root if root.name.lower() == _TABLE else None
    top = locate(root, lambda folder: file_named(folder, _TABLE) is not None)
    return top and file_named(top, _TABLE)


def load(root: Path, faces: FaceCrop | Mapping[str, Any] | None = None, frames: str = "last") -> FaceDataset:
    """Read the labelled films of CK+.

    Args:
        root: Folder that holds ``cohn-kanade-images`` and ``Emotion``, or one of the other forms.
        faces: How to cut the faces; the whole picture as 128 x 128 grey pixels where not given. The faces of
            ``ckextended.csv`` are cut already: no detector is asked.
        frames: Which frames bear the film's emotion: ``last`` (the apex, by the number in the label file's name),
            ``last3`` (the last three) or ``all`` but the first. The first frame is there in any case, as neutral, but
            in ``CK+48``.

    Returns:
        Films by person and number, frames in order, or the rows of the table. ``subjects`` and ``sequences`` count
        those with a label. Neutral is no class of ``CK+48``.

    Raises:
        FerstudyError: No such frames, or this form has not all of them; no labels beside the images, a label that is
            none; a film of ``CK+48`` without its three frames; or a damaged picture.
    """
    last = lookup("choice of frames", frames, FRAMES)
    crop = face_crop(faces, size=128)
    if (images := _find_owners(root)) is not None:
        return read_pictures(_list_owners(images, last, frames), crop)
    if (top := _CK48.find(root)) is not None:
        return read_pictures(_list_ck48(top, last, frames), crop)
    if (table := _find_table(root)) is not None:
        return _read_table(table, crop, frames)
    raise FerstudyError(f"ck_plus: no {_IMAGES} in {root}. How to get it: {INFO.how_to_get}")


def _list_owners(images: Path, last: int | None, frames: str) -> Listing:
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
    return Listing(INFO, top, f"{_IMAGES} and Emotion, {frames}", found, tuple(notes))


def _list_ck48(top: Path, last: int | None, frames: str) -> Listing:
    classes = tuple(name for name in CLASSES if name != "neutral")
    if last is None:
        raise FerstudyError(
            f"ck_plus: {top} holds the last {_CK48_FRAMES} frames of each film and not {frames!r}; take 'last' or "
            f"'last3', or the owners' {_IMAGES} and Emotion"
        )
    listed, strange = _CK48.read(top)
    _CK48.check_emotions(top, listed, [item.emotion for item in listed], classes)
    films: dict[str, dict[int, Sorted]] = {}
    for item in listed:
        films.setdefault(f"{item.match[1].upper()}/{item.match[2]}", {})[int(item.match[3])] = item
    found: list[Picture] = []
    counts = np.zeros(len(CLASSES), np.int64)
    for film, by_number in films.items():
        numbers, labels = sorted(by_number), {item.emotion for item in by_number.values()}
        if len(numbers) != _CK48_FRAMES or len(labels) > 1 or "neutral" in labels:
            shown = ", ".join(f"{number} {by_number[number].emotion}" for number in numbers)
            raise FerstudyError(
                f"ck_plus: CK+48 has {_CK48_FRAMES} frames of one emotion a film, and {film} has {shown}: which frame "
                "is its last cannot be told; get a whole copy"
            )
        (label,) = labels
        counts[CLASSES.index(label)] += 1
        subject = film.split("/")[0]
        found += [Picture(by_number[n].path, classes.index(label), 0, subject, film, n) for n in numbers[-last:]]
    notes = [f"pictures whose names are not CK+'s were left out: {some(strange)}"] if strange else []
    notes += count_warnings("this copy", CLASSES, counts, OFFICIAL, "films")
    notes += people_warnings(found, OFFICIAL_SUBJECTS)
    layout = f"CK+48/<emotion>, {frames}, without first frames"
    return Listing(replace(INFO, classes=classes), top, layout, found, tuple(notes))


def _read_table(path: Path, crop: FaceCrop, frames: str) -> FaceDataset:
    from ferstudy.data.faces import WHOLE_PICTURE, crop_face

    if FRAMES[frames] != 1:
        raise FerstudyError(
            f"ck_plus: {path} holds the last frame of each film and not {frames!r}; take 'last', CK+48 for 'last3', or "
            f"the owners' {_IMAGES} and Emotion"
        )
    table = read_csv(path, "ck_plus", len(CLASSES))
    images = np.stack([crop_face(image, None, crop) for image in table.images])
    usage = np.zeros(len(images), np.uint8)
    counts = np.bincount(table.labels, minlength=len(CLASSES))
    notes = [*count_warnings("this copy", CLASSES, counts, OFFICIAL_EXTENDED)]
    if table.usage is not None:
        notes.append("Usage is not CK+'s, and nobody can say whose faces are in several of its parts: it is not used")
    if crop.detector != WHOLE_PICTURE:
        notes.append(f"the faces are cut already: {crop.detector} was not asked")
    return FaceDataset(
        name=INFO.name,
        classes=CLASSES,
        images=images,
        labels=table.labels.astype(np.int64),
        usage=usage,
        splits=INFO.splits,
        rows=np.arange(len(images), dtype=np.int64),
        fingerprint=content_fingerprint(images, table.labels, usage),
        layout=f"{_TABLE}, without people and films",
        real=not is_stand_in(path.parent),
        warnings=tuple(notes),
    )


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
