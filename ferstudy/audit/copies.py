"""The same picture several times: within a split, across splits, and with which labels.

Two grades of sameness, both as an array that says of every image which group of copies it is in:

- *identical*: equal in every pixel;
- *near-identical*: the same photograph, encoded, brightened, retouched or watermarked differently.

Near-identity is the correlation of two pictures' grey values at 48 x 48 pixels, which neither brightness nor contrast
changes. It is computed for those pairs alone whose thumbnails of 12 x 12 pixels correlate by at least 0.95; all
thumbnails are compared with all others by block matrix products. :data:`SAME_PHOTO` was set by looking at
FER2013's pairs: of those from 0.92 to 0.94 a few in four hundred are two photographs, of the 270 weakest from 0.95 up
none is. No pair from 0.95 up has a thumbnail correlation below 0.968, so that the first step loses none. Crops that
differ by more than about a pixel, and mirrored copies, are not found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ferstudy.data.base import F32, I64, U8, FaceDataset
from ferstudy.errors import FerstudyError, unknown

# Correlation from which two pictures are taken for one photograph.
SAME_PHOTO = 0.95

_SIDE = 48
_THUMBNAIL = 12
_CANDIDATE = 0.95
_BLOCK = 1024
_ALONE = -1


@dataclass(frozen=True)
class Pairs:
    """Pairs of similar pictures.

    Attributes:
        first, second: (P,) positions in the dataset, ``first < second``.
        correlation: (P,) of their grey values, -1 to 1.
    """

    first: I64
    second: I64
    correlation: F32


@dataclass(frozen=True)
class Copies:
    """Groups of copies in numbers.

    Attributes:
        groups: Groups of two and more copies.
        images: Images in them.
        surplus: Images beyond the first of each group.
        largest: Images in the largest group.
        conflicting: Groups whose labels differ.
        conflicting_images: Images in those.
        across: Groups that are in more than one split.
        across_conflicting: Groups that are in more than one split and whose labels differ.
    """

    groups: int
    images: int
    surplus: int
    largest: int
    conflicting: int
    conflicting_images: int
    across: int
    across_conflicting: int


def constant(data: FaceDataset) -> I64:
    """Positions of the images that are of one single colour: nothing to see, whatever the label says."""
    pixels = (block.reshape(len(block), -1, *block.shape[3:]) for block in _blocks(data.images))
    blank = [(p == p[:, :1]).reshape(len(p), -1).all(1) for p in pixels]
    return np.flatnonzero(np.concatenate(blank)).astype(np.int64)


def identical(data: FaceDataset) -> I64:
    """Group of pixel-identical images, (N,); -1 where an image has no copy. Groups are numbered from 0 by first image.

    Compared by 128-bit digests of the pixels: two different pictures share one with a chance below 1e-28 even among
    a hundred thousand.
    """
    digests = [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in data.images]
    return _numbered(pd.factorize(np.array(digests, object))[0])


def similar_pairs(data: FaceDataset, threshold: float = SAME_PHOTO) -> Pairs:
    """Pairs of different images whose correlation at 48 x 48 pixels reaches a threshold; the module says how.

    Identical images stand for each other: of each group only the first is compared. Constant images correlate with
    nothing. Time grows with the square of the images (FER2013: seconds on one core), memory with their number and
    with that of the pairs found.

    Raises:
        FerstudyError: A threshold below 0.95, which the comparison of thumbnails would not find completely.
    """
    if not _CANDIDATE <= threshold <= 1:
        raise FerstudyError(f"similar pairs: expected a threshold of {_CANDIDATE} to 1, got {threshold}")
    group = identical(data)
    shown = np.flatnonzero((group == _ALONE) | ~pd.Series(group).duplicated().to_numpy())
    thumbnails = np.concatenate([_standardised(block, _THUMBNAIL) for block in _blocks(data.images)])[shown]
    found = []
    for start in range(0, len(shown), _BLOCK):
        near = thumbnails[start : start + _BLOCK] @ thumbnails[start:].T >= _CANDIDATE
        here, there = np.nonzero(np.triu(near, 1))
        found.append(_confirmed(data.images, shown[start + here], shown[start + there], threshold))
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def groups_of(data: FaceDataset, pairs: Pairs) -> I64:
    """Group of identical or near-identical images, (N,), -1 where an image has none; numbered as :func:`identical`.

    A group holds whatever a chain of similar pairs connects.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    group = identical(data)
    members = np.flatnonzero(group != _ALONE)
    _, first, place = np.unique(group[members], return_index=True, return_inverse=True)
    left = np.concatenate([pairs.first, members[first][place]])
    right = np.concatenate([pairs.second, members])
    graph = coo_matrix((np.ones(len(left), np.bool_), (left, right)), shape=(len(data), len(data)))
    return _numbered(connected_components(graph, directed=False)[1])


