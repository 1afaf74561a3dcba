"""FER+'s votes against FER2013's labels: ten people an image, and what their doubt means for an accuracy.

E. Barsoum et al., "Training deep networks for facial expression recognition with crowd-sourced label distribution",
2016. Votes are (N, 10) in the order of :data:`ferstudy.data.ferplus.COLUMNS`: eight emotions, unknown, not a face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ferstudy.data import find_root
from ferstudy.data.base import I64, FaceDataset
from ferstudy.data.ferplus import CLASSES as VOTED
from ferstudy.data.ferplus import COLUMNS, read_votes
from ferstudy.errors import FerstudyError

F64 = npt.NDArray[np.float64]

# Labels and votes of the same faces agree on well over half of them; of shuffled rows, on about a sixth.
_MIN_AGREEMENT = 0.4


@dataclass(frozen=True)
class Ceilings:
    """What label noise leaves of an accuracy, each a share of 0 to 1; ``None`` where nothing tells.

    Attributes:
        identical: A bound that nothing can pass: whatever is computed from pixels gives identical images one answer,
            which is right for the most frequent of their labels at best.
        crowd: Accuracy, on the dataset's labels, of the emotion that most of the ten people chose among the dataset's
            classes; equal numbers of votes count as a draw, none as wrong. A network that read faces exactly as the
            crowd does would score this; one that learns the habits of the first labellers can score more.
        person: How often one of the ten agrees with what most of the other nine chose, votes for the dataset's classes
            only. If every label were one person's opinion, no network could expect more.
    """

    identical: float
    crowd: float | None = None
    person: float | None = None


def find_votes(dataset: str, root: Path | str | None = None) -> I64 | None:
    """FER+'s votes, (35,887, 10), where they are on this machine and are about this dataset; else ``None``.

    Args:
        dataset: Name of the dataset.
        root: Folder to look in; the data folder where not given.
    """
    place = find_root("ferplus", root) if dataset == "fer2013" else None
    return None if place is None else read_votes(place)


def aligned_votes(data: FaceDataset, votes: I64) -> I64:
    """The votes on a dataset's rows, (len(data), 10).

    Args:
        data: FER2013, or a selection of it.
        votes: (35,887, 10), from :func:`ferstudy.data.ferplus.read_votes`.

    Raises:
        FerstudyError: The dataset's rows are not those of the votes: it has more, or is in another order.
    """
    if len(data.rows) and data.rows.max() >= len(votes):
        raise FerstudyError(f"votes: {len(votes):,} rows, but {data.name} has a row {data.rows.max():,}")
    chosen = votes[data.rows]
    agreement = float(_drawn(chosen[:, _columns(data.classes)])[np.arange(len(data)), data.labels].mean())
    if agreement < _MIN_AGREEMENT:
        raise FerstudyError(
            f"votes: they agree with {100 * agreement:.0f} % of the labels of {data.name} ({data.layout}), as rows in "
            "another order would; FER+ needs fer2013.csv or icml_face_data.csv, which keep the challenge's order"
        )
    return chosen


def label_votes(votes: I64, labels: I64, classes: Sequence[str]) -> pd.DataFrame:
    """Votes by label.

    Args:
        votes: (N, 10).
        labels: (N,) in the order of ``classes``.
        classes: Class names in label order, all among FER+'s.

    Returns:
        A row a class that has images and a last row ``all``. Columns: ``images``; ``agreement``, the share of images
        whose most voted column (of all ten; a draw counts in parts) is the label; ``entropy``, the mean entropy of an
        image's votes in bits; ``not a face``, the share of images whose most voted column is unknown or NF; and for
        every column of the votes the share of all votes that it got.
    """
    winner = _drawn(votes)
    own = np.array(_columns(classes))[labels]
    table = pd.DataFrame(
        {
            "label": np.array(classes, object)[labels],
            "agreement": winner[np.arange(len(labels)), own],
            "entropy": entropy(votes),
            "not a face": winner[:, len(VOTED) :].sum(1),
        }
    )
    table[list(COLUMNS)] = votes / np.maximum(votes.sum(1, keepdims=True), 1)
    by_label = table.groupby("label").mean().reindex([c for c in classes if (table["label"] == c).any()])
    by_label.loc["all"] = table.drop(columns="label").mean()
    by_label.insert(0, "images", [*(int((table["label"] == c).sum()) for c in by_label.index[:-1]), len(table)])
    return by_label


def crowd_sides_with(votes: I64, labels: I64, said: I64, classes: Sequence[str]) -> dict[str, float]:
    """Of images whose label a network contradicts: with whom most of the ten people agree.

    Args:
        votes: (N, 10).
        labels: (N,) in the order of ``classes``.
        said: (N,) what the network says, other than the labels.
        classes: Class names in label order, all among FER+'s.

    Returns:
        Shares of the images by ``label``, ``network`` and ``neither``, a draw counting in parts; NaN without images.
    """
    winner, columns, rows = _drawn(votes), np.array(_columns(classes)), np.arange(len(votes))
    if not len(votes):
        return dict.fromkeys(("label", "network", "neither"), float("nan"))
    label, network = float(winner[rows, columns[labels]].mean()), float(winner[rows, columns[said]].mean())
    return {"label": label, "network": network, "neither": 1 - label - network}


def crowd_on_answers(votes: I64, labels: I64, said: I64, classes: Sequence[str]) -> dict[str, float]:
    """How far a network's errors are where most of the ten people doubt the label too, a draw counting in parts.

    Args:
        votes: (N, 10).
        labels: (N,) in the order of ``classes``.
        said: (N,) what the network says.
        classes: Class names in label order, all among FER+'s.

    Returns:
        ``errors``, their number; of the errors, the shares ``rejected`` (the crowd names another than the label) and
        ``named`` (it names what the network says); ``rejected when right``, of the right answers; and ``accuracy where
        agreed``, of the images whose label the crowd names. NaN where there are none of a kind.
    """
    winner, columns, rows = _drawn(votes), np.array(_columns(classes)), np.arange(len(votes))
    agreed, named, wrong = winner[rows, columns[labels]], winner[rows, columns[said]], said != labels

    def mean(values: F64) -> float:
        return float(values.mean()) if len(values) else float("nan")

    return {
        "errors": int(wrong.sum()),
        "rejected": mean(1 - agreed[wrong]),
        "named": mean(named[wrong]),
        "rejected when right": mean(1 - agreed[~wrong]),
        "accuracy where agreed": float(agreed[~wrong].sum() / agreed.sum()) if agreed.any() else float("nan"),
    }


def pack_winners(votes: I64) -> list[int]:
    """The most voted columns of each image as bits, the first column the lowest; 0 where nobody voted."""
    return np.asarray((_drawn(votes) > 0) @ (1 << np.arange(votes.shape[1]))).tolist()


def recorded_winners(found: Mapping[str, Any] | None, split: str, rows: I64) -> I64 | None:
    """The most voted columns of some images as a recorded audit has them; to most functions here they are as votes.

    Args:
        found: From :func:`ferstudy.audit.read_audit`.
        split: Of the images.
        rows: (N,) their rows in the dataset's own order.

    Returns:
        (N, 10) ones and zeros; ``None`` where the audit has none of this split.

    Raises:
        FerstudyError: A row is not in the split.
    """
    kept = ((found or {}).get("votes") or {}).get("winners", {}).get(split)
    if kept is None:
        return None
    known = dict(zip(kept["rows"], kept["columns"], strict=True))
    strange = [row for row in rows.tolist() if row not in known]
    if strange:
        raise FerstudyError(f"row {strange[0]} is not in {split} of the recorded audit: it is of another dataset")
    bits = np.array([known[row] for row in rows.tolist()], np.int64)
    return np.asarray(bits[:, None] >> np.arange(len(COLUMNS)) & 1)


def entropy(votes: I64) -> F64:
    """Entropy of every image's votes, (N,) in bits: 0 where all agree, log2(10) where every vote differs."""
    share = votes / np.maximum(votes.sum(1, keepdims=True), 1)
    return np.asarray(-(share * np.log2(np.where(share > 0, share, 1))).sum(1)) + 0.0


