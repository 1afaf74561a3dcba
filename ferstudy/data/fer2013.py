"""FER2013 in every form that people have it in.

I. J. Goodfellow et al., "Challenges in Representation Learning: A report on three machine learning contests", 2013.
35,887 grey faces of 48 x 48 pixels, 7 classes, official splits Training, PublicTest and PrivateTest.

Understood, as a folder, a file or a ``.zip`` of either, one or two folders down:

- ``fer2013.csv``: columns emotion, pixels, Usage (the challenge's own file);
- ``icml_face_data.csv``: the same with blanks before the column names;
- ``train.csv`` with ``test.csv`` and perhaps ``val.csv``: columns emotion and pixels, perhaps Usage;
- ``train/<emotion>/*`` and ``test/<emotion>/*``: the common Kaggle tree, whose file names carry the split.

Every row is checked. Where a copy does not say which test image is PublicTest and which PrivateTest, its test images
go into a split of their own, ``Test``, and the strict protocol refuses them: pooled numbers compare with nothing.
"""

from __future__ import annotations

import io
import os
import re
import warnings as python_warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.cache import Parsed, cached, source_key
from ferstudy.data.emotions import emotion
from ferstudy.data.pictures import count_warnings
from ferstudy.data.places import is_stand_in
from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    import pandas as pd

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SPLITS = ("Training", "PublicTest", "PrivateTest", "Test")
SIDE = 48
OFFICIAL = np.array(
    [
        [3995, 436, 4097, 7215, 4830, 3171, 4965],
        [467, 56, 496, 895, 653, 415, 607],
        [491, 55, 528, 879, 594, 416, 626],
        [0, 0, 0, 0, 0, 0, 0],
    ]
)
INFO = DatasetInfo(
    name="fer2013",
    classes=CLASSES,
    splits=SPLITS[:3],
    images=35_887,
    licence="images found by web search, for research; the common Kaggle copy is under DbCL 1.0; not included",
    how_to_get="Kaggle: 'challenges-in-representation-learning-facial-expression-recognition-challenge' "
    "(icml_face_data.csv or fer2013.csv) or 'msambare/fer2013' (folders); put it, zipped or not, in the data folder",
)

_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
_TABLES = ("fer2013.csv", "icml_face_data.csv")
_CHUNK_ROWS = 4096

AnyPath = Path | zipfile.Path


class _Layout:
    """One form of the dataset, found: its files for the cache key, and how to parse it."""

    def __init__(self, name: str, files: list[Path], parse: Callable[[], Parsed]) -> None:
        self.name = name
        self.files = files
        self.parse = parse


def load(root: Path) -> FaceDataset:
    """Read FER2013 from a folder or file.

    Args:
        root: A folder that holds one of the forms above, or the file itself.

    Returns:
        The whole dataset in its own row order; pixels are memory-mapped from the cache.

    Raises:
        FerstudyError: Nothing there that is FER2013, or a row that cannot be one of its rows.
    """
    layout = find(root)
    if layout is None:
        raise FerstudyError(
            f"fer2013: nothing in {root} looks like it; expected fer2013.csv, icml_face_data.csv, "
            f"train.csv with test.csv, train/ and test/ folders, or a zip of them. How to get it: {INFO.how_to_get}"
        )
    parsed = cached(source_key("fer2013", _stats(layout.files)), layout.parse)
    return FaceDataset(
        name="fer2013",
        classes=CLASSES,
        images=parsed.images,
        labels=parsed.labels64(),
        usage=parsed.usage,
        splits=SPLITS,
        rows=parsed.rows,
        fingerprint=parsed.fingerprint,
        layout=layout.name,
        real=not is_stand_in(layout.files[0].parent),
        warnings=parsed.warnings,
    )


def find(root: Path) -> _Layout | None:
    """The first form of FER2013 in a folder (or its ``fer2013`` subfolder), file or zip; nothing is parsed yet.

    Raises:
        FerstudyError: ``root`` does not exist or is a damaged zip.
    """
    if not root.exists():
        raise FerstudyError(f"fer2013: {root} does not exist; expected a folder or file with the dataset")
    if root.is_file():
        return _from_zip(root) if root.suffix.lower() == ".zip" else _table(root, [root])
    for folder in (root, root / "fer2013", root / "FER2013"):
        if folder.is_dir():
            found = _in_folder(folder, None)
            if found:
                return found
    for folder in (root, root / "fer2013"):
        zips = sorted(folder.glob("*.zip")) if folder.is_dir() else []
        for path in zips:
            if re.search(r"fer.?2013|icml|challenges-in-representation|^archive|^train|^test", path.name.lower()):
                found = _from_zip(path)
                if found:
                    return found
    return None


