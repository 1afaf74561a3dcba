"""Which faces of a dataset count, and under which class names: pure functions from dataset to dataset.

A selection changes what the dataset is (fewer images, other labels); a protocol (:mod:`ferstudy.data.protocols`) then
says by index sets what is done with what is left. Rows keep their numbers, so predictions lead back to the files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ferstudy.data.base import F32, I64, U8, FaceDataset
from ferstudy.errors import FerstudyError, unknown

# Owners name one emotion in several ways.
_SYNONYMS = {
    "angry": "anger",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "scared": "fear",
    "happy": "happiness",
    "joy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
    "contemptuous": "contempt",
}
_FRAMES = re.compile(r"all|onset|last\d*|from\d+")


def canonical(name: str) -> str:
    """The emotion that a class name of any dataset means: ``Angry`` and ``anger`` are both ``anger``.

    Other words stay themselves, in lower case.
    """
    plain = name.strip().lower()
    return _SYNONYMS.get(plain, plain)


def classes(data: FaceDataset, names: Sequence[str]) -> FaceDataset:
    """Only the faces of the named classes, labelled 0..K-1 in the order of the names.

    Soft targets lose the columns of the other classes; those that are probabilities are made to sum to 1 again.

    Args:
        data: Any dataset.
        names: Class names, as the dataset has them or synonyms.

    Returns:
        The same dataset object where nothing changes.

    Raises:
        FerstudyError: The dataset has no such class, or a class is named twice.
    """
    wanted = [canonical(name) for name in names]
    if len(set(wanted)) < len(wanted):
        raise FerstudyError(f"classes of {data.name}: expected different emotions, got {', '.join(names)}")
    present = [canonical(name) for name in data.classes]
    for name in names:
        if canonical(name) not in present:
            raise unknown(f"class of {data.name}", name, data.classes)
    if tuple(names) == data.classes:
        return data
    old_labels = [present.index(word) for word in wanted]
    new_labels = np.full(len(present), -1, np.int64)
    new_labels[old_labels] = np.arange(len(wanted))
    labels = new_labels[data.labels]
    kept = np.flatnonzero(labels >= 0)
    chosen = _kept(data, labels >= 0, f"the classes {', '.join(names)}")
    targets = None if data.targets is None else _renormalised(data.targets[kept], old_labels)
    return replace(chosen, labels=labels[kept], classes=tuple(names), targets=targets)


def identities(data: FaceDataset) -> FaceDataset:
    """The same faces labelled by person, to learn identities first (attention_fusion, section 2.4).

    Of each person's films (images where there are only still images) in turn, eight of ten are Training, one
    PublicTest and one PrivateTest, so that the protocols for official splits apply; people with fewer than three are
    left out.

    Raises:
        FerstudyError: The dataset does not know its people, or has fewer than two with three films or images.
    """
    if data.subjects is None:
        raise FerstudyError(f"{data.name} does not know its people; identities need a dataset that does")
    unit = "image" if data.sequences is None else "film"
    units = data.rows if data.sequences is None else data.sequences
    people, of_image = np.unique(data.subjects, return_inverse=True)
    counts = np.array([len(np.unique(units[of_image == person])) for person in range(len(people))])
    several = np.flatnonzero(counts > 2)
    if len(several) < 2:
        raise FerstudyError(f"{data.name}: expected at least 2 people with three {unit}s, found {len(several)}")
    kept = np.flatnonzero(np.isin(of_image, several))
    data, units = data.select(kept), units[kept]
    labels = np.searchsorted(several, of_image[kept])
    usage = np.zeros(len(data), np.uint8)
    for person in range(len(several)):
        mine = np.unique(units[labels == person])
        usage[np.isin(units, mine[-1::-10])] = 2
        usage[np.isin(units, mine[-2::-10])] = 1
    return replace(
        data,
        name=f"{data.name} identities",
        classes=tuple(f"person {people[person]}" for person in several),
        labels=labels.astype(np.int64),
        usage=usage,
        splits=("Training", "PublicTest", "PrivateTest"),
        subjects=None,
        targets=None,
    )


def _renormalised(targets: F32, columns: list[int]) -> F32:
    left = targets[:, columns]
    if np.allclose(targets.sum(1), 1, atol=1e-3):
        left = left / np.maximum(left.sum(1, keepdims=True), np.float32(1e-6))
    return left


def frames(data: FaceDataset, which: str) -> FaceDataset:
    """Some frames of every film.

    Args:
        data: A dataset of films.
        which: ``all``; ``onset`` frame 1; ``last`` the last, the apex; ``last3`` the last three (any number);
            ``from7`` the frames numbered 7 and above (any number).

    Returns:
        The same dataset object where nothing changes. A film that is shorter gives what it has.

    Raises:
        FerstudyError: The dataset has no films, the onset is asked for and a film lacks its frame 1, no frame is left,
            or ``which`` is none of these.
    """
    return _kept(data, _frame_mask(data, which), which)


def with_onsets(data: FaceDataset, which: str) -> FaceDataset:
    """Some frames of every film, and its frame 1 as ``neutral``, which is how CK+ gets that class.

    Frame 1 shows no emotion, so it is never among the others, however short the film; a film of a single frame keeps
    that frame's label. No other frame takes the place of a missing frame 1: in the middle of a film the emotion shows.

    Args:
        data: A dataset of films; ``neutral`` is added to its classes if need be.
        which: As of :func:`frames`.

    Returns:
        The same dataset object where nothing changes.

    Raises:
        FerstudyError: As of :func:`frames`.
    """
    emotions = [canonical(name) for name in data.classes]
    names = data.classes if "neutral" in emotions else (*data.classes, "neutral")
    neutral = [canonical(name) for name in names].index("neutral")
    onset = _frame_mask(data, "onset") & ~_frame_mask(data, "last")
    kept = onset | _frame_mask(data, which)
    labels = np.where(onset, neutral, data.labels)[kept]
    chosen = _kept(data, kept, which)
    if names == chosen.classes and np.array_equal(labels, chosen.labels):
        return chosen
    targets = None
    if chosen.targets is not None:
        targets = np.pad(chosen.targets, ((0, 0), (0, len(names) - chosen.num_classes)))
        targets[onset[kept]] = np.eye(len(names), dtype=np.float32)[neutral]
    return replace(chosen, labels=labels, classes=names, targets=targets)


def _frame_mask(data: FaceDataset, which: str) -> npt.NDArray[np.bool_]:
    """Which rows are the frames of a choice, (N,)."""
    if not _FRAMES.fullmatch(which):
        raise unknown("choice of frames", which, ("all", "onset", "last", "last3", "from7"))
    if which == "all":
        return np.ones(len(data), np.bool_)
    if data.sequences is None or data.frames is None:
        raise FerstudyError(
            f"{data.name}: {which!r} chooses frames of films, and this copy ({data.layout or 'as given'}) has still "
            "images only; use one with films"
        )
    kind = which.rstrip("0123456789")
    number = int(which.removeprefix(kind) or 1)
    if kind == "from":
        return data.frames >= number
    if kind == "onset":
        _check_onsets(data, data.sequences, data.frames)
        return data.frames == 1
    order = np.lexsort((data.frames, data.sequences))
    film, place = data.sequences[order], np.arange(len(order))
    mask = np.empty(len(order), np.bool_)
    start, end = np.searchsorted(film, film, "left"), np.searchsorted(film, film, "right")
    if number > (end - start).max(initial=0):
        raise FerstudyError(f"{data.name}: {which!r}, but no film has {number} frames; load more of its frames")
    mask[order] = place >= end - number
    return mask


def _check_onsets(data: FaceDataset, films: I64, numbers: I64) -> None:
    """Refuse films without their frame 1."""
    cut = np.setdiff1d(films, films[numbers == 1])
    if len(cut):
        first = int(numbers[films == cut[0]].min())
        raise FerstudyError(
            f"{data.name}: the first frame counts as neutral, and this copy ({data.layout or 'as given'}) has no "
            f"frame 1 of {len(cut):,} of its {len(np.unique(films)):,} films (film {cut[0]} begins at frame {first}); "
            "use a copy with whole films, and keep pictures in which no face is found"
        )


def _kept(data: FaceDataset, mask: npt.NDArray[np.bool_], what: str) -> FaceDataset:
    """The rows of a mask; the dataset itself where all are kept, so that no image is copied for nothing."""
    if mask.all():
        return data
    if not mask.any():
        raise FerstudyError(f"{data.name}: nothing is left of {what!r}; expected some of its {len(data):,} images")
    return data.select(np.flatnonzero(mask))


def join(datasets: Sequence[FaceDataset]) -> FaceDataset:
    """Several datasets as one whose splits are their names.

    Classes are matched by :func:`canonical` name; the result has all of them, as first named, in order of appearance.
    People and films of different datasets are different people and films. A still image is a film of one frame. Rows
    are counted through, in the order of the arguments.

    Args:
        datasets: At least one; images of one size, grey or RGB (grey ones are repeated where any is RGB).

    Raises:
        FerstudyError: Images of different sizes, or two datasets of one name.
    """
    names = tuple(data.name for data in datasets)
    sizes = {data.images.shape[1:3] for data in datasets}
    if len(set(names)) < len(names):
        raise FerstudyError(f"join: expected datasets of different names, got {', '.join(names)}")
    if len(sizes) != 1:
        found = ", ".join(f"{data.name} {data.images.shape[2]} x {data.images.shape[1]}" for data in datasets)
        raise FerstudyError(f"join: expected images of one size, got {found}; crop their faces to one size first")
    first_named: dict[str, str] = {}
    for data in datasets:
        first_named |= {canonical(name): name for name in data.classes if canonical(name) not in first_named}
    emotions = list(first_named)
    columns = [np.array([emotions.index(canonical(name)) for name in data.classes]) for data in datasets]
    colour = any(data.images.ndim == 4 for data in datasets)
    known = [data.subjects for data in datasets if data.subjects is not None]
    films = [np.arange(len(data)) if data.sequences is None else data.sequences for data in datasets]
    numbers = [np.ones(len(data), np.int64) if data.frames is None else data.frames for data in datasets]
    moving = any(data.sequences is not None for data in datasets)
    return FaceDataset(
        name="+".join(names),
        classes=tuple(first_named.values()),
        images=np.concatenate([_rgb(data.images) if colour else data.images for data in datasets]),
        labels=np.concatenate([new[data.labels] for new, data in zip(columns, datasets, strict=True)]),
        usage=np.repeat(np.arange(len(datasets)), [len(data) for data in datasets]).astype(np.uint8),
        splits=names,
        rows=np.arange(sum(len(data) for data in datasets), dtype=np.int64),
        fingerprint=hashlib.sha256(" ".join(data.fingerprint for data in datasets).encode()).hexdigest()[:16],
        layout="joined",
        real=all(data.real for data in datasets),
        # Where one dataset does not know its people, nobody can say that a person is in one split only.
        subjects=_apart(known) if len(known) == len(datasets) else None,
        sequences=_apart(films) if moving else None,
        frames=np.concatenate(numbers) if moving else None,
        targets=_joined_targets(datasets, columns, len(emotions)),
        warnings=tuple(f"{data.name}: {warning}" for data in datasets for warning in data.warnings),
    )


def _joined_targets(datasets: Sequence[FaceDataset], columns: Sequence[I64], width: int) -> F32 | None:
    """Soft targets in the joined classes; where one dataset has them, the labels of the others become certainties."""
    if all(data.targets is None for data in datasets):
        return None
    parts = []
    for data, new in zip(datasets, columns, strict=True):
        own = np.eye(data.num_classes, dtype=np.float32)[data.labels] if data.targets is None else data.targets
        wide = np.zeros((len(data), width), np.float32)
        wide[:, new] = own
        parts.append(wide)
    return np.concatenate(parts)


def _rgb(images: U8) -> U8:
    return images if images.ndim == 4 else np.repeat(images[..., None], 3, axis=-1)


def _apart(ids: Sequence[I64]) -> I64:
    """Identifiers of several datasets, shifted so that none is shared."""
    sizes = [int(part.max(initial=-1)) + 1 for part in ids]
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.concatenate([part + offset for part, offset in zip(ids, offsets, strict=True)]).astype(np.int64)


@dataclass(frozen=True)
class Selection:
    """Which faces count, as a value that a protocol carries; applying it twice is applying it once.

    Attributes:
        frames: As of :func:`frames`.
        onsets: Each film's first frame counts as neutral.
        classes: Class names in label order; those of the dataset where empty.
    """

    frames: str = "all"
    onsets: bool = False
    classes: tuple[str, ...] = ()

    def __call__(self, data: FaceDataset) -> FaceDataset:
        """The selected faces; the same dataset object where nothing changes.

        Raises:
            FerstudyError: The dataset has not what is selected.
        """
        data = with_onsets(data, self.frames) if self.onsets else frames(data, self.frames)
        return classes(data, self.classes) if self.classes else data

    def __str__(self) -> str:
        kind = self.frames.rstrip("0123456789")
        number = self.frames.removeprefix(kind)
        what = {
            "all": "all images" if not self.onsets else "all frames",
            "onset": "the first frame of each film",
            "last": f"the last {number + ' frames' if number else 'frame'} of each film",
            "from": f"the frames from number {number} of each film",
        }[kind]
        parts = [what + (", its first as neutral" if self.onsets else "")]
        if self.classes:
            parts.append(f"{len(self.classes)} classes ({', '.join(self.classes)})")
        return ", ".join(parts)
