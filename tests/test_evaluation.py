"""Metrics against scikit-learn, statsmodels' and closed forms, and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferstudy.errors import FerstudyError
from ferstudy.evaluation import (
    average_probabilities,
    class_spread,
    confident_errors,
    expected_calibration_error,
    first_right,
    mcnemar,
    metrics_of,
    softmax,
    wilson,
)

LOGITS = np.array([[2.0, 1, 0], [0, 3, 1], [1, 0, 0.5], [0, 0, 4]])
TARGETS = np.array([0, 1, 2, 2])


def test_a_small_case_by_hand() -> None:
    m = metrics_of(LOGITS, TARGETS)
    assert m.images == 4
    assert m.accuracy == 0.75
    assert m.confusion == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert m.precision == [0.5, 1, 1]
    assert m.recall == [1, 1, 0.5]
    assert m.macro_recall == pytest.approx(2.5 / 3)
    assert m.f1 == pytest.approx([2 / 3, 1, 2 / 3])
    assert m.weighted_f1 == pytest.approx((2 / 3 + 1 + 2 * 2 / 3) / 4)
    assert m.top2 == 1.0
    assert m.loss == pytest.approx(-np.log(softmax(LOGITS)[range(4), TARGETS]).mean())


def test_wilson_is_the_closed_form() -> None:
    # E. B. Wilson, 1927; worked example of 81 of 263 in Agresti and Coull, 1998: (0.2553, 0.3662).
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@given(n=st.integers(1, 5000), data=st.data())
@settings(max_examples=50, deadline=None)
def test_wilson_holds_the_share_and_stays_in_range(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = wilson(k, n)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1


def test_mcnemar_is_the_binomial_sign_test() -> None:
    targets = np.zeros(20, int)
    first = np.array([0] * 8 + [1] * 2 + [0] * 10)
    second = np.array([1] * 8 + [0] * 2 + [0] * 10)
    result = mcnemar(first, second, targets)
    assert (result.only_first, result.only_second) == (8, 2)
    # 2 * sum of C(10, 0..2) / 2^10
    assert result.p_value == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert mcnemar(first, first, targets).p_value == 1.0


def test_calibration_error_of_known_gap() -> None:
    # Confidence 0.9 everywhere and 60 % right: a gap of 0.3.
    probabilities = np.tile([0.9, 0.1], (10, 1))
    targets = np.array([0] * 6 + [1] * 4)
    assert expected_calibration_error(probabilities, targets) == pytest.approx(0.3)


def test_ensemble_is_the_mean_of_probabilities() -> None:
    other = LOGITS[::-1]
    expected = (softmax(LOGITS) + softmax(other)) / 2
    np.testing.assert_allclose(average_probabilities([LOGITS, other]), expected)
    with pytest.raises(FerstudyError, match="one shape"):
        average_probabilities([LOGITS, LOGITS[:2]])


def test_a_class_that_is_missing_counts_zero_and_does_not_fail() -> None:
    m = metrics_of(LOGITS[:2], TARGETS[:2])
    assert m.support == [1, 1, 0]
    assert m.recall[2] == m.precision[2] == 0


@pytest.mark.parametrize(
    ("logits", "targets"),
    [
        (LOGITS[:0], TARGETS[:0]),
        (LOGITS, TARGETS[:2]),
        (LOGITS[0], TARGETS),
        (np.full((2, 3), np.nan), np.array([0, 1])),
    ],
    ids=["empty", "lengths", "shape", "nan"],
)
def test_impossible_predictions_are_refused(logits: np.ndarray, targets: np.ndarray) -> None:
    with pytest.raises(FerstudyError):
        metrics_of(logits, targets)


def test_the_surest_errors_come_first() -> None:
    """Of the three rows that say class 0, 1 and 0 against 2, 1 and 1, the first is surer than the third."""
    logits = np.array([[4.0, 0, 0], [0, 9, 0], [2, 0, 0]])
    assert confident_errors(logits, np.array([2, 1, 1])).tolist() == [0, 2]
    assert confident_errors(logits, np.array([0, 1, 0])).tolist() == []


def test_the_first_right_image_of_each_class() -> None:
    logits = np.eye(4)[[2, 1, 0, 2, 1, 3]]
    assert first_right(logits, np.array([2, 0, 0, 2, 1, 0])).tolist() == [2, 4, 0]
    assert first_right(logits, np.array([3, 3, 3, 3, 3, 0])).tolist() == []


def test_spread_by_hand() -> None:
    """Two classes of two points, 1 from their means, which are 10 apart; a class without points does not count."""
    features = np.array([[0.0, 1], [0, -1], [10, 1], [10, -1]])
    spread = class_spread(features, np.array([0, 0, 3, 3]))
    assert (spread.within, spread.between, spread.ratio) == pytest.approx((1, 10, 0.1))
    with pytest.raises(FerstudyError, match="at least 2 classes"):
        class_spread(features, np.zeros(4, int))
