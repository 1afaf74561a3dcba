"""Oulu-CASIA NIR&VIS: films from neutral to the apex, in visible and near-infrared light, under three lightings.

G. Zhao et al., "Facial expression recognition from near-infrared videos", Image and Vision Computing 29, 2011. Six
emotions of 80 people, with two cameras under three lightings: 2,880 films of 320 x 240 pixels, 25 frames a second.

As its owners give it: ``VL/Strong/P001/Anger/000.jpeg``; ``VL`` visible light, ``NI`` near infrared; ``Strong``,
``Weak`` or ``Dark``. Files are numbered from 000, frames from 1: the 7th frame is 006.jpeg. ``B_OriginalImg`` holds
the pictures as they were taken, ``PreProcess Img`` the faces cut out of them, in folders ``VL_Acropped`` and
``NI_Acropped``, which copies call ``B_VL_Acropped`` too. A copy of the folder ``Strong`` alone is taken for visible
light. Nothing says how long a film is: that its last frame is missing cannot be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.emotions import emotion
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, people_warnings, read_pictures, some
from ferstudy.data.places import locate, pictures, subfolders
from ferstudy.errors import FerstudyError, unknown

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise")
IMAGINGS = ("VL", "NI")
LIGHTINGS = ("Strong", "Weak", "Dark")
OFFICIAL_SUBJECTS = 80
INFO = DatasetInfo(
    name="oulu_casia",
    classes=CLASSES,
    splits=("All",),
    # The last three frames of the 480 films in visible, strong light.
    images=1_440,
    licence="for research, under an agreement with the owners; not included",
    how_to_get="ask its owners, the Center for Machine Vision and Signal Analysis of the University of Oulu; unpack "
    "the folder with VL and NI (B_OriginalImg), or with VL_Acropped (PreProcess Img), into a folder oulu_casia of the "
    "data folder; a copy of the folder Strong alone will do for visible light",
)

_CAMERA = re.compile(r"(?:b_)?(vl|ni)(_acropped)?")
_PERSON = re.compile(r"p\d+")


def find(root: Path) -> Path | None:
    """The folder that holds ``VL`` or ``NI``, or films of one lighting at least, in ``root``, or ``None``."""
    return locate(root, lambda folder: bool(_cameras(folder)))


def _cameras(folder: Path) -> dict[str, dict[str, Path]]:
    """The folders of persons by imaging and lighting; imaging is empty where no folder says it."""
    inside = subfolders(folder)
    cameras: dict[str, dict[str, Path]] = {}
    # The plain name before the cut faces, where both are there.
    for name, place in sorted(inside, key=lambda entry: len(entry[0])):
        match = _CAMERA.fullmatch(name)
        lightings = _lightings(place) if match else {}
        if match and lightings:
            cameras.setdefault(match[1].upper(), lightings)
    if not cameras and (lightings := _lightings(folder)):
        match = _CAMERA.fullmatch(folder.name.lower())
        cameras[match[1].upper() if match else ""] = lightings
    if not cameras and _has_persons(folder) and (light := _lighting(folder.name)):
        match = _CAMERA.fullmatch(folder.absolute().parent.name.lower())
        cameras[match[1].upper() if match else ""] = {light: folder}
    return cameras


def _lightings(folder: Path) -> dict[str, Path]:
    return {light: place for name, place in subfolders(folder) if (light := _lighting(name)) and _has_persons(place)}


def _lighting(name: str) -> str:
    return next((light for light in LIGHTINGS if light.lower() == name.lower()), "")


def _has_persons(folder: Path) -> bool:
    return any(_PERSON.fullmatch(name) for name, _ in subfolders(folder))


def load(
    root: Path,
    faces: FaceCrop | Mapping[str, Any] | None = None,
    imaging: str = "VL",
    lighting: str = "Strong",
    first_frame: int = 1,
) -> FaceDataset:
    """Read films of Oulu-CASIA.

    Args:
        root: Folder that holds ``VL`` or ``NI``, by either of their names, or ``Strong``, ``Weak`` or ``Dark``.
        faces: How to cut the faces; the whole picture as 128 x 128 grey pixels where not given.
        imaging: ``VL``, ``NI`` or ``all``.
        lighting: ``Strong``, ``Weak``, ``Dark`` or ``all``.
        first_frame: Frames before it are left out; attention_fusion takes films from the 7th (section 4.2).

    Returns:
        Films by imaging, lighting, person and emotion, frames in order.

    Raises:
        FerstudyError: No such imaging or lighting, nothing there, or a damaged picture.
    """
    top = find(root)
    if top is None:
        raise FerstudyError(f"oulu_casia: neither VL nor NI in {root}. How to get it: {INFO.how_to_get}")
    if first_frame < 1:
        raise FerstudyError(f"oulu_casia: expected first_frame of 1 or more, got {first_frame}")
    imagings, lightings = _chosen("imaging", imaging, IMAGINGS), _chosen("lighting", lighting, LIGHTINGS)
    found: list[Picture] = []
    gaps, short = [], []
    counts = np.zeros(len(CLASSES), np.int64)
    cameras = _cameras(top)
    unnamed = cameras.pop("", None)
    if unnamed is not None:
        cameras["VL"] = unnamed
    for film, subject, label, frames in _films(cameras, imagings, lightings):
        counts[label] += 1
        missing = sorted({*range(1, max(frames, default=1) + 1)} - set(frames))
        if missing:
            gaps.append(f"{film} ({some(map(str, missing))})")
        kept = [number for number in sorted(frames) if number >= first_frame]
        if not kept:
            short.append(film)
        found += [Picture(frames[number], label, 0, subject, film, number) for number in kept]
    notes = [f"{len(gaps):,} films lack frames: {some(gaps)}"] if gaps else []
    if short:
        notes.append(f"{len(short):,} films end before frame {first_frame} and are left out: {some(short)}")
    if unnamed is not None:
        notes.append(f"no folder says which camera took the films in {top}: they are taken for visible light")
    official = [OFFICIAL_SUBJECTS * len(imagings) * len(lightings)] * len(CLASSES)
    notes += count_warnings("this copy", CLASSES, counts, official, "films")
    notes += people_warnings(found, OFFICIAL_SUBJECTS)
    layout = f"{imaging}/{lighting}, from frame {first_frame}"
    return read_pictures(Listing(INFO, top, layout, found, tuple(notes)), face_crop(faces, size=128))


def _chosen(kind: str, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    if name != "all" and name not in known:
        raise unknown(f"{kind} of oulu_casia", name, (*known, "all"))
    return known if name == "all" else (name,)


def _films(
    cameras: Mapping[str, Mapping[str, Path]], imagings: tuple[str, ...], lightings: tuple[str, ...]
) -> Iterator[tuple[str, str, int, dict[int, Path]]]:
    """Every film: its name, person, label, and pictures by frame number."""
    for imaging in imagings:
        for lighting in lightings:
            place = cameras.get(imaging, {}).get(lighting)
            for subject, films in subfolders(place) if place else []:
                for word, folder in subfolders(films):
                    name = emotion(word)
                    if name in CLASSES:
                        stems = ((path.stem, path) for path in pictures(folder))
                        frames = {int(stem) + 1: path for stem, path in stems if stem.isdecimal()}
                        film = f"{imaging}/{lighting}/{subject.upper()}/{name}"
                        yield film, subject.upper(), CLASSES.index(name), frames