def _in_folder(folder: AnyPath, archive: Path | None) -> _Layout | None:
    for name in _TABLES:
        if (folder / name).is_file():
            return _table(folder / name, [archive or Path(str(folder / name))])
    if (folder / "train.csv").is_file():
        names = [n for n in ("train.csv", "val.csv", "test.csv") if (folder / n).is_file()]
        if len(names) == 1:
            raise FerstudyError(f"fer2013: {folder} has train.csv and no test.csv beside it; add it")
        files = [archive] if archive else [Path(str(folder / n)) for n in names]
        return _Layout("train.csv + test.csv", files, lambda: _parse_tables([folder / n for n in names]))
    if (folder / "train").is_dir():
        if not (folder / "test").is_dir():
            raise FerstudyError(f"fer2013: {folder} has train/ and no test/ beside it; the tree is incomplete")
        files = [archive] if archive else [Path(str(folder / "train")), Path(str(folder / "test"))]
        return _Layout("folders train|test/<emotion>", files, lambda: _parse_tree(folder))
    return None


def _from_zip(path: Path) -> _Layout | None:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise FerstudyError(f"fer2013: {path} is not a readable zip ({error}); download it again") from error
    with archive:
        if not archive.namelist():
            raise FerstudyError(f"fer2013: {path} is an empty zip; download it again")
    top = zipfile.Path(path)
    folders: list[AnyPath] = [top, *(entry for entry in top.iterdir() if entry.is_dir())]
    for folder in folders:
        found = _in_folder(folder, path)
        if found:
            found.name += ", zipped"
            return found
    return None


def _table(path: AnyPath, files: list[Path]) -> _Layout:
    return _Layout(path.name, files, lambda: _parse_tables([path]))


def _stats(files: list[Path]) -> Iterator[tuple[str, int, int]]:
    for path in files:
        for file in _walk(path) if path.is_dir() else [path]:
            stat = os.stat(file)  # noqa: PTH116  (35,887 Path objects would cost more than the look)
            yield str(file), stat.st_size, stat.st_mtime_ns


def _walk(folder: Path) -> Iterator[str]:
    # os.walk does not follow links to folders, so that a loop of links ends.
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(parent, name)


def _parse_tables(paths: list[AnyPath]) -> Parsed:
    images, labels, usage = [], [], []
    for path in paths:
        for chunk, first_row in _chunks(path):
            images.append(_pixels(chunk["pixels"], path.name, first_row))
            labels.append(_labels(chunk["emotion"], path.name, first_row))
            usage.append(_usage(chunk, path.name, first_row))
    return _checked(np.concatenate(images), np.concatenate(labels), np.concatenate(usage))


def _chunks(path: AnyPath) -> Iterator[tuple[pd.DataFrame, int]]:
    """The rows of a table in pieces, with cleaned column names; the line number of each piece's first row."""
    import pandas as pd

    row = 2  # the first row after the header, as an editor counts
    try:
        with path.open("rb") as file:
            stream: Any = pd.read_csv(file, dtype=str, chunksize=_CHUNK_ROWS, keep_default_na=False)
            for chunk in stream:
                chunk.columns = [str(c).strip() for c in chunk.columns]
                missing = {"emotion", "pixels"} - set(chunk.columns)
                if missing == {"emotion"} and path.name == "test.csv":
                    raise FerstudyError(
                        "fer2013: test.csv holds no labels (the challenge's blind file); icml_face_data.csv has them"
                    )
                if missing:
                    raise FerstudyError(
                        f"fer2013: {path.name} lacks the column {' and '.join(sorted(missing))}; "
                        f"found {list(chunk.columns)[:6]}"
                    )
                yield chunk, row
                row += len(chunk)
    except ValueError as error:
        # So are pandas' own for what is no table, and that for text in another encoding.
        reason = str(error).splitlines()[0][:120]
        raise FerstudyError(f"fer2013: {path.name} is not a table of faces ({reason}); expected a CSV file") from error
    if row == 2:
        raise FerstudyError(f"fer2013: {path.name} has a header and no row; download it again")


def _pixels(column: pd.Series, file: str, first_row: int) -> np.ndarray:
    out = np.empty((len(column), SIDE, SIDE), np.uint8)
    for i, text in enumerate(column):
        with python_warnings.catch_warnings():
            # numpy says with a warning that it stopped at something that is no number.
            python_warnings.simplefilter("error")
            try:
                values = np.fromstring(text, np.int32, sep=" ")
            except (DeprecationWarning, ValueError):
                values = np.empty(0, np.int32)
        if values.size != SIDE * SIDE or values.min() < 0 or values.max() > 255:
            found = f"{values.size} numbers" if values.size else "something else"
            if values.size == SIDE * SIDE:
                found = f"values from {values.min()} to {values.max()}"
            raise FerstudyError(
                f"fer2013: {file} line {first_row + i}: expected {SIDE * SIDE} pixels of 0..255, found {found}; "
                "the file is damaged, download it again"
            )
        out[i] = values.reshape(SIDE, SIDE)
    return out


