"""What a user must know of a network's weights, after Mitchell et al., "Model Cards for Model Reporting" (2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ferstudy.audit import score_table, sentences
from ferstudy.data.protocols import get_protocol
from ferstudy.evaluation import Metrics, metrics_of, softmax
from ferstudy.runs import Run

INTENDED = (
    "Teaching, research and comparison of methods; a starting point for training on data of one's own",
    "Predicting how few and hurried labellers would name the expression that a small frontal face shows",
)
MISUSE = (
    "Concluding what somebody feels, thinks or will do: an expression that is shown is no emotion that is felt",
    "Judging people in hiring, work, school, policing, credit, insurance or health; the European Union forbids "
    "inferring emotions at work and in education (Regulation 2024/1689, article 5 (1) f)",
    "Watching people without their knowledge and consent",
    "Groups of people: nobody's age, sex or skin is labelled in this data, so that no difference between them was "
    "measured; that is no sign that there is none",
)


def model_card(run: Run, audit: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """The card of a run's weights: every number is computed from its predictions and the recorded audit.

    Args:
        run: A recorded run: weights that ship have their predictions there.
        audit: Findings of :func:`ferstudy.audit.audit` on the run's dataset; without it nothing is said of copies.

    Returns:
        Columns ``about`` and ``said``: training, protocol, accuracy, failures, confidence, data, intended use, misuse.
    """
    status, splits = run.status, get_protocol(run.recipe.protocol).reported
    metrics = metrics_of(*run.logits(*splits))
    low, high = (100 * bound for bound in metrics.interval)
    scored = f"{100 * metrics.accuracy:.2f} % [{low:.2f}, {high:.2f}] of {metrics.images:,} images, single view"
    made = (
        f"{run.recipe.dataset} ({status['dataset']['layout']}), {status['epochs']} epochs on the "
        f"{status['device']['type']}, {status['date']}, code {status['code']}"
    )
    rows = [
        ("training", made),
        ("protocol", status["protocol"]),
        ("accuracy", f"{' + '.join(splits)}: {scored}"),
        *_without_copies(run, audit),
        *(("fails", line) for line in _failures(metrics, status["classes"])),
        ("confidence", _confidence(run.logits(*splits)[0], metrics)),
        *(("data", sentence) for sentence in (sentences(audit) if audit else ())),
        *_labels(audit, splits),
        *(("made for", line) for line in INTENDED),
        *(("not for", line) for line in MISUSE),
    ]
    return pd.DataFrame(rows, columns=["about", "said"])


def _without_copies(run: Run, audit: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if audit is None:
        return []
    table = score_table(audit, {run.name: run.predictions})
    kept = table[table["set"].str.startswith("without")]
    return [
        ("accuracy", f"{row.set}: {row.accuracy:.2f} % [{row.low:.2f}, {row.high:.2f}] of {row.images:,}")
        for row in kept.itertuples()
    ]


def _labels(audit: Mapping[str, Any] | None, splits: tuple[str, ...]) -> list[tuple[str, str]]:
    """How far ten people agree with the labels and with each other, where their votes were audited."""
    found = {split: audit["ceilings"].get(split, {}) for split in splits} if audit else {}
    return [
        (
            "data",
            f"ten people named each image of {split} again: the label is what most of them chose on "
            f"{100 * bounds['crowd']:.1f} %, and one of them chooses what most others chose on "
            f"{100 * bounds['person']:.1f} %",
        )
        for split, bounds in found.items()
        if bounds.get("crowd") is not None and bounds.get("person") is not None
    ]


def _failures(metrics: Metrics, classes: list[str], worst: int = 3) -> list[str]:
    """The classes of the lowest recall, and what they are most often taken for."""
    lines = []
    for k in np.argsort(metrics.recall, kind="stable")[:worst]:
        row = np.array(metrics.confusion[k])
        row[k] = 0
        taken = 100 * row.max() / max(1, metrics.support[k])
        lines.append(
            f"{classes[k]}: {100 * metrics.recall[k]:.0f} % of {metrics.support[k]} are found; "
            f"{taken:.0f} % are taken for {classes[int(row.argmax())]}"
        )
    return lines


def _confidence(logits: np.ndarray, metrics: Metrics) -> str:
    mean = 100 * float(softmax(logits).max(1).mean())
    gap = mean - 100 * metrics.accuracy
    said = (
        "as sure as it is right" if abs(gap) < 1 else f"{abs(gap):.1f} points {'over' if gap > 0 else 'under'}confident"
    )
    return f"mean confidence {mean:.1f} %: {said}; expected calibration error {metrics.ece:.3f}"
