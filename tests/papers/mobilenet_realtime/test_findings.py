"""What times and spreads say, on times and spreads of which it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ferstudy.evaluation import Spread
from ferstudy.papers.mobilenet_realtime.findings import detection_growth, spread_changes


@pytest.mark.parametrize(
    ("slope", "noise", "classify", "said", "term"),
    [
        (6.0, 1.0, 4.0, "grows with the faces", "detection is the largest"),
        (2.0, 1.0, 4.0, "grows with the faces", "classification is the largest"),
        (0.0, 1.0, 4.0, "not refuted", "classification grows most"),
        (2.0, 40.0, 4.0, "not refuted", "classification grows most"),
        (-6.0, 1.0, 4.0, "falls with the faces", "classification grows most"),
    ],
)
def test_detection_grows_only_beyond_its_noise(
    slope: float, noise: float, classify: float, said: str, term: str
) -> None:
    faces = np.arange(1, 9)
    # Neither sum nor trend of their own: the fitted slopes are the given ones.
    off = noise * np.array([1, -1, -1, 1, 1, -1, -1, 1])
    times = pd.DataFrame(
        {"faces": faces, "detect": 100 + slope * faces + off, "prepare": 0.1 * faces, "classify": classify * faces}
    )
    assert said in detection_growth(times)
    assert term in detection_growth(times)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Spread(1.0, 4.0), "ratio 0.50 to 0.25 because classes move apart (between x 2.00, within x 1.00)"),
        (Spread(0.5, 2.0), "ratio 0.50 to 0.25 because classes get tighter (between x 1.00, within x 0.50)"),
        (Spread(1.2, 3.0), "ratio 0.50 to 0.40 because classes move apart (between x 1.50, within x 1.20)"),
        (Spread(2.0, 2.0), "ratio 0.50 to 1.00 because classes get wider (between x 1.00, within x 2.00)"),
        (Spread(0.9, 1.0), "ratio 0.50 to 0.90 because classes move together (between x 0.50, within x 0.90)"),
    ],
)
def test_a_ratio_falls_for_one_of_two_reasons(after: Spread, said: str) -> None:
    assert spread_changes(Spread(1.0, 2.0), {"centre": after}) == f"centre: {said}"


def test_without_both_losses_it_cannot_be_told() -> None:
    assert "cannot be told" in spread_changes(None, {"centre": Spread(1.0, 2.0)})
    assert "cannot be told" in spread_changes(Spread(1.0, 2.0), {})
