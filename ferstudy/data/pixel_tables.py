"""Tables that hold faces as text: a row a face, with the columns emotion, pixels and perhaps Usage.

The form of FER2013's challenge (``fer2013.csv``), in which others have been given out since, CK+ among them. Columns
are told by their names, whatever blanks stand around them and in whatever order they are.
"""

from __future__ import annotations

import warnings as python_warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy.data.base import U8
from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    import pandas as pd

SIDE = 48
_CHUNK_ROWS = 4096

AnyPath = Path | zipfile.Path


@dataclass(frozen=True)
class PixelTable:
    """A table that was read.

    Attributes:
        images: (N, 48, 48) grey pixels, 0..255.
        labels: (N,) the numbers of the column emotion.
        usage: (N,) the words of the column Usage; ``None`` where there is no such column.
    """

    images: U8
    labels: U8
    usage: list[str] | None


def columns(path: AnyPath, dataset: str) -> list[str]:
    """The names of a CSV file's columns.

    Raises:
        FerstudyError: It is no table.
    """
    for chunk, _ in _chunks(path, dataset):
        return list(chunk.columns)
    return []


def read_csv(path: AnyPath, dataset: str, classes: int) -> PixelTable:
    """Read a CSV file of faces; every row is checked.

    Args:
        path: The file, perhaps in a zip.
        dataset: Whose it is, for messages.
        classes: Labels are 0 to ``classes`` - 1.

    Raises:
        FerstudyError: It is no table, lacks a column, has no row, or a row cannot be a face (its line is told).
    """
    images, labels, usage = [], [], []
    for chunk, line in _chunks(path, dataset):
        missing = [name for name in ("emotion", "pixels") if name not in chunk]
        if missing:
            raise FerstudyError(
                f"{dataset}: {path.name} lacks the column {' and '.join(missing)}; found {list(chunk.columns)[:6]}"
            )
        where = f"{dataset}: {path.name} line"
        images.append(parse_pixels(chunk["pixels"], where, line))
        labels.append(parse_labels(chunk["emotion"], where, line, classes))
        if "Usage" in chunk:
            usage += chunk["Usage"].str.strip().tolist()
    if not any(map(len, labels)):
        raise FerstudyError(f"{dataset}: {path.name} has a header and no row; download it again")
    return PixelTable(np.concatenate(images), np.concatenate(labels), usage or None)


def parse_pixels(cells: pd.Series, where: str, first: int) -> U8:
    """2,304 numbers a cell, separated by blanks, as images.

    Args:
        cells: (N,) texts.
        where: Begins a message about a row; its number follows.
        first: Number of the first row.

    Raises:
        FerstudyError: A cell holds something else.
    """
    out = np.empty((len(cells), SIDE, SIDE), np.uint8)
    for i, text in enumerate(cells):
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
                f"{where} {first + i}: expected {SIDE * SIDE} pixels of 0..255, found {found}; "
                "the file is damaged, download it again"
            )
        out[i] = values.reshape(SIDE, SIDE)
    return out


def parse_labels(cells: pd.Series, where: str, first: int, classes: int) -> U8:
    """Class numbers; arguments as of :func:`parse_pixels`.

    Raises:
        FerstudyError: A cell holds no number of a class.
    """
    import pandas as pd

    values = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~np.isin(values, range(classes)))
    if bad.size:
        raise FerstudyError(
            f"{where} {first + bad[0]}: expected an emotion of 0..{classes - 1}, found {cells.iloc[bad[0]]!r}"
        )
    return values.astype(np.uint8)


def _chunks(path: AnyPath, dataset: str) -> Iterator[tuple[pd.DataFrame, int]]:
    """The rows of a CSV file in pieces; the line, as an editor counts, of each piece's first row."""
    import pandas as pd

    line = 2  # the first after the header
    try:
        with path.open("rb") as file:
            stream: Any = pd.read_csv(file, dtype=str, chunksize=_CHUNK_ROWS, keep_default_na=False)
            for chunk in stream:
                chunk.columns = [str(name).strip() for name in chunk.columns]
                yield chunk, line
                line += len(chunk)
    except ValueError as error:
        # So are pandas' own for what is no table, and that for text in another encoding.
        reason = str(error).splitlines()[0][:120]
        raise FerstudyError(
            f"{dataset}: {path.name} is not a table of faces ({reason}); expected a CSV file"
        ) from error
