"""RAF-DB, the Real-world Affective Faces Database: 15,339 pictures from the web, each labelled by some 40 people.

S. Li, W. Deng, J. Du, "Reliable crowdsourcing and deep locality-preserving learning for expression recognition in the
wild", CVPR 2017. The basic-emotion part, as its owners give it: ``Image/aligned/train_00001_aligned.jpg`` (100 x 100
pixels, RGB) beside ``EmoLabel/list_patition_label.txt`` (the owners' spelling), whose lines read ``train_00001.jpg 5``.
Also ``aligned`` with the list beside it; and as Kaggle has it, ``DATASET/train/5/train_00001_aligned.jpg`` with
``train_labels.csv`` and ``test_labels.csv``, whose rows read ``train_00001_aligned.jpg,5``: folders and tables hold the
owners' codes, which are in no order that sorting would give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.pictures import Listing, Picture, count_warnings, face_crop, read_pictures, some
from ferstudy.data.places import file_named, locate, natural, pictures, subfolder, subfolders
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
    "folder holds Image/aligned and EmoLabel; on Kaggle 'shuvoalok/raf-db-dataset' (DATASET/train/1 to 7 with "
    "train_labels.csv) has the same pictures",
    counts=(sum(OFFICIAL[0]), sum(OFFICIAL[1])),
)

_LISTS = ("list_patition_label.txt", "list_partition_label.txt")
_LINE = re.compile(r"((train|test)_\d+)(?:_aligned)?\.\w+[\s,]+([1-7])", re.IGNORECASE)
_PICTURE = re.compile(r"((train|test)_\d+)(?:_aligned)?\.\w+", re.IGNORECASE)


@dataclass(frozen=True)
class _Copy:
    """What a copy says.

    Attributes:
        layout: Its form.
        paths: The picture of each name such as ``train_00001``.
        codes: The owners' code of each name, in the order of the list.
    """

    layout: str
    paths: dict[str, Path]
    codes: dict[str, int]


def find(root: Path) -> Path | None:
    """The folder that holds ``Image/aligned``, ``aligned`` or ``train/1`` to ``7``, in ``root``, or ``None``."""
    return locate(root, lambda folder: _aligned(folder) is not None or bool(_code_folders(folder)))


def load(root: Path, faces: FaceCrop | Mapping[str, Any] | None = None) -> FaceDataset:
    """Read RAF-DB's aligned pictures with basic emotions.

    Args:
        root: Folder that holds ``Image`` and ``EmoLabel``, or one of the other forms.
        faces: How to cut the faces; the whole picture as 100 x 100 RGB pixels where not given: it is aligned already.

    Returns:
        Pictures in the order of the list; where there is none, by split and number, which is that order.

    Raises:
        FerstudyError: No list beside the pictures, a line that cannot be one of its, a picture in the folder of another
            code than the list's or in two folders, or a damaged picture.
    """
    top = find(root)
    if top is None:
        raise FerstudyError(f"raf_db: no Image/aligned in {root}. How to get it: {INFO.how_to_get}")
    aligned = _aligned(top)
    copy = _by_list(top, aligned) if aligned is not None else _by_folder(top)
    found = [
        Picture(copy.paths[name], CLASSES.index(CODES[code]), SPLITS.index(name.split("_")[0]))
        for name, code in copy.codes.items()
        if name in copy.paths
    ]
    missing, unlabelled = [name for name in copy.codes if name not in copy.paths], set(copy.paths) - set(copy.codes)
    notes = [f"{len(missing):,} listed pictures are missing: {some(missing)}"] if missing else []
    if unlabelled:
        notes.append(f"{len(unlabelled):,} pictures are not in the list and are left out: {some(sorted(unlabelled))}")
    counts = np.zeros((len(SPLITS), len(CLASSES)), np.int64)
    for picture in found:
        counts[picture.usage, picture.label] += 1
    for split, ours, official in zip(SPLITS, counts, OFFICIAL, strict=True):
        notes += count_warnings(split, CLASSES, ours, official)
    listing = Listing(INFO, top, copy.layout, found, tuple(notes))
    return read_pictures(listing, face_crop(faces, size=100, channels=3))


def _aligned(top: Path) -> Path | None:
    """The folder of the owners' aligned pictures."""
    image = subfolder(top, "Image")
    inside = image and subfolder(image, "aligned")
    if inside is not None:
        return inside
    beside = subfolder(top, "aligned")
    named = beside is not None and any(_PICTURE.fullmatch(path.name) for path in pictures(beside))
    return beside if named else None


