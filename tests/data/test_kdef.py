"""KDEF: what its file names say, and the counts of a whole copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ferstudy.data import load_dataset
from ferstudy.data.layouts import write_kdef
from ferstudy.errors import FerstudyError

Paint = Callable[..., Path]
CODES = ("AF", "AN", "DI", "HA", "NE", "SA", "SU")


@pytest.mark.parametrize("flat", [False, True], ids=["folders", "flat"])
def test_names(flat: bool, tmp_path: Path, paint: Paint) -> None:
    names = {"AM01SUS": "surprise", "BF02AFS": "fear", "AF02ANS": "angry", "AF02AFFL": None, "AF02NES": "neutral"}
    for name in names:
        paint(tmp_path / ("" if flat else name[:4]) / f"{name}.JPG", 9, (562, 762), "RGB")
    paint(tmp_path / ("" if flat else "AF02") / "AF2NES.JPG", 9)
    data = load_dataset("kdef", root=tmp_path)
    assert data.images.shape == (4, 128, 128, 3)
    assert [data.classes[k] for k in data.labels] == ["angry", "neutral", "surprise", "fear"]
    # F02 in both sessions, then M01.
    assert data.subjects is not None
    assert data.subjects.tolist() == [0, 0, 1, 0]
    assert "pictures whose names are not KDEF's were left out: AF2NES.JPG" in data.warnings
    assert len(load_dataset("kdef", root=tmp_path, angle="all")) == 5
    assert load_dataset("kdef", root=tmp_path, angle="FL").labels.tolist() == [2]


def test_a_whole_copy_has_the_published_counts(tmp_path: Path, paint: Paint) -> None:
    """70 people, two sessions, seven emotions: 140 pictures an emotion and angle; 4,900 of five angles."""
    for session in "AB":
        for person in [f"{sex}{n:02d}" for sex in "FM" for n in range(1, 36)]:
            for code in CODES:
                paint(tmp_path / f"{session}{person}{code}S.JPG", 9)
    data = load_dataset("kdef", root=tmp_path, faces={"size": 8})
    assert data.warnings == ()
    assert data.counts().tolist() == [[140] * 7]


def test_angles_are_written(tmp_path: Path) -> None:
    root = write_kdef(tmp_path, people=1, angles=("FL", "S"))
    assert len(load_dataset("kdef", root=root)) == len(load_dataset("kdef", root=root, angle="FL")) == 28
    with pytest.raises(FerstudyError, match="unknown angle of kdef 'front'"):
        load_dataset("kdef", root=root, angle="front")