def summary(data: FaceDataset, group: I64) -> Copies:
    """Groups of copies in numbers.

    Args:
        data: The dataset.
        group: From :func:`identical` or :func:`groups_of`.
    """
    copied = group != _ALONE
    table = pd.DataFrame({"group": group[copied], "label": data.labels[copied], "split": data.usage[copied]})
    by_group = table.groupby("group").agg(
        images=("label", "size"), labels=("label", "nunique"), splits=("split", "nunique")
    )
    conflicting, across = by_group["labels"] > 1, by_group["splits"] > 1
    return Copies(
        groups=len(by_group),
        images=int(copied.sum()),
        surplus=int(copied.sum()) - len(by_group),
        largest=int(by_group["images"].max()) if len(by_group) else 1,
        conflicting=int(conflicting.sum()),
        conflicting_images=int(by_group["images"][conflicting].sum()),
        across=int(across.sum()),
        across_conflicting=int((across & conflicting).sum()),
    )


def leaks(data: FaceDataset, group: I64) -> pd.DataFrame:
    """How many images of one split have a copy in another.

    Args:
        data: The dataset.
        group: From :func:`identical` or :func:`groups_of`.

    Returns:
        A row for every ordered pair of splits with images; columns ``split``, ``images``, ``copies in``, ``copied``,
        and of these ``same label`` (every copy there has the image's label) and ``other label`` (one has another).
    """
    rows = []
    present = [k for k in range(len(data.splits)) if (data.usage == k).any()]
    for split in present:
        for other in present:
            if split == other:
                continue
            copied, contradicted = copied_in(data, group, data.splits[split], (data.splits[other],))
            rows.append(
                {
                    "split": data.splits[split],
                    "images": int((data.usage == split).sum()),
                    "copies in": data.splits[other],
                    "copied": len(copied),
                    "same label": len(copied) - len(contradicted),
                    "other label": len(contradicted),
                }
            )
    columns = ["split", "images", "copies in", "copied", "same label", "other label"]
    return pd.DataFrame(rows, columns=columns)


def copied_in(data: FaceDataset, group: I64, split: str, against: Sequence[str]) -> tuple[I64, I64]:
    """Images of a split with a copy in other splits, and those of them to which a copy gives another label.

    Args:
        data: The dataset.
        group: From :func:`identical` or :func:`groups_of`.
        split: The split looked at.
        against: Splits looked for copies in.

    Returns:
        Positions of both, ascending.

    Raises:
        FerstudyError: The dataset has no split of such a name.
    """
    here = np.flatnonzero((data.usage == _split_index(data, split)) & (group != _ALONE))
    there = np.isin(data.usage, [_split_index(data, name) for name in against]) & (group != _ALONE)
    copied = here[np.isin(group[here], group[there])]
    labels_there = pd.DataFrame({"group": group[there], "label": data.labels[there]}).groupby("group")["label"]
    lowest, highest = labels_there.min(), labels_there.max()
    agreed = (lowest[group[copied]].to_numpy() == data.labels[copied]) & (
        highest[group[copied]].to_numpy() == data.labels[copied]
    )
    return copied.astype(np.int64), copied[~agreed].astype(np.int64)


