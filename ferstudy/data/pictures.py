"""From the pictures of a dataset on disk, with what their names and label files say, to a dataset.

A loader lists :class:`Picture` values in its dataset's own order; :func:`read_pictures` cuts the faces, numbers people
and films, checks and caches. All loaders of picture files share it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ferstudy.data.base import I64, U8, DatasetInfo, FaceDataset
from ferstudy.data.cache import Parsed, cached, content_fingerprint, source_key
from ferstudy.data.places import is_stand_in, natural
from ferstudy.errors import FerstudyError, unknown

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop


class Picture(NamedTuple):
    """One picture of a dataset.

    Attributes:
        path: Its file.
        label: 0..K-1.
        usage: Index of its split.
        subject: The owners' identifier of the person; empty where there is none.
        sequence: The film that it is a frame of; empty for a still.
        frame: Frame number within the film, from 1.
    """

    path: Path
    label: int
    usage: int = 0
    subject: str = ""
    sequence: str = ""
    frame: int = 0


@dataclass(frozen=True)
class Listing:
    """What a loader found on disk.

    Attributes:
        info: The dataset; its classes and splits are those of the labels and usages.
        top: Folder of the layout.
        layout: The layout in words.
        pictures: In the dataset's own order.
        warnings: How this copy deviates, a sentence each.
    """

    info: DatasetInfo
    top: Path
    layout: str
    pictures: Sequence[Picture]
    warnings: tuple[str, ...] = ()


def face_crop(faces: FaceCrop | Mapping[str, Any] | None, **defaults: Any) -> FaceCrop:
    """How to cut faces, from what a caller or a recipe gives.

    Args:
        faces: As it is; or some of its fields by name; or nothing, for the whole picture.
        defaults: The dataset's own values of fields that are not given.

    Raises:
        FerstudyError: No such field, or an impossible value.
    """
    from ferstudy.data.faces import FaceCrop

    if isinstance(faces, FaceCrop):
        return faces
    given = dict(faces or {})
    known = [field.name for field in fields(FaceCrop)]
    for name in given:
        if name not in known:
            raise unknown("field of faces", name, known)
    try:
        return FaceCrop(**{**defaults, **given})
    except TypeError as error:
        raise FerstudyError(f"faces: a field has a value of the wrong kind ({error}); got {given}") from error


def read_pictures(listing: Listing, crop: FaceCrop) -> FaceDataset:
    """Cut the faces of all pictures.

    Args:
        listing: What to read.
        crop: How to cut; where it drops pictures without a face, ``rows`` says which are left.

    Returns:
        The dataset, its pixels memory-mapped from the cache.

    Raises:
        FerstudyError: No picture, a damaged one (its name is told), or no face in any.
    """
    info, pictures = listing.info, listing.pictures
    if not pictures:
        raise FerstudyError(
            f"{info.name}: no picture in {listing.top} as {listing.layout}; the copy is incomplete. "
            f"How to get it: {info.how_to_get}"
        )
    numbers = _Numbers(pictures)
    parsed = cached(_key(listing, crop), lambda: _parse(listing, crop, numbers))
    rows = parsed.rows
    return FaceDataset(
        name=info.name,
        classes=info.classes,
        images=parsed.images,
        labels=parsed.labels64(),
        usage=parsed.usage,
        splits=info.splits,
        rows=rows,
        fingerprint=parsed.fingerprint,
        layout=listing.layout,
        real=not is_stand_in(listing.top),
        subjects=None if numbers.subjects is None else numbers.subjects[rows],
        sequences=None if numbers.sequences is None else numbers.sequences[rows],
        frames=None if numbers.frames is None else numbers.frames[rows],
        warnings=(*listing.warnings, *parsed.warnings),
    )


def count_warnings(
    what: str,
    names: Sequence[str],
    ours: npt.NDArray[np.int64],
    official: Sequence[int] | npt.NDArray[np.int64],
    unit: str = "images",
) -> Iterator[str]:
    """A sentence on how counts deviate from the published ones; none where they do not.

    Args:
        what: What was counted, such as a split.
        names: Of the columns.
        ours, official: (K,) counts.
        unit: What they are counts of.
    """
    difference = ours - np.asarray(official)
    if difference.any():
        differing = ", ".join(f"{name} {d:+,}" for name, d in zip(names, difference, strict=True) if d)
        yield (
            f"{what} deviates from the official counts: {ours.sum():,} {unit}, "
            f"expected {np.sum(official):,} ({differing})"
        )


def people_warnings(pictures: Iterable[Picture], official: int) -> Iterator[str]:
    """A sentence where the pictures do not show as many people as published."""
    people = len({picture.subject for picture in pictures})
    if people != official:
        yield f"this copy shows {people:,} people, expected {official:,}"


def some(things: Iterable[str], shown: int = 3) -> str:
    """The first few of many things, and how many more there are."""
    listed = list(things)
    more = f" and {len(listed) - shown:,} more" if len(listed) > shown else ""
    return ", ".join(listed[:shown]) + more


class _Numbers:
    """Labels, splits, persons and films of pictures, as arrays."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self.labels: U8 = np.array([p.label for p in pictures], np.uint8)
        self.usage: U8 = np.array([p.usage for p in pictures], np.uint8)
        self.subjects = _ascending([p.subject for p in pictures])
        self.sequences = _ascending([p.sequence for p in pictures])
        self.frames = None if self.sequences is None else np.array([p.frame for p in pictures], np.int64)


def _ascending(identifiers: list[str]) -> I64 | None:
    """Each identifier's place among all of them in ascending order; ``None`` where none is given."""
    if not any(identifiers):
        return None
    place = {name: i for i, name in enumerate(sorted(set(identifiers), key=natural))}
    return np.array([place[name] for name in identifiers], np.int64)


def _key(listing: Listing, crop: FaceCrop) -> str:
    def entries() -> Iterator[tuple[str, int, int]]:
        # The crop and the labels are not in the pictures' bytes: another of either is another entry.
        yield repr(crop), 0, 0
        for row, picture in enumerate(listing.pictures):
            stat = os.stat(picture.path)  # noqa: PTH116  (a Path object each would cost more than the look)
            yield repr((row, os.fspath(picture.path), *picture[1:])), stat.st_size, stat.st_mtime_ns

    return source_key(listing.info.name, entries())


def _parse(listing: Listing, crop: FaceCrop, numbers: _Numbers) -> Parsed:
    from ferstudy.data.faces import read_faces

    faces = read_faces([picture.path for picture in listing.pictures], crop)
    if not len(faces):
        raise FerstudyError(
            f"{listing.info.name}: {crop.detector} found a face in none of the {len(listing.pictures):,} pictures; "
            "keep them whole (missing='whole') or choose another detector"
        )
    labels, usage = numbers.labels[faces.rows], numbers.usage[faces.rows]
    known = [a[faces.rows] for a in (numbers.subjects, numbers.sequences, numbers.frames) if a is not None]
    fingerprint = content_fingerprint(faces.images, labels, usage, *known)
    return Parsed(faces.images, labels, usage, faces.warnings, fingerprint, faces.rows)
