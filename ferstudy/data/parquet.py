"""Faces in parquet files, read as data only: no object of a file is brought to life, whatever its metadata ask for.

Two forms are read: the columns of a :mod:`~ferstudy.data.pixel_tables` table, and pictures as encoded bytes (a column
``image``, as such or as a struct with ``bytes``) with a column of labels, which are words, or numbers whose words the
file's own metadata list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ferstudy.data.base import U8
from ferstudy.data.emotions import emotion
from ferstudy.data.pixel_tables import AnyPath, PixelTable, parse_labels, parse_pixels
from ferstudy.errors import FerstudyError

_IMAGES = ("image", "img", "img_bytes", "image_bytes")
_LABELS = ("emotion", "label", "labels")
_CHUNK_ROWS = 4096


def read_parquet(path: AnyPath, dataset: str, classes: Sequence[str], decode: Callable[[bytes, str], U8]) -> PixelTable:
    """Read a parquet file of faces; every row is checked.

    Args:
        path: The file, perhaps in a zip.
        dataset: Whose it is, for messages.
        classes: In label order; a column ``emotion`` of numbers is in this order.
        decode: Makes an image of a picture's bytes and its name.

    Raises:
        FerstudyError: pyarrow is not installed; it is no parquet file; a column is missing, or its numbers stand for
            nothing; it has no row; or a row cannot be a face.
    """
    pyarrow, parquet = _pyarrow(path.name, dataset)
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(path.read_bytes()))
        columns = {name.strip().lower(): name for name in file.schema_arrow.names}
        metadata = file.schema_arrow.metadata or {}
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:120]
        raise FerstudyError(
            f"{dataset}: {path.name} is not a readable parquet file ({reason}); download it again"
        ) from error
    label = next((columns[name] for name in _LABELS if name in columns), None)
    image = next((columns[name] for name in _IMAGES if name in columns), None)
    pixels, usage = columns.get("pixels"), columns.get("usage")
    if label is None or (pixels is None and image is None):
        lacking = "emotion or label" if label is None else "pixels or image"
        raise FerstudyError(f"{dataset}: {path.name} lacks the column {lacking}; found {list(columns)[:6]}")
    words = _class_words(metadata, label)
    if words is None and label.strip().lower() != "emotion" and not _is_text(pyarrow, file, label):
        raise FerstudyError(
            f"{dataset}: {path.name} has numbers in the column {label} and does not say which emotions they are; use a "
            "copy with words, or with a column emotion in the owners' order"
        )
    import pandas as pd

    images, labels, usages = [], [], []
    first = 1
    wanted = [name for name in (label, pixels or image, usage) if name]
    for rows in _batches(pyarrow, file, wanted, f"{dataset}: {path.name}"):
        where = f"{dataset}: {path.name} row"
        labels.append(_labels(rows[label], words, classes, where, first))
        if pixels is not None:
            images.append(parse_pixels(pd.Series(_texts(rows[pixels])), where, first))
        elif image is not None:
            images.append(_decoded(rows[image], decode, where, first))
        usages += [str(word).strip() for word in rows[usage]] if usage else []
        first += len(rows[label])
    if first == 1:
        raise FerstudyError(f"{dataset}: {path.name} has no row; download it again")
    return PixelTable(np.concatenate(images), np.concatenate(labels), usages or None)


def _pyarrow(name: str, dataset: str) -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise FerstudyError(
            f"{dataset}: {name} is a parquet file, which needs pyarrow; run: pip install 'ferstudy[parquet]', or use a "
            "form without it such as icml_face_data.csv"
        ) from error
    return pyarrow, parquet


def _batches(pyarrow: Any, file: Any, columns: list[str], where: str) -> Iterator[dict[str, list[Any]]]:
    try:
        for batch in file.iter_batches(batch_size=_CHUNK_ROWS, columns=columns):
            yield batch.to_pydict()
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:120]
        raise FerstudyError(f"{where} is damaged ({reason}); download it again") from error


def _is_text(pyarrow: Any, file: Any, column: str) -> bool:
    kind = file.schema_arrow.field(column).type
    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def _class_words(metadata: Mapping[bytes, bytes], column: str) -> list[str] | None:
    """The words of a column of class numbers, where the metadata list them."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        words = features[column]["names"]
    except (KeyError, TypeError, ValueError):
        return None
    return [str(word) for word in words] if isinstance(words, list) else None


def _labels(cells: list[Any], words: list[str] | None, classes: Sequence[str], where: str, first: int) -> U8:
    import pandas as pd

    if words is not None:
        numbers = parse_labels(pd.Series(cells), where, first, len(words))
        cells = [words[number] for number in numbers]
    if any(isinstance(cell, str) and not cell.strip().isdecimal() for cell in cells):
        named = [emotion(str(cell)) for cell in cells]
        for i, name in enumerate(named):
            if name not in classes:
                raise FerstudyError(f"{where} {first + i}: expected one of {', '.join(classes)}, found {cells[i]!r}")
        return np.array([classes.index(str(name)) for name in named], np.uint8)
    return parse_labels(pd.Series(cells), where, first, len(classes))


def _texts(cells: list[Any]) -> list[str]:
    """Pixels as text; some files have them as lists of numbers."""
    return [cell if isinstance(cell, str) else " ".join(map(str, np.ravel(cell or []))) for cell in cells]


def _decoded(cells: list[Any], decode: Callable[[bytes, str], U8], where: str, first: int) -> U8:
    out = []
    for row, cell in enumerate(cells, first):
        content = cell.get("bytes") if isinstance(cell, dict) else cell
        if not isinstance(content, bytes):
            raise FerstudyError(f"{where} {row}: expected the bytes of a picture; a path alone leads nowhere")
        out.append(decode(content, f"{where.partition(': ')[2]} {row}"))
    return np.stack(out)
