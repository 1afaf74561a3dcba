"""One colour an emotion, everywhere: figures, annotated pictures and pages.

Paul Tol's "bright" scheme and a brown, told apart with any common colour-vision deficiency; never the only mark.
"""

from __future__ import annotations

EMOTION_COLOURS = {
    "angry": "#EE6677",
    "disgust": "#228833",
    "fear": "#AA3377",
    "happy": "#CCBB44",
    "sad": "#4477AA",
    "surprise": "#66CCEE",
    "neutral": "#888888",
    "contempt": "#A0662D",
}


def rgb(name: str) -> tuple[int, int, int]:
    """Red, green and blue, 0..255, of an emotion; a mid grey for a name that is none."""
    value = EMOTION_COLOURS.get(name, "#777777")
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)
