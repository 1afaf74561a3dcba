"""Parsed datasets on disk: read once, memory-mapped ever after.

A cache entry is keyed by the names, sizes and modification times of the source files, so that a changed copy is parsed
again. It is written to a temporary folder and renamed; a damaged or unwritable cache costs time and never an answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ferstudy.data.base import I64, U8

# Raise when the parsed form changes.
_VERSION = 2
# Arrays beside the images, a file each.
_SMALL = ("labels", "usage", "rows")


class Parsed:
    """Arrays of a parsed source and what was found on the way.

    Attributes:
        images, labels, usage: As in :class:`~ferstudy.data.base.FaceDataset`.
        rows: (N,) row of each image in the source's own order: all of them where not given.
        warnings: A sentence each.
        fingerprint: Of images, labels and usage where not given.
    """

    def __init__(
        self,
        images: U8,
        labels: U8,
        usage: U8,
        warnings: tuple[str, ...],
        fingerprint: str = "",
        rows: I64 | None = None,
    ) -> None:
        self.images = images
        self.labels = labels
        self.usage = usage
        self.rows = np.arange(len(labels), dtype=np.int64) if rows is None else rows
        self.warnings = warnings
        self.fingerprint = fingerprint or content_fingerprint(images, labels, usage)

    def labels64(self) -> I64:
        """Labels as the integers that torch and scikit-learn index with."""
        return np.asarray(self.labels, np.int64)


def content_fingerprint(*arrays: np.ndarray) -> str:
    """Sixteen hexadecimal digits that equal arrays share, whichever file layout they were read from."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """``$FERSTUDY_CACHE``, else the user's cache folder."""
    named = os.environ.get("FERSTUDY_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ferstudy"


def source_key(name: str, files: Iterable[tuple[str, int, int]]) -> str:
    """A key of the source files, each given as name, size in bytes and modification time in nanoseconds."""
    digest = hashlib.sha256(f"{_VERSION} {name}".encode())
    for entry in sorted(files):
        digest.update(repr(entry).encode())
    return f"{name}-{digest.hexdigest()[:16]}"


def cached(key: str, parse: Callable[[], Parsed]) -> Parsed:
    """The parsed source of this key from the cache, else from ``parse``, which then fills the cache."""
    folder = cache_folder() / key
    found = _read(folder)
    if found is not None:
        return found
    parsed = parse()
    try:
        _write(folder, parsed)
    except OSError as error:
        # A full or read-only disk must not stop the work: only the next load is slower.
        return Parsed(
            parsed.images,
            parsed.labels,
            parsed.usage,
            (*parsed.warnings, f"could not write the cache {folder.parent} ({error.strerror}); set FERSTUDY_CACHE"),
            parsed.fingerprint,
            parsed.rows,
        )
    return _read(folder) or parsed


def read_array(path: Path, kind: np.dtype[np.void]) -> npt.NDArray[np.void] | None:
    """What :func:`write_array` wrote; ``None`` where it is missing, damaged or of another kind."""
    try:
        value = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return value if value.dtype == kind and value.shape == () else None


def write_array(path: Path, value: npt.NDArray[np.void]) -> None:
    """Write one structured value under a temporary name and rename it.

    Raises:
        OSError: A full or read-only disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            np.save(file, value)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink()
        raise


def _read(folder: Path) -> Parsed | None:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
        labels, usage, rows = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in _SMALL)
        if not len(images) == len(labels) == len(usage) == len(rows) == meta["images"]:
            return None
        return Parsed(images, labels, usage, tuple(meta["warnings"]), meta["fingerprint"], rows)
    except (OSError, ValueError, KeyError, EOFError):
        return None


def _write(folder: Path, parsed: Parsed) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
    try:
        np.save(temporary / "images.npy", parsed.images)
        for name in _SMALL:
            np.save(temporary / f"{name}.npy", getattr(parsed, name))
        meta = {"images": len(parsed.labels), "fingerprint": parsed.fingerprint, "warnings": parsed.warnings}
        (temporary / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            os.replace(temporary, folder)
        except OSError:
            # Another process wrote the same entry first: theirs is as good.
            if _read(folder) is None:
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