def _by_list(top: Path, aligned: Path) -> _Copy:
    places = [folder for folder in (subfolder(top, "EmoLabel"), top, aligned.parent, aligned) if folder]
    path = next((path for place in places for name in _LISTS if (path := file_named(place, name)) is not None), None)
    if path is None:
        raise FerstudyError(
            f"raf_db: {aligned} has no list of labels; add the owners' EmoLabel/{_LISTS[0]}, there or beside it"
        )
    paths: dict[str, Path] = {}
    for picture in pictures(aligned):
        name = picture.stem.lower().removesuffix("_aligned")
        if name in paths:
            raise FerstudyError(f"raf_db: {aligned}: {paths[name].name} and {picture.name} are one picture; keep one")
        paths[name] = picture
    return _Copy(f"{aligned.relative_to(top).as_posix()} and {path.relative_to(top).as_posix()}", paths, _lines(path))


def _code_folders(top: Path) -> list[tuple[str, int, Path]]:
    """Split, code and place of every folder such as ``train/5`` that holds RAF-DB's pictures."""
    return [
        (split, int(code), folder)
        for split in SPLITS
        if (place := subfolder(top, split)) is not None
        for code, folder in subfolders(place)
        if code.isdecimal() and int(code) in CODES and any(_PICTURE.fullmatch(path.name) for path in pictures(folder))
    ]


def _by_folder(top: Path) -> _Copy:
    paths: dict[str, Path] = {}
    codes: dict[str, int] = {}
    for split, code, folder in _code_folders(top):
        for path in pictures(folder):
            match = _PICTURE.fullmatch(path.name)
            name = match[1].lower() if match else path.stem.lower()
            if match is None or match[2].lower() != split or name in paths:
                raise FerstudyError(
                    f"raf_db: {path.relative_to(top)}: expected pictures such as {split}_00001_aligned.jpg, each once"
                )
            paths[name], codes[name] = path, code
    codes = dict(sorted(codes.items(), key=lambda item: (SPLITS.index(item[0].split("_")[0]), natural(item[0]))))
    listed: dict[str, int] = {}
    for split in SPLITS:
        if (table := file_named(top, f"{split}_labels.csv")) is not None:
            listed |= _lines(table, header=("image", "label"))
    for name, code in listed.items():
        if codes.setdefault(name, code) != code:
            raise FerstudyError(
                f"raf_db: {paths[name].relative_to(top)} lies in the folder of {codes[name]} and is listed as {code}; "
                "get the copy again"
            )
    return _Copy("folders train|test/<code>", paths, codes)


def _lines(path: Path, header: tuple[str, ...] = ()) -> dict[str, int]:
    """The owners' code by picture, such as ``train_00001``, in the order of the list.

    Args:
        path: The list, or a table of two columns.
        header: The names of a table's columns; a list has none.
    """
    codes: dict[str, int] = {}
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if header and [word.strip().lower() for word in lines[:1] and lines[0].split(",")] != [*header]:
        raise FerstudyError(f"raf_db: {path}: expected the columns {', '.join(header)}, found {''.join(lines[:1])!r}")
    for number, line in enumerate(lines, 1):
        if not line.strip() or (header and number == 1):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise FerstudyError(
                f"raf_db: {path} line {number}: expected such as 'train_00001.jpg 5' with a code of 1 to 7, "
                f"found {line[:40]!r}"
            )
        name, code = match[1].lower(), int(match[3])
        if codes.setdefault(name, code) != code:
            raise FerstudyError(f"raf_db: {path} line {number}: {name} is listed as {codes[name]} and as {code}")
    return codes
