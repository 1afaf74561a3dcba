"""Choosing on the scored images gains, and the gain is lost elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.course.selection import selection_gain
from ferstudy.errors import FerstudyError


def test_equal_coins_gain_where_they_are_chosen_only() -> None:
    coins = np.random.default_rng(1).random((40, 1000)) < 0.6
    gain = selection_gain(coins, repeats=300)
    # The largest of 40 standard normal numbers is 2.16 on average; half of the images have sqrt(.24 / 500) = 0.0219.
    assert gain.chosen - 0.6 == pytest.approx(2.16 * 0.0219, rel=0.35)
    assert gain.honest == pytest.approx(0.6, abs=0.012)
    assert gain.typical == pytest.approx(coins.mean())


def test_a_truly_better_system_keeps_its_score() -> None:
    right = np.zeros((2, 100), bool)
    right[1] = True
    gain = selection_gain(right, repeats=5)
    assert (gain.chosen, gain.honest, gain.typical) == (1, 1, 0.5)


def test_nothing_to_choose() -> None:
    with pytest.raises(FerstudyError, match="at least 2 systems and 2 images, got 1 and 9"):
        selection_gain(np.ones((1, 9), bool))
