"""A whole audit as a value: counts, rows and sentences, small enough to be committed, without a single pixel."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ferstudy.audit.copies import (
    SAME_PHOTO,
    constant,
    copied_in,
    deduplicated,
    groups_of,
    identical,
    leaks,
    similar_pairs,
    summary,
)
from ferstudy.audit.votes import aligned_votes, ceilings, entropy, label_votes, pack_winners
from ferstudy.data.base import I64, FaceDataset
from ferstudy.errors import FerstudyError, unknown
from ferstudy.evaluation import Metrics, metrics_of

# Where a checkout keeps the recorded audits, a file a dataset.
AUDITS = Path("reports/audits")
GRADES = ("identical", "near-identical")
ENTROPY_STEP = 0.25
_ENTROPY_EDGES = np.append(np.arange(0, np.log2(10), ENTROPY_STEP), np.log2(10) + 1e-9)


def scored_split(data: FaceDataset) -> tuple[str, tuple[str, ...]]:
    """The split that scores a network, by convention a dataset's last one with images, and the splits before it."""
    present = [name for k, name in enumerate(data.splits) if (data.usage == k).any()]
    return present[-1], tuple(present[:-1])


def audit(data: FaceDataset, votes: I64 | None = None) -> dict[str, Any]:
    """Everything that this package finds in a dataset, ready for JSON.

    Args:
        data: The whole dataset.
        votes: FER+'s (35,887, 10) votes where the dataset is FER2013.

    Returns:
        ``dataset``, ``real``, ``fingerprint``, ``layout``, ``images``, ``size`` (of a picture in pixels) and
        ``warnings``; ``counts`` by split and class; ``constant`` by split; ``identical`` and ``near-identical``, the
        fields of :class:`~ferstudy.audit.Copies` with the ``leaks`` across splits, and of the scored split the rows
        ``left out`` of its de-duplicated set, and those of them that have a copy in an earlier split under the
        ``same label`` only or under an ``other label``; ``threshold``; ``shared``, the people and films that are in
        two splits; ``ceilings`` by split; and with votes ``votes``, the shares by label, a histogram of entropies and,
        of the scored split's rows, the most voted columns (:func:`~ferstudy.audit.recorded_winners`).

    Raises:
        FerstudyError: The votes are not those of the dataset's rows.
    """
    pairs = similar_pairs(data)
    groups = dict(zip(GRADES, (identical(data), groups_of(data, pairs)), strict=True))
    blank = constant(data)
    aligned = None if votes is None else aligned_votes(data, votes)
    present = [name for k, name in enumerate(data.splits) if (data.usage == k).any()]
    bounds = {}
    for name in present:
        here = data.usage == data.splits.index(name)
        own = None if aligned is None else aligned[here]
        bounds[name] = asdict(ceilings(data.labels[here], groups["identical"][here], own, data.classes))
    return {
        "dataset": data.name,
        "real": data.real,
        "fingerprint": data.fingerprint,
        "layout": data.layout,
        "images": len(data),
        "size": list(data.images.shape[1:3]),
        "warnings": list(data.warnings),
        "counts": {
            name: dict(zip(data.classes, counts.tolist(), strict=True))
            for name, counts in zip(data.splits, data.counts(), strict=True)
            if name in present
        },
        "constant": {name: int((data.usage[blank] == data.splits.index(name)).sum()) for name in present},
        "threshold": SAME_PHOTO,
        "similar pairs": len(pairs.first),
        **{grade: _copies(data, group) for grade, group in groups.items()},
        "shared": {kind: _shared(data, getattr(data, kind)) for kind in ("subjects", "sequences")},
        "ceilings": bounds,
        "votes": None if aligned is None else _votes(data, aligned),
    }


