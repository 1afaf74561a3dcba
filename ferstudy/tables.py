"""Tables: metrics in, a frame out, worded as a report prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ferstudy.evaluation import Metrics


def percent(metrics: Metrics) -> str:
    """Accuracy with its 95 % interval, such as ``65.56 % [63.99, 67.10]``."""
    low, high = metrics.interval
    return f"{100 * metrics.accuracy:.2f} % [{100 * low:.2f}, {100 * high:.2f}]"


def per_class(systems: Mapping[str, Metrics], classes: Sequence[str]) -> pd.DataFrame:
    """Precision, recall and F1 by class, the systems side by side.

    Args:
        systems: Heading to metrics.
        classes: Class names in label order.

    Returns:
        A row a class; columns ``class``, then ``precision``, ``recall`` and ``F1`` of every system.
    """
    table = pd.DataFrame({"class": list(classes)})
    for measure in ("precision", "recall", "f1"):
        for heading, metrics in systems.items():
            name = "F1" if measure == "f1" else measure
            table[f"{name} ({heading})"] = [round(v, 2) for v in getattr(metrics, measure)]
    return table


def one_against_rest(metrics: Metrics, classes: Sequence[str]) -> pd.DataFrame:
    """Accuracy and misclassification by class as lite_xception's equations (2) and (3) define them.

    Args:
        metrics: With the confusion matrix.
        classes: Class names in label order.

    Returns:
        A row a class; columns ``class``, ``accuracy``, ``misclassification``, shares that sum to 1.
    """
    confusion = np.array(metrics.confusion)
    missed = (confusion.sum(0) + confusion.sum(1) - 2 * np.diag(confusion)) / confusion.sum()
    return pd.DataFrame(
        {"class": list(classes), "accuracy": (1 - missed).round(2), "misclassification": missed.round(2)}
    )


def averages(metrics: Metrics) -> tuple[float, float, float]:
    """Precision and recall averaged over the classes, and 2PR/(P + R) of these averages, in percent.

    This F1 is the one that mobilenet_realtime prints (Tables 4 and 5); ``macro_f1`` averages the classes' own instead.
    """
    precision, recall = 100 * float(np.mean(metrics.precision)), 100 * float(np.mean(metrics.recall))
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return round(precision, 2), round(recall, 2), round(f1, 2)


@dataclass(frozen=True)
class Result:
    """One row of an accuracy table.

    Attributes:
        system: Network, as a reader knows it.
        parameters: Trainable parameters.
        accuracy: In percent.
        low, high: 95 % interval in percent, ``None`` where only a printed number is known.
        measured_on: Split that is scored and the one that selected, in words.
        views: Test-time augmentation.
        evidence: Where the number comes from.
    """

    system: str
    parameters: float
    accuracy: float
    low: float | None
    high: float | None
    measured_on: str
    views: str
    evidence: str

    @staticmethod
    def of(system: str, parameters: float, metrics: Metrics, measured_on: str, views: str, evidence: str) -> Result:
        """A row of our own, from metrics."""
        low, high = (round(100 * v, 2) for v in metrics.interval)
        return Result(system, parameters, round(100 * metrics.accuracy, 2), low, high, measured_on, views, evidence)


def accuracy_table(results: Sequence[Result]) -> pd.DataFrame:
    """Rows of an accuracy table as a frame, in the order given."""
    table = pd.DataFrame([vars(result) for result in results])
    return table.astype({"parameters": int}).rename(columns={"measured_on": "measured on"})


# Where a number of each evidence stands: a stand-in never below a heading of real faces.
_COLUMNS = {
    "published": "published %",
    "measured": "ours, real faces",
    "recorded": "ours, real faces",
    "stand-in": "ours, synthetic faces",
}


def beside_published(rows: Sequence[tuple[str, str, float | Metrics, str]]) -> pd.DataFrame:
    """Printed accuracies beside ours, real and synthetic faces in columns of their own.

    Args:
        rows: System, on what and how, an accuracy in percent or metrics, and the evidence.

    Returns:
        Columns ``system``, ``how``, those of the evidences that occur, ``evidence``.
    """
    table = pd.DataFrame([row[:2] for row in rows], columns=["system", "how"])
    for evidence, column in _COLUMNS.items():
        for place, (*_, value, found) in enumerate(rows):
            if found == evidence:
                table.loc[place, column] = percent(value) if isinstance(value, Metrics) else f"{value:g}"
    return table.assign(evidence=[row[3] for row in rows])
