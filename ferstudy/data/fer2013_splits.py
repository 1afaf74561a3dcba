"""FER2013's splits: what the official ones hold, and how a copy's are told by its class counts.

Many copies do not say which image belongs to which official split. Where the numbers of images of every class are those
of a split, to the last one, they prove it; where they are not, the images stay apart from the official splits.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ferstudy.data.base import I64, U8
from ferstudy.data.cache import Parsed
from ferstudy.data.pictures import count_warnings

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SPLITS = ("Training", "PublicTest", "PrivateTest", "Test")
OFFICIAL = np.array(
    [
        [3995, 436, 4097, 7215, 4830, 3171, 4965],
        [467, 56, 496, 895, 653, 415, 607],
        [491, 55, 528, 879, 594, 416, 626],
        [0, 0, 0, 0, 0, 0, 0],
    ]
)
# The splits of a copy whose validation images are not the official ones; and the order in which splits stand.
WITH_VALIDATION = (*SPLITS, "Validation")
ORDER = ("Training", "PublicTest", "PrivateTest", "Validation", "Test")
# How much of a copy may be missing while the class counts of what is left still prove its splits.
_MOST_MISSING = 0.01


def checked(images: U8, labels: U8, usage: U8, numbers: I64 | None = None) -> Parsed:
    """Tell splits by class counts where nothing else says them, then compare the counts with the official table.

    Args:
        images, labels: Of all rows.
        usage: (N,) index of each row's split in ``WITH_VALIDATION``; changed in place.
        numbers: (N,) rows of fer2013.csv after which pictures are named, ascending; ``None`` where they are not.

    Returns:
        The dataset with a sentence on all that deviates.
    """
    notes = []
    if numbers is not None and _number_splits(labels, usage, numbers):
        notes.append("the splits were taken from the pictures' numbers: with them, classes are counted as officially")
    elif numbers is not None:
        numbers = None
    notes += _count_splits(labels, usage)
    counts = np.zeros((len(WITH_VALIDATION), len(CLASSES)), np.int64)
    np.add.at(counts, (usage, labels), 1)
    pooled, validation = counts[3], counts[4]
    if pooled.any():
        notes.append(
            f"{pooled.sum():,} test images do not say whether they are PublicTest or PrivateTest: they are pooled "
            "as 'Test', and a number on them is not comparable with one on PrivateTest"
        )
    if validation.any():
        notes.append(
            f"{validation.sum():,} validation images are not PublicTest by their class counts: they are kept as "
            "'Validation', and may come from any official split"
        )
    notes += count_warnings("Training", CLASSES, counts[0], OFFICIAL[0])
    if validation.any():
        notes += count_warnings("this copy", CLASSES, counts.sum(0), OFFICIAL.sum(0))
    elif pooled.any():
        notes += count_warnings("all but Training", CLASSES, counts[1:].sum(0), OFFICIAL[1:].sum(0))
    else:
        for split, ours, official in zip(SPLITS[1:3], counts[1:], OFFICIAL[1:], strict=False):
            notes += count_warnings(split, CLASSES, ours, official)
    return Parsed(images, labels, usage, tuple(notes), rows=numbers)


def _number_splits(labels: U8, usage: U8, numbers: I64) -> bool:
    """Set the official splits of pictures named after the rows of fer2013.csv, if their class counts are official."""
    ends = np.cumsum(OFFICIAL[:3].sum(1))
    by_row = np.searchsorted(ends, numbers, "right")
    if by_row.max() > 2:
        return False
    counts = np.zeros((3, len(CLASSES)), np.int64)
    np.add.at(counts, (by_row, labels), 1)
    missing = OFFICIAL[:3] - counts
    if (missing < 0).any() or missing.sum() > _MOST_MISSING * ends[-1]:
        return False
    usage[:] = by_row
    return True


def _count_splits(labels: U8, usage: U8) -> Iterator[str]:
    """Set the official splits of validation and test images whose class counts are those of one."""
    validation, test = (np.flatnonzero(usage == WITH_VALIDATION.index(name)) for name in ("Validation", "Test"))

    def is_official(rows: I64, split: int) -> bool:
        return np.array_equal(np.bincount(labels[rows], minlength=len(CLASSES)), OFFICIAL[split])

    if is_official(validation, 1):
        usage[validation] = 1
    first, second = test[: OFFICIAL[1].sum()], test[OFFICIAL[1].sum() :]
    if is_official(first, 1) and is_official(second, 2):
        usage[first], usage[second] = 1, 2
        yield "the split of the test images was taken from their order: its halves have the official class counts"
    elif is_official(test, 2):
        usage[test] = 2
