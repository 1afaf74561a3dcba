"""The networks whose weights ship with the package, so that prediction works offline after install."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ferstudy.vision.networks import ONNX

if TYPE_CHECKING:
    from ferstudy.runs import Run

FOLDER = Path(__file__).parent / "weights"
# The best of them on PublicTest.
DEFAULT = "small_cnn.fer2013.strong.s0"


def shipped_networks() -> dict[str, Path]:
    """The shipped runs' networks for ONNX Runtime, by the runs' names; nothing of a run is read."""
    return {path.parent.name: path for path in sorted(FOLDER.glob(f"*/{ONNX}"))}


def list_pretrained() -> list[Run]:
    """The shipped runs, by name; each holds weights, recipe, metrics and provenance."""
    from ferstudy.runs import list_runs

    return list_runs(FOLDER)


def load_pretrained(name: str = DEFAULT) -> Run:
    """A shipped run by its name.

    Raises:
        FerstudyError: No shipped run has this name.
    """
    from ferstudy.runs import get_run

    return get_run(name, FOLDER)