def examples(data: FaceDataset, group: I64, count: int = 8, most: int = 4) -> list[I64]:
    """Some groups of copies to look at: conflicting ones first, then those across splits, then as they come.

    Args:
        data: The dataset.
        group: From :func:`identical` or :func:`groups_of`.
        count: Groups.
        most: Images of each; the first of every label and split come first.

    Returns:
        Positions, an array a group. Groups of constant images, which show nothing, are left out.
    """
    shown = np.setdiff1d(np.flatnonzero(group != _ALONE), constant(data))
    table = pd.DataFrame({"group": group, "label": data.labels, "split": data.usage}).iloc[shown]
    telling = table.groupby("group")[["label", "split"]].nunique().sort_values(["label", "split"], kind="stable")
    order = telling[::-1].index[:count]
    groups = []
    for number in order:
        members = table[table["group"] == number]
        repeated = members.duplicated(["label", "split"]).sort_values(kind="stable")
        groups.append(np.sort(repeated.index[:most].to_numpy(np.int64)))
    return groups


def deduplicated(
    data: FaceDataset,
    split: str = "PrivateTest",
    against: Sequence[str] = ("Training", "PublicTest"),
    group: I64 | None = None,
) -> I64:
    """A split without its copies, as an extra scoring set.

    Args:
        data: The dataset.
        split: The split to score.
        against: Splits that nothing in it may be a copy from.
        group: What counts as a copy, from :func:`identical` (which it is where not given) or :func:`groups_of`.

    Returns:
        ``rows`` of the images kept, ascending: those without a copy in ``against``; of copies within the split, the
        first.

    Raises:
        FerstudyError: The dataset has no split of such a name.
    """
    group = identical(data) if group is None else group
    here = np.flatnonzero(data.usage == _split_index(data, split))
    kept = np.setdiff1d(here, copied_in(data, group, split, against)[0])
    once = pd.Series(group[kept]).duplicated().to_numpy() & (group[kept] != _ALONE)
    return np.sort(data.rows[kept[~once]]).astype(np.int64)


def _split_index(data: FaceDataset, name: str) -> int:
    if name not in data.splits:
        raise unknown(f"split of {data.name}", name, data.splits)
    return data.splits.index(name)


def _numbered(codes: npt.NDArray[np.integer]) -> I64:
    """Groups numbered by first appearance; -1 for what is alone."""
    codes = pd.factorize(codes)[0]
    shared = np.bincount(codes, minlength=1)[codes] > 1 if len(codes) else np.zeros(0, np.bool_)
    group = np.full(len(codes), _ALONE, np.int64)
    group[shared] = pd.factorize(codes[shared])[0]
    return group


def _blocks(images: U8) -> list[U8]:
    """Views of the images, a block at a time."""
    return [images[start : start + _BLOCK] for start in range(0, len(images), _BLOCK)]


def _standardised(images: U8, side: int) -> F32:
    """Grey pictures of ``side`` x ``side`` pixels as unit vectors of mean 0, (N, side * side); 0 for constant ones."""
    import torch
    from torch.nn.functional import adaptive_avg_pool2d

    grey = torch.from_numpy(np.array(images)).float()
    if grey.ndim == 4:
        grey = grey.mean(-1)
    small = adaptive_avg_pool2d(grey[:, None], side).flatten(1)
    small -= small.mean(1, keepdim=True)
    norm = small.norm(dim=1, keepdim=True)
    # Rounding leaves a constant picture a norm that is tiny and not 0.
    return np.asarray(torch.where(norm > 1e-2, small / norm.clamp(min=1e-2), 0.0).numpy())


def _confirmed(images: U8, first: I64, second: I64, threshold: float) -> tuple[I64, I64, F32]:
    """Of candidate pairs, those whose correlation at full size reaches the threshold."""
    correlation = [np.empty(0, np.float32)]
    for start in range(0, len(first), _BLOCK):
        pair = first[start : start + _BLOCK], second[start : start + _BLOCK]
        left, right = (_standardised(images[index], _SIDE) for index in pair)
        correlation.append((left * right).sum(1))
    value = np.concatenate(correlation)
    kept = value >= threshold
    return first[kept], second[kept], value[kept]
