"""Small pictures for hand-written copies of datasets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def paint() -> Callable[..., Path]:
    """Write a picture of one grey level, and the folders that it needs; in colour where its mode is RGB."""

    def write(path: Path, grey: int, size: tuple[int, int] = (8, 8), mode: str = "L") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size, grey if mode == "L" else (grey,) * 3).save(path)
        return path

    return write
