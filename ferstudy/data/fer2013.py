"""FER2013 in every form that people have it in.

I. J. Goodfellow et al., "Challenges in Representation Learning: A report on three machine learning contests", 2013.
35,887 grey faces of 48 x 48 pixels, 7 classes, official splits Training, PublicTest and PrivateTest.

Understood, as a folder, a file or a ``.zip`` of either, one or two folders down:

- ``fer2013.csv``: columns emotion, pixels, Usage (the challenge's own file);
- ``icml_face_data.csv``: the same with blanks before the column names;
- ``train.csv`` with ``test.csv`` and perhaps ``val.csv``: columns emotion and pixels, perhaps Usage;
- parquet (:mod:`~ferstudy.data.parquet`): ``fer2013.parquet`` with a column Usage, or files named after splits;
- folders by split and emotion (:mod:`~ferstudy.data.fer2013_trees`).

Every row is checked. Where a copy does not say which images are PublicTest and which PrivateTest, and their class
counts do not prove it, they go into splits of their own, ``Test`` and ``Validation``, and the strict protocol refuses
them: pooled numbers compare with nothing.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ferstudy.data.base import U8, DatasetInfo, FaceDataset
from ferstudy.data.cache import Parsed, cached, source_key
from ferstudy.data.fer2013_splits import CLASSES, OFFICIAL, ORDER, SPLITS, WITH_VALIDATION, checked
from ferstudy.data.fer2013_trees import PARTS, decode, inner_folders, parts_of, read_tree
from ferstudy.data.parquet import read_parquet
from ferstudy.data.pixel_tables import AnyPath, PixelTable, columns, read_csv
from ferstudy.data.places import is_stand_in
from ferstudy.errors import FerstudyError

__all__ = ["CLASSES", "INFO", "OFFICIAL", "SPLITS", "find", "load"]

INFO = DatasetInfo(
    name="fer2013",
    classes=CLASSES,
    splits=SPLITS[:3],
    images=35_887,
    licence="images found by web search, for research; the common Kaggle copy is under DbCL 1.0; not included",
    how_to_get="Kaggle: 'challenges-in-representation-learning-facial-expression-recognition-challenge' "
    "(icml_face_data.csv or fer2013.csv), 'msambare/fer2013' (train and test folders) or "
    "'jonathanoheix/face-expression-recognition-dataset' (images/train and images/validation, whose numbers give the "
    "official splits back); put it, zipped or not, in the data folder; parquet files need ferstudy[parquet]",
    counts=tuple(OFFICIAL[:3].sum(1).tolist()),
)

_TABLES = ("fer2013.csv", "icml_face_data.csv")
# Folders that archives and downloads put around the dataset.
_AROUND = re.compile(r"fer.?2013|icml|challenges-in-representation|face-expression|^images$|^data$")
_ZIP = re.compile(r"fer.?2013|icml|challenges-in-representation|face-expression|^archive|^train|^test")
_PARQUET = re.compile(r"(?:.*fer.?2013.*|([a-z]+)(?:[-_.](\d+)-of-(\d+).*|[-_.]?\d*))\.parquet", re.IGNORECASE)


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
            f"fer2013: nothing in {root} looks like it; expected fer2013.csv, icml_face_data.csv, train.csv with "
            "test.csv, train/ and test/ folders, parquet files, or a zip of them. "
            f"How to get it: {INFO.how_to_get}"
        )
    parsed = cached(source_key("fer2013", _stats(layout.files)), layout.parse)
    return FaceDataset(
        name="fer2013",
        classes=CLASSES,
        images=parsed.images,
        labels=parsed.labels64(),
        usage=parsed.usage,
        splits=SPLITS if parsed.usage.max() < len(SPLITS) else WITH_VALIDATION,
        rows=parsed.rows,
        fingerprint=parsed.fingerprint,
        layout=layout.name,
        real=not is_stand_in(layout.files[0].parent),
        warnings=parsed.warnings,
    )


def find(root: Path) -> _Layout | None:
    """The first form of FER2013 in a folder (or one within that is named after it), file or zip; nothing is parsed yet.

    Raises:
        FerstudyError: ``root`` does not exist or is a damaged zip, or a form of which a part is missing.
    """
    if not root.exists():
        raise FerstudyError(f"fer2013: {root} does not exist; expected a folder or file with the dataset")
    if root.is_file():
        if root.suffix.lower() == ".zip":
            return _from_zip(root)
        return _from_parquet([root], [root]) if root.suffix.lower() == ".parquet" else _table(root, [root])
    for folder in _folders(root):
        found = _in_folder(folder, None)
        if found:
            return found
    for folder in _folders(root):
        for path in sorted(folder.glob("*.zip")):
            if _ZIP.search(path.name.lower()) and (found := _from_zip(path)):
                return found
    return None


def _folders(top: AnyPath, deeper: int = 2, any_name: bool = False) -> Iterator[Any]:
    """A folder and, two deep, those in it that archives and downloads put around the dataset."""
    yield top
    for inner in inner_folders(top) if deeper else []:
        if any_name or _AROUND.search(inner.name.lower()):
            yield from _folders(inner, deeper - 1)


def _in_folder(folder: AnyPath, archive: Path | None) -> _Layout | None:
    for name in _TABLES:
        if (folder / name).is_file():
            return _table(folder / name, [archive or Path(str(folder / name))])
    names = _tables_of_splits(folder)
    if names:
        if len(names) == 1:
            raise FerstudyError(f"fer2013: {folder} has {names[0]} and no test.csv beside it; add it")
        files = [archive] if archive else [Path(str(folder / n)) for n in names]
        return _Layout(" + ".join(names), files, lambda: _parse_tables([folder / n for n in names]))
    inside: Iterator[Any] = folder.iterdir()
    parquet = sorted((path for path in inside if _is_parquet(path)), key=lambda path: path.name)
    if parquet:
        return _from_parquet(parquet, [archive] if archive else [Path(str(path)) for path in parquet])
    parts = parts_of(folder)
    if parts:
        files = [archive] if archive else [Path(str(part)) for _, part in parts]
        names = [part.name for _, part in parts]
        return _Layout(f"folders {'|'.join(names)}/<emotion>", files, lambda: _parse_tree(folder))
    return None


def _tables_of_splits(folder: AnyPath) -> list[str]:
    """The tables in a folder that are named as splits, in the splits' order; none where there is none to train on.

    Raises:
        FerstudyError: Two bear names of the same split.
    """
    found: dict[str, str] = {}
    for name in sorted(path.name for path in folder.iterdir() if path.name.lower().endswith(".csv")):
        split = PARTS.get(name[: -len(".csv")].lower())
        if split is None:
            continue
        if split in found:
            raise FerstudyError(f"fer2013: {found[split]} and {name} in {folder} are both named as {split}; keep one")
        found[split] = name
    return [found[split] for split in ORDER if split in found] if "Training" in found else []


def _from_zip(path: Path) -> _Layout | None:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise FerstudyError(f"fer2013: {path} is not a readable zip ({error}); download it again") from error
    with archive:
        if not archive.namelist():
            raise FerstudyError(f"fer2013: {path} is an empty zip; download it again")
    for folder in _folders(zipfile.Path(path), any_name=True):
        found = _in_folder(folder, path)
        if found:
            found.name += ", zipped"
            return found
    return None


def _table(path: AnyPath, files: list[Path]) -> _Layout:
    return _Layout(path.name, files, lambda: _parse_tables([path]))


def _is_parquet(path: Any) -> bool:
    """Whether a file is parquet and named after FER2013 or one of its splits."""
    match = _PARQUET.fullmatch(path.name)
    return match is not None and (match[1] is None or match[1].lower() in PARTS) and path.is_file()


def _from_parquet(paths: Sequence[AnyPath], files: list[Path]) -> _Layout:
    """Parquet files; where they say how many parts there are of a split, all of them.

    Raises:
        FerstudyError: A part is missing.
    """
    parts: dict[tuple[str, int], set[int]] = {}
    for path in paths:
        match = _PARQUET.fullmatch(path.name)
        if match and match[3]:
            parts.setdefault((match[1], int(match[3])), set()).add(int(match[2]))
    for (split, count), present in parts.items():
        missing = sorted({*range(count)} - present)
        if missing:
            raise FerstudyError(
                f"fer2013: {files[0].parent} has {len(present)} of the {count} parts of {split} and not number "
                f"{missing[0]}; download it, too"
            )
    return _Layout(" + ".join(path.name for path in paths), files, lambda: _parse_parquet(paths))


def _stats(files: list[Path]) -> Iterator[tuple[str, int, int]]:
    for path in files:
        for file in _walk(path) if path.is_dir() else [path]:
            try:
                stat = os.stat(file)  # noqa: PTH116  (35,887 Path objects would cost more than the look)
            except OSError:
                # A link to itself is no picture.
                continue
            yield str(file), stat.st_size, stat.st_mtime_ns


def _walk(folder: Path) -> Iterator[str]:
    # os.walk does not follow links to folders, so that a loop of links ends.
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(parent, name)


def _parse_tables(paths: list[AnyPath]) -> Parsed:
    if any(path.name == "test.csv" and "emotion" not in columns(path, "fer2013") for path in paths):
        raise FerstudyError(
            "fer2013: test.csv holds no labels (the challenge's blind file); icml_face_data.csv has them"
        )
    return _joined([(path.name, read_csv(path, "fer2013", len(CLASSES))) for path in paths], first_row=2)


def _parse_parquet(paths: Sequence[AnyPath]) -> Parsed:
    return _joined([(path.name, read_parquet(path, "fer2013", CLASSES, decode)) for path in paths], first_row=1)


def _joined(tables: list[tuple[str, PixelTable]], first_row: int) -> Parsed:
    usage = [_usage(table, name, first_row) for name, table in tables]
    images, labels = ([getattr(table, what) for _, table in tables] for what in ("images", "labels"))
    # Files of splits come in the order of their names; the challenge's order is that of the splits.
    rank = np.array([ORDER.index(split) for split in WITH_VALIDATION])
    order = np.argsort(rank[np.concatenate(usage)], kind="stable") if len(tables) > 1 else slice(None)
    return checked(np.concatenate(images)[order], np.concatenate(labels)[order], np.concatenate(usage)[order])


def _usage(table: PixelTable, file: str, first_row: int) -> U8:
    """The split of each row, from the column Usage, else from the name of the file."""
    if table.usage is None:
        match = re.match(r"[a-z]+", file, re.IGNORECASE)
        split = PARTS.get(match[0].lower()) if match else None
        if split is None:
            raise FerstudyError(
                f"fer2013: {file} lacks the column Usage, and its name is that of no split; use fer2013.csv or "
                "icml_face_data.csv, which have it"
            )
        return np.full(len(table.labels), WITH_VALIDATION.index(split), np.uint8)
    for row, word in enumerate(table.usage, first_row):
        if word not in SPLITS[:3]:
            raise FerstudyError(
                f"fer2013: {file} line {row}: expected Usage to be Training, PublicTest or PrivateTest, found {word!r}"
            )
    return np.array([SPLITS.index(word) for word in table.usage], np.uint8)


def _parse_tree(folder: AnyPath) -> Parsed:
    tree = read_tree(folder, CLASSES)
    usage = np.array([WITH_VALIDATION.index(split) for split in tree.splits], np.uint8)
    return checked(tree.images, tree.labels, usage, tree.numbers)