def _copies(data: FaceDataset, group: I64) -> dict[str, Any]:
    split, earlier = scored_split(data)
    copied, contradicted = copied_in(data, group, split, earlier)
    kept = deduplicated(data, split, earlier, group)
    every = data.rows[data.usage == data.splits.index(split)]
    return {
        **asdict(summary(data, group)),
        "leaks": leaks(data, group).to_dict("records"),
        "scored split": split,
        "left out": np.setdiff1d(every, kept).tolist(),
        "same label": np.setdiff1d(data.rows[copied], data.rows[contradicted]).tolist(),
        "other label": np.sort(data.rows[contradicted]).tolist(),
    }


def _shared(data: FaceDataset, identity: I64 | None) -> int | None:
    """People or films that are in more than one split; ``None`` where the dataset names none."""
    if identity is None:
        return None
    pairs = np.unique(np.stack([identity, data.usage.astype(np.int64)], 1), axis=0)
    _, splits = np.unique(pairs[:, 0], return_counts=True)
    return int((splits > 1).sum())


def _votes(data: FaceDataset, votes: I64) -> dict[str, Any]:
    table = label_votes(votes, data.labels, data.classes).round(4)
    shares = [np.histogram(entropy(votes[data.labels == k]), _ENTROPY_EDGES)[0] for k in range(data.num_classes)]
    split, _ = scored_split(data)
    here = data.usage == data.splits.index(split)
    return {
        "by label": table.to_dict("index"),
        "entropy histogram": {c: s.tolist() for c, s in zip(data.classes, shares, strict=True)},
        "winners": {split: {"rows": data.rows[here].tolist(), "columns": pack_winners(votes[here])}},
    }


def class_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """Images by class and split, from :func:`audit`'s findings.

    Returns:
        A row a split; a column ``split``, one a class, ``images``, and ``imbalance``, the most frequent class's images
        by the rarest's (infinite where a class has none).
    """
    counts = pd.DataFrame.from_dict(found["counts"], orient="index")
    most, least = counts.max(axis=1).to_numpy(float), counts.min(axis=1).to_numpy(float)
    with np.errstate(divide="ignore"):
        extra = {"images": counts.sum(axis=1), "imbalance": (most / least).round(1)}
    return counts.assign(**extra).rename_axis("split").reset_index()


def sentences(found: Mapping[str, Any]) -> list[str]:
    """What a user must know before trusting a score, a sentence each, from :func:`audit`'s findings."""
    told = list(found["warnings"])
    for name, counts in found["counts"].items():
        told += [f"{name} has no image of {c}" for c, n in counts.items() if not n]
    blank = sum(found["constant"].values())
    if blank:
        where = ", ".join(f"{n} in {name}" for name, n in found["constant"].items() if n)
        told.append(f"{blank:,} constant images show nothing ({where})")
    for grade in GRADES:
        copies = found[grade]
        if copies["groups"]:
            told.append(
                f"{copies['images']:,} images are {grade} to others, {copies['groups']:,} different ones among them; "
                f"{copies['conflicting']:,} of these have more than one label, {copies['across']:,} are in more than "
                "one split"
            )
    for leak in found["identical"]["leaks"]:
        # Of two splits, the later one is the one whose score the earlier one's copies improve.
        order = list(found["counts"])
        if leak["copied"] and order.index(leak["split"]) > order.index(leak["copies in"]):
            share = 100 * leak["copied"] / leak["images"]
            told.append(
                f"{leak['copied']:,} of {leak['images']:,} images of {leak['split']} ({share:.1f} %) are pixel for "
                f"pixel in {leak['copies in']}, {leak['other label']:,} of them under another label"
            )
    for kind, word in (("subjects", "people"), ("sequences", "films")):
        if found["shared"][kind]:
            told.append(f"{found['shared'][kind]:,} {word} are in more than one split")
    return told


