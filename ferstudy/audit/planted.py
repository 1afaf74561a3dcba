"""A dataset with copies planted in it, so that what an audit finds can be compared with what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ferstudy.data.base import I64, FaceDataset
from ferstudy.data.cache import content_fingerprint
from ferstudy.errors import FerstudyError


@dataclass(frozen=True)
class Planted:
    """A dataset and what was planted.

    Attributes:
        data: The dataset.
        identical: (P, 2) positions of a picture and of its identical copy; every other one has another label.
        near: (Q, 2) positions of a picture and of its copy in other light, with sensor noise and another label for
            every other one.
        constant: (R,) positions of blank pictures, each of a grey of its own.
    """

    data: FaceDataset
    identical: I64
    near: I64
    constant: I64


def plant_copies(data: FaceDataset, identical: int = 12, near: int = 12, constant: int = 3, seed: int = 0) -> Planted:
    """Overwrite some pictures of a dataset by copies of others; labels of every other copy are changed.

    No picture is used twice. Copies may fall into the picture's own split or into another, as chance has it.

    Args:
        data: Grey faces without copies.
        identical, near, constant: How many to plant.
        seed: Everything follows from it.

    Raises:
        FerstudyError: The dataset is too small for so many.
    """
    wanted = 2 * (identical + near) + constant
    if wanted > len(data):
        raise FerstudyError(f"planting {identical} + {near} copies needs {wanted} images, {data.name} has {len(data)}")
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(data))[:wanted].astype(np.int64)
    pairs, blank = chosen[: 2 * (identical + near)].reshape(-1, 2), chosen[2 * (identical + near) :]
    images, labels = np.array(data.images), data.labels.copy()
    for place, (source, copy) in enumerate(pairs):
        picture = images[source].astype(np.float32)
        if place >= identical:
            # Darker, flatter and noisy, as another camera or encoder would have it, and never clipped.
            picture = 20 + 0.75 * picture + rng.normal(0, 2, picture.shape)
        images[copy] = picture.round().clip(0, 255).astype(np.uint8)
        labels[copy] = (labels[source] + place % 2) % data.num_classes
    images[blank] = np.arange(len(blank), dtype=np.uint8).reshape(-1, *[1] * (images.ndim - 1))
    usage = data.usage
    fingerprint = content_fingerprint(images, labels.astype(np.uint8), usage)
    changed = replace(data, images=images, labels=labels, fingerprint=fingerprint, subjects=None)
    return Planted(changed, pairs[:identical], pairs[identical:], blank)
