"""Oulu-CASIA: which films and frames the options take, and the counts of a whole copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ferstudy.data import load_dataset
from ferstudy.data.layouts import write_oulu_casia
from ferstudy.errors import FerstudyError

Paint = Callable[..., Path]
FOLDERS = ("Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise")
SMALL = {"size": 8}


def film(place: Path, paint: Paint, frames: int, grey: int = 0) -> None:
    """A film whose frame n, from 1, is of grey level ``grey + n``; files are numbered from 000."""
    for n in range(1, frames + 1):
        paint(place / f"{n - 1:03d}.jpeg", grey + n)


def test_from_the_7th_frame(tmp_path: Path, paint: Paint) -> None:
    film(tmp_path / "VL" / "Strong" / "P002" / "Anger", paint, 9)
    film(tmp_path / "VL" / "Strong" / "P010" / "Surprise", paint, 7, 100)
    film(tmp_path / "VL" / "Strong" / "P010" / "Fear", paint, 6, 200)
    data = load_dataset("oulu_casia", root=tmp_path, faces=SMALL, first_frame=7)
    assert data.images[:, 0, 0].tolist() == [7, 8, 9, 107]
    assert data.subjects is not None
    assert data.sequences is not None
    assert data.frames is not None
    assert data.frames.tolist() == [7, 8, 9, 7]
    assert data.subjects.tolist() == data.sequences.tolist() == [0, 0, 0, 1]
    assert [data.classes[k] for k in data.labels] == ["angry"] * 3 + ["surprise"]
    assert "1 films end before frame 7 and are left out: VL/Strong/P010/fear" in data.warnings
    assert len(load_dataset("oulu_casia", root=tmp_path, faces=SMALL)) == 22


@pytest.mark.parametrize(
    ("imaging", "lighting", "films"), [("VL", "Strong", 6), ("NI", "Dark", 6), ("all", "Weak", 12), ("all", "all", 36)]
)
def test_imaging_and_lighting(imaging: str, lighting: str, films: int, tmp_path: Path) -> None:
    write_oulu_casia(tmp_path, people=1, frames=2, imaging=("VL", "NI"), lighting=("Strong", "Weak", "Dark"))
    data = load_dataset("oulu_casia", root=tmp_path, faces=SMALL, imaging=imaging, lighting=lighting)
    assert data.sequences is not None
    assert len(set(data.sequences)) == films
    assert len(data) == 2 * films


def test_a_whole_copy_has_the_published_counts(tmp_path: Path, paint: Paint) -> None:
    """80 people, six emotions."""
    for person in range(1, 81):
        for name in FOLDERS:
            film(tmp_path / "VL" / "Strong" / f"P{person:03d}" / name, paint, 1)
    data = load_dataset("oulu_casia", root=tmp_path, faces=SMALL)
    assert data.warnings == ()
    assert data.counts().tolist() == [[80] * 6]


def test_a_missing_frame_is_told(tmp_path: Path, paint: Paint) -> None:
    film(tmp_path / "VL" / "Strong" / "p001" / "ANGER", paint, 5)
    (tmp_path / "VL" / "Strong" / "p001" / "ANGER" / "002.jpeg").unlink()
    data = load_dataset("oulu_casia", root=tmp_path, faces=SMALL)
    assert "1 films lack frames: VL/Strong/P001/angry (3)" in data.warnings
    assert data.frames is not None
    assert data.frames.tolist() == [1, 2, 4, 5]


def test_impossible_options(tmp_path: Path, paint: Paint) -> None:
    film(tmp_path / "VL" / "Strong" / "P001" / "Anger", paint, 2)
    for options, message in (
        ({"imaging": "IR"}, "unknown imaging of oulu_casia 'IR'"),
        ({"lighting": "strong"}, "did you mean Strong"),
        ({"first_frame": 0}, "first_frame of 1 or more, got 0"),
        ({"imaging": "NI"}, "no picture in .* as NI/Strong"),
        ({"first_frame": 3}, "no picture in"),
    ):
        with pytest.raises(FerstudyError, match=message):
            load_dataset("oulu_casia", root=tmp_path, **options)
