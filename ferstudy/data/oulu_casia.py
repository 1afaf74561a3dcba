"""Oulu-CASIA NIR&VIS: films from neutral to the apex, in visible and near-infrared light, under three lightings.

G. Zhao et al., "Facial expression recognition from near-infrared videos", Image and Vision Computing 29, 2011. Six
emotions of 80 people, with two cameras under three lightings: 2,880 films of 320 x 240 pixels, 25 frames a second.

As its owners give it: ``VL/Strong/P001/Anger/000.jpeg``; ``VL`` visible light, ``NI`` near infrared; ``Strong``,
``Weak`` or ``Dark``. Files are numbered from 000, frames from 1: the 7th frame is 006.jpeg.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.emotions import emotion
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, people_warnings, read_pictures, some
from ferstudy.data.places import locate, pictures, subfolder, subfolders
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
    "the folder with VL and NI into a folder oulu_casia of the data folder",
)


def find(root: Path) -> Path | None:
    """The folder that holds ``VL`` or ``NI``, in ``root``, or ``None``."""

    def is_it(folder: Path) -> bool:
        kinds = [place for kind in IMAGINGS if (place := subfolder(folder, kind)) is not None]
        return any(subfolder(kind, *LIGHTINGS) is not None for kind in kinds)

    return locate(root, is_it)


def load(
    root: Path,
    faces: FaceCrop | Mapping[str, Any] | None = None,
    imaging: str = "VL",
    lighting: str = "Strong",
    first_frame: int = 1,
) -> FaceDataset:
    """Read films of Oulu-CASIA.

    Args:
        root: Folder that holds ``VL`` or ``NI``.
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
    for film, subject, label, frames in _films(top, imagings, lightings):
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
    top: Path, imagings: tuple[str, ...], lightings: tuple[str, ...]
) -> Iterator[tuple[str, str, int, dict[int, Path]]]:
    """Every film: its name, person, label, and pictures by frame number."""
    for imaging in imagings:
        for lighting in lightings:
            camera = subfolder(top, imaging)
            place = camera and subfolder(camera, lighting)
            for subject, films in subfolders(place) if place else []:
                for word, folder in subfolders(films):
                    name = emotion(word)
                    if name in CLASSES:
                        stems = ((path.stem, path) for path in pictures(folder))
                        frames = {int(stem) + 1: path for stem, path in stems if stem.isdecimal()}
                        film = f"{imaging}/{lighting}/{subject.upper()}/{name}"
                        yield film, subject.upper(), CLASSES.index(name), frames
