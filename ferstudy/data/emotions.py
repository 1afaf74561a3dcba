"""One vocabulary for the classes of all datasets.

Every dataset has its own order and its own words (anger, angry, AN, 6). Its loader maps them to these names, in one
constant, so that classes of different datasets can be matched by name and never by position.
"""

from __future__ import annotations

from ferstudy.data.selection import canonical

# FER2013's order and names, then the eighth that CK+ and FER+ add (mobilenet_realtime, table 1).
EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt")
_MEANINGS = {canonical(name): name for name in EMOTIONS}


def emotion(word: str) -> str | None:
    """The name in ``EMOTIONS`` of a word that datasets use for it, in any case; ``None`` for any other word."""
    return _MEANINGS.get(canonical(word))
