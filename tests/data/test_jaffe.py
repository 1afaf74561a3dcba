"""JAFFE: what its file names say, and the counts of a whole copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ferstudy.data import load_dataset
from ferstudy.data.layouts import write_jaffe
from ferstudy.errors import FerstudyError

Paint = Callable[..., Path]


def test_names(tmp_path: Path, paint: Paint) -> None:
    names = ["YM.SU1.99.tiff", "KA.AN1.39.tiff", "KA.DI2.43.tiff", "KA.FE1.45.tiff", "KA.HA10.2.tiff", "KA.HA9.1.tiff",
             "KL.NE1.3.tiff", "KL.SA1.4.tiff"]  # fmt: skip
    for name in names:
        paint(tmp_path / name, 9, (256, 256))
    paint(tmp_path / "montage.png", 9)
    (tmp_path / "README_FIRST.txt").write_text("Please cite")
    data = load_dataset("jaffe", root=tmp_path)
    assert [data.classes[k] for k in data.labels] == [
        "angry", "disgust", "fear", "happy", "happy", "neutral", "sad", "surprise"
    ]  # fmt: skip
    assert data.subjects is not None
    assert data.subjects.tolist() == [0, 0, 0, 0, 0, 1, 1, 2]
    assert data.splits == ("All",)
    assert "pictures whose names are not JAFFE's were left out: montage.png" in data.warnings


def test_a_whole_copy_has_the_published_counts(tmp_path: Path, paint: Paint) -> None:
    """213 pictures of 10 women; 30 AN, 29 DI, 32 FE, 31 HA, 30 NE, 31 SA, 30 SU in the distributed files."""
    numbers = {"AN": 30, "DI": 29, "FE": 32, "HA": 31, "NE": 30, "SA": 31, "SU": 30}
    running = 0
    for code, count in numbers.items():
        for i in range(count):
            running += 1
            paint(tmp_path / f"{'ABCDEFGHIJ'[i % 10]}X.{code}{i // 10 + 1}.{running}.tiff", 9)
    data = load_dataset("jaffe", root=tmp_path, faces={"size": 8})
    assert len(data) == 213
    assert data.warnings == ()


def test_no_more_people_are_written_than_jaffe_has(tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="at most 10 people"):
        write_jaffe(tmp_path, people=11)
