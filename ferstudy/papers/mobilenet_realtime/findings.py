"""What times and spreads say of the paper's two models, by stated rules: the words of its notebook."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ferstudy.evaluation import Spread

STAGES = ("detect", "prepare", "classify")


def detection_growth(times: pd.DataFrame) -> str:
    """Whether detection takes the same time whoever is in the frame (section 5.2), as far as times of frames tell.

    A line of least squares runs through the times of each stage. Detection grows where the 95 % interval of its slope
    (Student's t) lies above 0; the stage of the steepest line is the largest term per face.

    Args:
        times: A row a frame: ``faces`` found, and milliseconds of ``detect``, ``prepare`` and ``classify``
            (:func:`ferstudy.benchmark.frame_times`); at least 3 frames.
    """
    from scipy import stats

    lines = {stage: stats.linregress(times["faces"], times[stage]) for stage in STAGES}
    reach = stats.t.ppf(0.975, len(times) - 2) * lines["detect"].stderr
    slope = lines["detect"].slope
    largest = max(STAGES, key=lambda stage: lines[stage].slope)
    term = {"detect": "detection", "prepare": "preparation", "classify": "classification"}[largest]
    if slope - reach > 0:
        fails = "detection grows with the faces (95 % interval of its slope above 0), so constant detection fails here"
        return f"{fails}; {term} is the largest term per face"
    if slope + reach < 0:
        return f"detection falls with the faces here (95 % interval of its slope below 0); {term} grows most"
    return f"that detection is constant is not refuted here (95 % interval of its slope holds 0); {term} grows most"


def spread_changes(softmax: Spread | None, centre: Mapping[str, Spread]) -> str:
    """Why within over between differs with the centre loss: classes that lie farther apart, or tighter ones.

    Of the two factors of the ratio the one that changes it more, on a logarithmic scale, is named.

    Args:
        softmax: Spread without the centre loss; ``None`` where that arm is not recorded.
        centre: Arm with the centre loss to its spread, on the same images.
    """
    if softmax is None or not centre:
        return "whether classes move apart or get tighter cannot be told: one of the two losses has no recorded run"
    return "; ".join(f"{label}: {_change(softmax, spread)}" for label, spread in centre.items())


def _change(before: Spread, after: Spread) -> str:
    apart, wider = after.between / before.between, after.within / before.within
    ratio = f"ratio {before.ratio:.2f} to {after.ratio:.2f}"
    factors = f"(between x {apart:.2f}, within x {wider:.2f})"
    if after.ratio == before.ratio:
        return f"{ratio} {factors}"
    # The ratio is multiplied by wider / apart: which of the two pushes it the way that it went, and more?
    fell = after.ratio < before.ratio
    by_apart, by_within = (np.log(apart), -np.log(wider)) if fell else (-np.log(apart), np.log(wider))
    if by_apart >= by_within:
        why = "classes move apart" if fell else "classes move together"
    else:
        why = "classes get tighter" if fell else "classes get wider"
    return f"{ratio} because {why} {factors}"
