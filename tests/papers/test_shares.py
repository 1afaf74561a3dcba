"""Which numbers of right answers a printed percentage can stand for, by hand."""

from __future__ import annotations

import pytest

from ferstudy.papers._shares import cut_off, denominators, numerators


def test_numerators_by_hand() -> None:
    """95.24 % is 40 of 42; 96.92 % is 63 of 65 and of neither 61 nor 62; 72.49 and 50.27 % are those of section 6."""
    assert numerators(95.24, 42) == [40]
    assert numerators(96.92, 65) == [63]
    assert denominators(96.92, (61, 62)) == []
    assert denominators(95.08, (61, 62)) == [61]
    assert numerators(72.49, 309) == [224]
    assert numerators(50.27, 183) == [92]
    assert numerators(67.03, 3_589) == []
    assert cut_off(67.03, 3_589) == [2_406]
    assert cut_off(68.31, 3_589) == [2_452]


@pytest.mark.parametrize(
    ("percent", "rounds", "cuts"),
    [(73.28, [2_630], []), (71.63, [], [2_571]), (68.52, [], []), (74.14, [2_661], [2_661])],
)
def test_rounded_and_cut_off(percent: float, rounds: list[int], cuts: list[int]) -> None:
    """2630, 2571, 2459, 2460 and 2661 of 3589 are 73.2795, 71.6356, 68.5149, 68.5428 and 74.1432 %."""
    assert numerators(percent, 3_589) == rounds
    assert cut_off(percent, 3_589) == cuts


def test_one_decimal_allows_more() -> None:
    """248 / 249 = 99.598 %."""
    assert numerators(99.6, 249, digits=1) == [248]
    assert numerators(99.6, 249) == [248]
    assert numerators(99.5, 249, digits=1) == []
    # 72.95 to 73.05 % of 3589: 2618.2 to 2621.8.
    assert numerators(73.0, 3_589, digits=1) == [2_619, 2_620, 2_621]


def test_a_share_on_the_border_counts_for_both() -> None:
    """1 / 32 = 3.125 %."""
    assert numerators(3.12, 32) == numerators(3.13, 32) == [1]


def test_a_share_is_of_all_or_none_at_the_ends() -> None:
    assert numerators(100, 5) == [5]
    assert numerators(0, 5) == [0]