def one_against_rest(votes: I64) -> float:
    """How often one voter chooses what most of the others chose, averaged over voters and images.

    Args:
        votes: (N, K) numbers of votes; images with fewer than two do not count.

    Returns:
        A share of 0 to 1: the mean over images of the chance that a voter drawn at random agrees with the most voted
        column of the rest, a draw counting in parts; NaN where no image counts.
    """
    votes = votes[votes.sum(1) > 1]
    agreed = np.zeros(len(votes))
    for k in range(votes.shape[1]):
        rest = votes.copy()
        rest[:, k] = np.maximum(rest[:, k] - 1, 0)
        agreed += votes[:, k] * _drawn(rest)[:, k]
    return float((agreed / votes.sum(1)).mean()) if len(votes) else float("nan")


def ceilings(labels: I64, group: I64, votes: I64 | None = None, classes: Sequence[str] = ()) -> Ceilings:
    """What label noise leaves of an accuracy on some images.

    Args:
        labels: (N,).
        group: (N,) group of identical images, -1 for none; from :func:`ferstudy.audit.identical`.
        votes: (N, 10) votes, where there are.
        classes: Class names in label order, needed with votes.
    """
    copied = group >= 0
    counts = pd.crosstab(group[copied], labels[copied]).to_numpy()
    right = int((~copied).sum()) + int(counts.max(1).sum()) if counts.size else len(labels)
    bound = right / len(labels)
    if votes is None:
        return Ceilings(bound)
    ours = votes[:, _columns(classes)]
    crowd = float(_drawn(ours)[np.arange(len(labels)), labels].mean())
    person = one_against_rest(ours)
    return Ceilings(bound, crowd, None if np.isnan(person) else person)


def _drawn(votes: I64) -> F64:
    """1 for the most voted column of each row, shared equally in a draw; 0 everywhere in a row without votes."""
    winner = (votes == votes.max(1, keepdims=True)) & (votes > 0)
    return np.asarray(winner / np.maximum(winner.sum(1, keepdims=True), 1))


def _columns(classes: Sequence[str]) -> list[int]:
    """The columns of the votes that stand for classes.

    Raises:
        FerstudyError: A class that nobody could vote for.
    """
    missing = [name for name in classes if name not in VOTED]
    if missing:
        raise FerstudyError(f"votes: FER+ has no emotion {missing[0]!r}; its emotions are {', '.join(VOTED)}")
    return [VOTED.index(name) for name in classes]