def _labels(column: pd.Series, file: str, first_row: int) -> np.ndarray:
    import pandas as pd

    values = pd.to_numeric(column, errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~np.isin(values, range(len(CLASSES))))
    if bad.size:
        raise FerstudyError(
            f"fer2013: {file} line {first_row + bad[0]}: expected an emotion of 0..6, found {column.iloc[bad[0]]!r}"
        )
    return values.astype(np.uint8)


def _usage(chunk: pd.DataFrame, file: str, first_row: int) -> np.ndarray:
    if "Usage" not in chunk:
        if file in _TABLES:
            raise FerstudyError(f"fer2013: {file} lacks the column Usage; found {list(chunk.columns)[:6]}")
        split = {"train.csv": "Training", "val.csv": "PublicTest"}.get(file, "Test")
        return np.full(len(chunk), SPLITS.index(split), np.uint8)
    names = chunk["Usage"].str.strip()
    bad = np.flatnonzero(~names.isin(SPLITS[:3]).to_numpy(bool))
    if bad.size:
        raise FerstudyError(
            f"fer2013: {file} line {first_row + bad[0]}: expected Usage to be Training, PublicTest or PrivateTest, "
            f"found {names.iloc[bad[0]]!r}"
        )
    return names.map({name: i for i, name in enumerate(SPLITS)}).to_numpy(np.uint8)


def _parse_tree(root: AnyPath) -> Parsed:
    entries: list[tuple[int, int, str, int, Any]] = []
    top: Any = root
    for part in ("train", "test"):
        for folder in sorted((top / part).iterdir(), key=lambda p: p.name):
            if not folder.is_dir():
                continue
            name = emotion(folder.name)
            if name not in CLASSES:
                raise FerstudyError(
                    f"fer2013: folder {part}/{folder.name} is no emotion; expected {', '.join(CLASSES)}"
                )
            for file in folder.iterdir():
                if file.name.lower().endswith(_IMAGE_SUFFIXES) and not file.name.startswith("."):
                    entries.append((*_split_of(file.name, part), file.name, CLASSES.index(name), file))
    if not entries:
        raise FerstudyError(f"fer2013: no image under {root}/train and {root}/test")
    entries.sort(key=lambda e: e[:4])
    images = np.stack([_decode(file) for *_, file in entries])
    labels = np.array([e[3] for e in entries], np.uint8)
    usage = np.array([e[0] for e in entries], np.uint8)
    return _checked(images, labels, usage)


def _split_of(name: str, part: str) -> tuple[int, int]:
    """Split index and running number that a file name of the tree carries."""
    match = re.match(r"(Training|PublicTest|PrivateTest)_(\d+)", name)
    if match:
        return SPLITS.index(match[1]), int(match[2])
    return SPLITS.index("Training" if part == "train" else "Test"), 0


def _decode(file: AnyPath) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(file.read_bytes())) as image:
            pixels = np.asarray(image.convert("L"))
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise FerstudyError(f"fer2013: {file.name} is not a readable image; remove it or download it again") from error
    if pixels.shape != (SIDE, SIDE):
        raise FerstudyError(f"fer2013: {file.name} is {pixels.shape[1]} x {pixels.shape[0]} pixels; expected 48 x 48")
    return pixels


def _checked(images: np.ndarray, labels: np.ndarray, usage: np.ndarray) -> Parsed:
    """Compare the counts with the official table, and split pooled test images where their order proves the split."""
    notes = []
    test = np.flatnonzero(usage == SPLITS.index("Test"))
    if len(test) == OFFICIAL[1:3].sum():
        first, second = test[: OFFICIAL[1].sum()], test[OFFICIAL[1].sum() :]
        halves = [np.bincount(labels[half], minlength=len(CLASSES)) for half in (first, second)]
        if np.array_equal(halves, OFFICIAL[1:3]):
            usage[first], usage[second] = SPLITS.index("PublicTest"), SPLITS.index("PrivateTest")
            test = test[:0]
            notes.append(
                "the split of the test images was taken from their order: its halves have the official class counts"
            )
    elif len(test) == OFFICIAL[2].sum() and np.array_equal(
        np.bincount(labels[test], minlength=len(CLASSES)), OFFICIAL[2]
    ):
        usage[test] = SPLITS.index("PrivateTest")
        test = test[:0]
    if len(test):
        notes.append(
            f"{len(test):,} test images do not say whether they are PublicTest or PrivateTest: they are pooled "
            "as 'Test', and a number on them is not comparable with one on PrivateTest"
        )
    counts = np.zeros_like(OFFICIAL)
    np.add.at(counts, (usage, labels), 1)
    for split, ours, official in zip(SPLITS[:3], counts, OFFICIAL, strict=False):
        if split == "Training" or not len(test):
            notes += count_warnings(split, CLASSES, ours, official)
    return Parsed(images, labels, usage, tuple(notes))