def score_rows(predictions: Mapping[str, np.ndarray], split: str, rows: I64, tta: str = "single") -> Metrics:
    """A run's metrics on some of a split's rows.

    Args:
        predictions: As in ``predictions.npz``.
        split: A scored split.
        rows: Rows of the dataset's own order, such as those that :func:`ferstudy.audit.deduplicated` keeps.
        tta: Test-time augmentation.

    Raises:
        FerstudyError: The run was not scored so, a row is not in the split, or no row is given.
    """
    key = f"{split}.{tta}.logits"
    if key not in predictions:
        raise unknown("predictions", key, predictions)
    scored = predictions[f"{split}.rows"]
    strange = np.setdiff1d(rows, scored)
    if len(strange):
        raise FerstudyError(f"row {strange[0]} is not in the predictions of {split}: they are of another dataset")
    chosen = np.isin(scored, rows)
    return metrics_of(predictions[key][chosen], predictions[f"{split}.targets"][chosen])


def score_table(
    found: Mapping[str, Any], predictions: Mapping[str, Mapping[str, np.ndarray]], tta: str = "single"
) -> pd.DataFrame:
    """What copies are worth to some runs.

    Args:
        found: From :func:`audit`, of the dataset that the runs are of.
        predictions: System to its predictions, as in ``predictions.npz``.
        tta: Test-time augmentation.

    Returns:
        Of every system a row for the whole scored split, for it without identical and without near-identical copies,
        and for the images alone that have an identical copy in an earlier split, under the same label only or under
        another. Columns ``system``, ``set``, ``images``, ``accuracy``, ``low``, ``high`` (%, 95 % interval). A system
        that was not scored on the split is left out, and so is a set without images.
    """
    split, identical_found = found["identical"]["scored split"], found["identical"]
    table = []
    for system, arrays in predictions.items():
        if f"{split}.{tta}.logits" not in arrays:
            continue
        every = arrays[f"{split}.rows"]
        sets = {
            split: every,
            **{f"without {grade} copies": np.setdiff1d(every, found[grade]["left out"]) for grade in GRADES},
            "identical elsewhere, same label": identical_found["same label"],
            "identical elsewhere, other label": identical_found["other label"],
        }
        for name, rows in sets.items():
            if len(rows):
                metrics = score_rows(arrays, split, np.asarray(rows), tta)
                accuracy, low, high = (round(100 * v, 2) for v in (metrics.accuracy, *metrics.interval))
                table.append((system, name, metrics.images, accuracy, low, high))
    return pd.DataFrame(table, columns=["system", "set", "images", "accuracy", "low", "high"])


def write_audit(found: Mapping[str, Any], folder: Path) -> Path:
    """Record an audit of real data as ``{dataset}.json`` with today's date and the code's version; its path.

    Raises:
        FerstudyError: The dataset is synthetic, or the folder cannot be written.
    """
    if not found["real"]:
        raise FerstudyError(
            f"the audit of {found['dataset']} is of synthetic faces; only those of real data are recorded"
        )
    import torch

    from ferstudy.runs import provenance

    path = folder / f"{found['dataset']}.json"
    temporary = path.with_name(f".{path.name}.tmp")
    origin = {"date": datetime.date.today().isoformat(), "code": provenance(torch.device("cpu"))["code"]}
    text = json.dumps({**origin, **found}, ensure_ascii=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(_lists_on_a_line(text) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise FerstudyError(f"cannot record the audit in {folder} ({error.strerror}); choose another --into") from error
    return path


def _lists_on_a_line(text: str) -> str:
    """JSON whose lists of numbers do not take a line a number."""
    import re

    return re.sub(r"\[[\s\d,]+\]", lambda found: " ".join(found[0].split()), text)


def read_audit(dataset: str, folder: Path) -> dict[str, Any] | None:
    """A recorded audit, ``None`` where none is recorded.

    Raises:
        FerstudyError: The file is damaged.
    """
    path = folder / f"{dataset}.json"
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FerstudyError(f"{path} is not a readable audit ({error}); record it again") from error
    return found
