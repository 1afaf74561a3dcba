"""Tables from metrics."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.evaluation import metrics_of
from ferstudy.tables import Result, accuracy_table, averages, beside_published, one_against_rest, per_class, percent

METRICS = metrics_of(np.eye(3)[[0, 1, 0, 2]] * 3, np.array([0, 1, 2, 2]))


def test_percent() -> None:
    assert percent(METRICS).startswith("75.00 % [30.06, 95.44]")


def test_per_class_puts_systems_side_by_side() -> None:
    table = per_class({"a": METRICS, "b": METRICS}, ("x", "y", "z"))
    assert list(table.columns) == ["class", *(f"{m} ({s})" for m in ("precision", "recall", "F1") for s in "ab")]
    assert table["recall (a)"].tolist() == [1, 1, 0.5]


def test_one_against_rest_is_equations_2_and_3() -> None:
    """Of four images, one of class z is taken for x: both are wrong once in four."""
    table = one_against_rest(METRICS, ("x", "y", "z"))
    assert table["misclassification"].tolist() == [0.25, 0, 0.25]
    assert (table["accuracy"] + table["misclassification"] == 1).all()


def test_averages_by_hand() -> None:
    """Precisions 1/2, 1, 1 and recalls 1, 1, 1/2 average to 5/6, and so does their harmonic mean."""
    assert averages(METRICS) == (83.33, 83.33, 83.33)
    assert averages(metrics_of(np.eye(2)[[1]], np.array([0]))) == (0, 0, 0)


def test_accuracy_table() -> None:
    rows = [Result.of("ours", 49_783, METRICS, "PrivateTest", "single", "recorded")]
    rows.append(Result("theirs", 1e6, 70.0, None, None, "unknown", "unknown", "published"))
    table = accuracy_table(rows)
    assert table["parameters"].tolist() == [49_783, 1_000_000]
    assert table["accuracy"].tolist() == [75.0, 70.0]
    assert table["low"].isna().tolist() == [False, True]
    assert table["low"][0] == pytest.approx(30.06)


def test_a_stand_in_stands_in_no_column_of_real_faces() -> None:
    rows = [("a", "PrivateTest", 70.0, "published"), ("b", "small", METRICS, "stand-in")]
    table = beside_published([*rows, ("c", "PrivateTest", METRICS, "recorded")])
    assert list(table.columns) == [
        "system",
        "how",
        "published %",
        "ours, real faces",
        "ours, synthetic faces",
        "evidence",
    ]
    assert table["ours, real faces"].isna().tolist() == [True, True, False]
    assert table["ours, synthetic faces"].isna().tolist() == [True, False, True]
    assert table["published %"].tolist()[0] == "70"
    assert "ours, real faces" not in beside_published(rows)
