"""The facial action units that the renderer knows, and which of them make an emotion.

P. Ekman, W. V. Friesen, "Facial Action Coding System", 1978, describes a face by the muscles that move it.
W. V. Friesen, P. Ekman, "EMFACS-7: Emotional Facial Action Coding System", 1983, says which of these units together
show an emotion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError, unknown

F32 = npt.NDArray[np.float32]
# What the arithmetic of the renderer takes: arrays and scalars; type checkers widen float32 to float64 on the way.
Floats = npt.NDArray[np.floating[Any]]
Number = Floats | float | np.floating[Any]

# An intensity for both sides of the face, or one each for the viewer's left and right.
Intensity = float | tuple[float, float]

ACTION_UNITS: dict[int, str] = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    12: "lip corner puller",
    14: "dimpler",
    15: "lip corner depressor",
    16: "lower lip depressor",
    20: "lip stretcher",
    23: "lip tightener",
    25: "lips part",
    26: "jaw drop",
}

# Contempt is the one that shows on one side of the face.
PROTOTYPES: dict[str, tuple[int, ...]] = {
    "happiness": (6, 12),
    "sadness": (1, 4, 15),
    "surprise": (1, 2, 5, 26),
    "fear": (1, 2, 4, 5, 7, 20, 26),
    "anger": (4, 5, 7, 23),
    "disgust": (9, 15, 16),
    "contempt": (12, 14),
    "neutral": (),
}
UNILATERAL = ("contempt",)

# The emotion behind each class name of FER2013.
CLASS_EMOTIONS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}

_POSITION = {unit: i for i, unit in enumerate(ACTION_UNITS)}


def position(unit: int) -> int:
    """Where a unit's intensity stands in an array of intensities.

    Raises:
        FerstudyError: The renderer does not know this unit.
    """
    if unit not in _POSITION:
        raise unknown("action unit", unit, map(str, ACTION_UNITS))
    return _POSITION[unit]


def prototype(emotion: str, intensity: float = 1.0) -> dict[int, Intensity]:
    """The action units of an emotion.

    Args:
        emotion: A key of ``PROTOTYPES``, or the name of a class of FER2013.
        intensity: Of every unit, 0 to 1.

    Returns:
        Intensity by unit, as :func:`ferstudy.data.synthetic.render` takes it.

    Raises:
        FerstudyError: No such emotion, or an intensity outside 0 to 1.
    """
    name = CLASS_EMOTIONS.get(emotion, emotion)
    if name not in PROTOTYPES:
        raise unknown("emotion", emotion, PROTOTYPES)
    value: Intensity = (0.0, intensity) if name in UNILATERAL else intensity
    units: dict[int, Intensity] = dict.fromkeys(PROTOTYPES[name], value)
    intensities(units)
    return units


def intensities(units: Mapping[int, Intensity]) -> F32:
    """Intensities by unit as an array.

    Args:
        units: Intensity of 0 to 1 by unit: one number, or a pair for the viewer's left and right. Others are 0.

    Returns:
        (2, A) for the viewer's left and right side and the units in the order of ``ACTION_UNITS``.

    Raises:
        FerstudyError: Unknown unit, or an intensity outside 0 to 1.
    """
    out = np.zeros((2, len(ACTION_UNITS)), np.float32)
    for unit, value in units.items():
        column = position(unit)
        sides = np.asarray(value, float)
        if sides.shape not in ((), (2,)) or not bool(np.all((sides >= 0) & (sides <= 1))):
            raise FerstudyError(
                f"action unit {unit}: expected an intensity of 0 to 1, or two of them for left and right, got {value!r}"
            )
        out[:, column] = sides
    return out
