"""Which numbers of right answers a printed percentage can stand for: an accuracy is a share of so many images."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction


def numerators(percent: float, images: int, digits: int = 2) -> list[int]:
    """Numbers of right answers, of so many images, that round to a printed percentage.

    Args:
        percent: As printed.
        images: Images scored.
        digits: Decimal places printed.
    """
    # Exact, for a share may lie on the very border between two prints: it counts for both.
    printed, half = Fraction(str(round(percent, digits))), Fraction(1, 2 * 10**digits)
    least, most = ((printed + side) * images / 100 for side in (-half, half))
    return list(range(max(math.ceil(least), 0), min(math.floor(most), images) + 1))


def denominators(percent: float, images: Iterable[int]) -> list[int]:
    """Those numbers of images of which a printed percentage can be a share."""
    return [n for n in images if numerators(percent, n)]


def cut_off(percent: float, images: int) -> list[int]:
    """Numbers of right answers, of so many images, whose percentage has a printed one's first two decimal places."""
    hundredths = round(100 * percent)
    return [k for k in range(images + 1) if 10_000 * k // images == hundredths]
