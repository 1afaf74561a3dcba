"""FER+: FER2013's faces, each labelled anew by ten people.

E. Barsoum et al., "Training deep networks for facial expression recognition with crowd-sourced label distribution",
ICMI 2016. Ten votes an image among eight emotions, "unknown" and "NF" (not a face), in ``fer2013new.csv``: 35,887 rows
in the order of ``fer2013.csv``. Its labels and FER2013's pixels are joined by row; row numbers stay FER2013's.

What the owners' code makes of the votes (the paper's section 3 and their repository), for every image that has a name:
an emotion's single vote counts as an outlier and is dropped; then, by mode,

- ``majority``: the emotion with more than half of the votes left; images without one are dropped;
- ``probabilistic`` and ``crossentropy``: the most voted emotions, until they hold 75 % of the votes left or are three,
  as a distribution; images whose votes are spread wider are dropped. The first mode draws a label from it whenever
  the image is seen, the second learns the distribution itself;
- ``multi_target``: every emotion with at least 30 % of the votes left counts as right.

Images that are above all unknown or no face are dropped. Validation and test images are labelled by majority in every
mode.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ferstudy.data import fer2013
from ferstudy.data.base import F32, I64, U8, DatasetInfo, FaceDataset
from ferstudy.data.cache import content_fingerprint
from ferstudy.data.pictures import count_warnings
from ferstudy.data.places import data_folder, file_named, locate
from ferstudy.errors import FerstudyError, unknown

# The owners' order of columns, under this package's names; not FER2013's order.
CLASSES = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt")
COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
SPLITS = fer2013.SPLITS[:3]
MODES = ("majority", "probabilistic", "crossentropy", "multi_target")
# Images kept by majority: by split, and of the test split by class.
OFFICIAL = (25_060, 3_199, 3_153)
OFFICIAL_TEST = (1090, 893, 396, 384, 273, 18, 83, 16)
ROWS = 35_887
INFO = DatasetInfo(
    name="ferplus",
    classes=CLASSES,
    splits=SPLITS,
    images=sum(OFFICIAL),
    licence="labels under MIT; the pixels are FER2013's, on its terms; neither is included",
    how_to_get="fer2013new.csv from github.com/microsoft/FERPlus, beside FER2013 in the data folder",
    counts=OFFICIAL,
)

_FILE = "fer2013new.csv"
# Two labellings of the same faces agree on most of them; of rows in another order, on about a sixth.
_MIN_AGREEMENT = 0.4


def find(root: Path) -> Path | None:
    """The file of votes in ``root``, or ``None``."""
    if root.is_file():
        return root if root.name.lower() == _FILE else None
    top = locate(root, lambda folder: file_named(folder, _FILE) is not None)
    return top and file_named(top, _FILE)


def load(root: Path, mode: str = "majority") -> FaceDataset:
    """Read FER+.

    Args:
        root: Folder that holds ``fer2013new.csv``, or that file. FER2013 is looked for there, in the folder above and
            in the data folder.
        mode: One of ``MODES``; what becomes of the votes on training images.

    Returns:
        The images that the mode keeps. ``labels`` are the majority's; a training image that a mode other than
        ``majority`` keeps without one has the label with most votes (the first, where several have as many).
        ``targets`` are ``None`` by majority; distributions by ``probabilistic`` and ``crossentropy``; 1 for every
        right emotion and 0 for the others by ``multi_target``. ``rows`` are FER2013's.

    Raises:
        FerstudyError: No such mode; no votes or a damaged file; no FER2013, or one whose rows are in another order.
    """
    if mode not in MODES:
        raise unknown("mode of ferplus", mode, MODES)
    usage, named, votes = _read(_found(root))
    faces = _faces(root, usage, votes)
    official = targets(votes, "majority")
    chosen = np.where((usage == 0)[:, None], targets(votes, mode), official)
    rows = np.flatnonzero(named & chosen.any(1)).astype(np.int64)
    best = np.where(official.any(1), official.argmax(1), np.where(chosen > 0, votes[:, : len(CLASSES)], 0).argmax(1))
    labels = best[rows].astype(np.int64)
    kept = faces.select(rows)
    data = FaceDataset(
        name="ferplus",
        classes=CLASSES,
        images=kept.images,
        labels=labels,
        usage=kept.usage,
        splits=SPLITS,
        rows=rows,
        fingerprint=content_fingerprint(np.array(faces.fingerprint), rows, labels, chosen[rows]),
        layout=f"{_FILE} with FER2013 as {faces.layout}, {mode}",
        real=faces.real,
        targets=None if mode == "majority" else chosen[rows],
    )
    counts = data.counts()
    notes = [f"FER2013: {warning}" for warning in faces.warnings]
    if mode == "majority":
        notes += count_warnings("this copy", SPLITS, counts.sum(1), OFFICIAL)
    notes += count_warnings("PrivateTest", CLASSES, counts[2], OFFICIAL_TEST)
    return replace(data, warnings=tuple(notes))


def read_votes(root: Path) -> I64:
    """The raw votes.

    Args:
        root: Folder that holds ``fer2013new.csv``, or that file.

    Returns:
        (35,887, 10) votes in the order of FER2013's rows and of ``COLUMNS``, 0 to 10.

    Raises:
        FerstudyError: No such file, or a damaged one.
    """
    return _read(_found(root))[2]


def targets(votes: I64, mode: str) -> F32:
    """What a mode makes of votes.

    Args:
        votes: (N, 10) in the order of ``COLUMNS``.
        mode: One of ``MODES``.

    Returns:
        (N, 8) targets as of :func:`load`, by ``majority`` 1 for the majority's emotion; all 0 where the image is
        dropped.

    Raises:
        FerstudyError: No such mode.
    """
    if mode not in MODES:
        raise unknown("mode of ferplus", mode, MODES)
    left = np.where(votes > 1, votes, 0)
    total = left.sum(1, keepdims=True)
    if mode == "majority":
        counted = np.where(2 * left > total, left, 0)
    elif mode == "multi_target":
        counted = np.where((left > 0) & (10 * left >= 3 * total), left, 0)
        counted[2 * counted.sum(1) <= total[:, 0]] = 0
    else:
        counted = _leading(left, total[:, 0])
    emotions = counted[:, : len(CLASSES)]
    # Unknown and NF win where no emotion has more votes: the image is dropped.
    kept = emotions.max(1) > 0
    kept &= emotions.max(1) >= counted[:, len(CLASSES) :].max(1)
    emotions = np.where(kept[:, None], emotions, 0)
    if mode in ("majority", "multi_target"):
        return (emotions > 0).astype(np.float32)
    return (emotions / np.maximum(emotions.sum(1, keepdims=True), 1)).astype(np.float32)


def _leading(left: I64, total: I64) -> I64:
    """The votes of the leading emotions, (N, 10): 75 % of all or three emotions, equal ones together."""
    counted = np.zeros_like(left)
    rest = left.copy()
    # "Unknown" and "NF" end the search where they lead; behind an emotion, they do not count.
    ended = np.zeros(len(left), np.bool_)
    for _ in range(3):
        searching = ~ended & (4 * counted.sum(1) < 3 * total) & ((counted > 0).sum(1) < 3)
        leading = searching[:, None] & (rest == rest.max(1, keepdims=True)) & (rest > 0)
        emotions, others = leading[:, : len(CLASSES)], leading[:, len(CLASSES) :]
        first = ~(counted.any(1) | emotions.any(1))
        counted[:, : len(CLASSES)] += np.where(emotions, rest[:, : len(CLASSES)], 0)
        counted[:, len(CLASSES) :] += np.where(others & first[:, None], rest[:, len(CLASSES) :], 0)
        ended |= others.any(1)
        rest[leading] = 0
    counted[(2 * counted.sum(1) <= total) | ((counted > 0).sum(1) > 3)] = 0
    return counted


def _found(root: Path) -> Path:
    path = find(root)
    if path is None:
        raise FerstudyError(f"ferplus: no {_FILE} in {root}. How to get it: {INFO.how_to_get}")
    return path


def _faces(root: Path, usage: U8, votes: I64) -> FaceDataset:
    """FER2013 whose rows are those of the votes."""
    folder = _found(root).parent
    places = [folder, folder.parent, root if root.is_dir() else folder, data_folder()]
    place = next((p for p in places if p.is_dir() and fer2013.find(p) is not None), None)
    if place is None:
        raise FerstudyError(
            f"ferplus: {_FILE} is in {folder} and FER2013, whose pixels it labels, is not beside it. "
            f"How to get it: {fer2013.INFO.how_to_get}"
        )
    faces = fer2013.load(place)
    if len(faces) != len(usage):
        raise FerstudyError(
            f"ferplus: {len(usage):,} rows of votes and {len(faces):,} of FER2013 in {place}; they are joined by row, "
            "so both must be whole"
        )
    to_fer2013 = np.array([fer2013.CLASSES.index(name) if name != "contempt" else -1 for name in CLASSES])
    majority = targets(votes, "majority")
    kept = majority.any(1)
    agreement = (to_fer2013[majority[kept].argmax(1)] == faces.labels[kept]).mean() if kept.any() else 1.0
    if not np.array_equal(faces.usage, usage) or agreement < _MIN_AGREEMENT:
        raise FerstudyError(
            f"ferplus: FER2013 in {place} ({faces.layout}) has its rows in another order than the votes; use "
            "fer2013.csv or icml_face_data.csv, which have the challenge's order"
        )
    return faces


def _read(path: Path) -> tuple[U8, npt.NDArray[np.bool_], I64]:
    """Split, whether the image has a name, and votes, of every row."""
    usage, named, votes = [], [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            missing = [name for name in ("Usage", "Image name", *COLUMNS) if name not in header]
            if missing:
                raise FerstudyError(f"ferplus: {path} lacks the column {missing[0]}; download it again")
            split, image = header.index("Usage"), header.index("Image name")
            places = [header.index(name) for name in COLUMNS]
            for row in reader:
                usage.append(SPLITS.index(row[split].strip()))
                named.append(bool(row[image].strip()))
                votes.append([int(row[i]) for i in places])
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError) as error:
        line = f" line {len(votes) + 2}"
        raise FerstudyError(f"ferplus: {path}{line}: expected a split, a name and ten numbers of votes") from error
    if not votes:
        raise FerstudyError(f"ferplus: {path} has no row; download it again")
    return np.array(usage, np.uint8), np.array(named, np.bool_), np.array(votes, np.int64)
