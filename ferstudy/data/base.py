"""What a dataset is once read: arrays, splits, identities, and where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError, unknown

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

# Arrays of a dataset that not every dataset has.
_OPTIONAL = ("subjects", "sequences", "frames", "targets")


@dataclass(frozen=True)
class FaceDataset:
    """Faces with labels, in the dataset's own order.

    Attributes:
        name: Registry name.
        classes: Class names in label order.
        images: (N, H, W) grey or (N, H, W, 3) RGB pixels, 0..255; may be memory-mapped.
        labels: (N,) labels, 0..K-1.
        usage: (N,) index of each row's split in ``splits``.
        splits: Split names.
        rows: (N,) row in the dataset's own order, kept by selections.
        subjects: (N,) identity of each face, numbered in ascending order of the owners' own identifiers, or ``None``
            where the dataset has none.
        sequences: (N,) film that each image is a frame of, or ``None`` where the dataset has only still images.
        frames: (N,) frame number within the film as the owners count it, from 1; ``None`` like ``sequences``.
        targets: (N, K) soft targets to train on, each row probabilities over the classes that sum to 1 (or, where the
            loader says so, 1 for every class that counts as right and 0 for the others); ``None`` where the labels
            are all there is. Scores always use ``labels``.
        fingerprint: Digest of the source: equal fingerprints hold equal pixels, labels and splits.
        layout: In which of its forms the dataset was found.
        real: False for synthetic faces: their results are stand-ins.
        warnings: How this copy deviates from what its owners published, a sentence each.
    """

    name: str
    classes: tuple[str, ...]
    images: U8
    labels: I64
    usage: U8
    splits: tuple[str, ...]
    rows: I64
    fingerprint: str
    layout: str = ""
    real: bool = True
    subjects: I64 | None = None
    sequences: I64 | None = None
    frames: I64 | None = None
    targets: F32 | None = None
    warnings: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def num_classes(self) -> int:
        return len(self.classes)

    def select(self, index: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> FaceDataset:
        """The rows of an index array or mask; their ``rows`` stay those of the whole dataset."""
        arrays = {name: getattr(self, name) for name in _OPTIONAL}
        chosen: dict[str, Any] = {name: None if array is None else array[index] for name, array in arrays.items()}
        return replace(
            self,
            images=self.images[index],
            labels=self.labels[index],
            usage=self.usage[index],
            rows=self.rows[index],
            **chosen,
        )

    def split(self, *names: str) -> FaceDataset:
        """The rows of one or several splits, in the dataset's order.

        Raises:
            FerstudyError: The dataset has no split of this name.
        """
        for name in names:
            if name not in self.splits:
                raise unknown(f"split of {self.name}", name, self.splits)
        wanted = [self.splits.index(name) for name in names]
        chosen = self.select(np.flatnonzero(np.isin(self.usage, wanted)))
        if not len(chosen):
            raise FerstudyError(
                f"{self.name}: no image in {' or '.join(names)}; this copy ({self.layout}) has no such split"
            )
        return chosen

    def counts(self) -> npt.NDArray[np.int64]:
        """Images by split and class, (splits, classes)."""
        table = np.zeros((len(self.splits), self.num_classes), np.int64)
        np.add.at(table, (self.usage, self.labels), 1)
        return table


@dataclass(frozen=True)
class DatasetInfo:
    """A dataset that can be loaded by name.

    Attributes:
        name: Registry name.
        classes: Class names in label order.
        splits: Split names.
        images: Official number of images; of films, the number of images that published protocols take. 0 where the
            dataset is whatever the user brings.
        counts: Official number of images of each split, in their order; empty where the owners give none.
        licence: Under what terms the owners give it.
        how_to_get: Where a user gets it, in a sentence.
    """

    name: str
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    images: int
    licence: str
    how_to_get: str
    counts: tuple[int, ...] = ()


def as_index(mask: Sequence[bool] | npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The positions at which a mask is true."""
    return np.flatnonzero(np.asarray(mask)).astype(np.int64)
