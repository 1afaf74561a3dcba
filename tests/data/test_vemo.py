"""VEMO: folders by split and emotion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ferstudy.data import load_dataset, vemo
from ferstudy.errors import FerstudyError

Paint = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path, paint: Paint) -> Path:
    paint(tmp_path / "train" / "Anger" / "2.jpg", 2, (90, 40), "RGB")
    paint(tmp_path / "train" / "Anger" / "10.jpg", 10, (31, 77))
    paint(tmp_path / "val" / "sadness" / "1.png", 30)
    paint(tmp_path / "test" / "Neutral" / "1.jpg", 40)
    return tmp_path


def test_many_sizes_become_one(root: Path) -> None:
    data = load_dataset("vemo", root=root)
    assert data.images.shape == (4, 96, 96, 3)
    assert data.images[:, 0, 0, 0].tolist() == [2, 10, 30, 40]
    assert [data.classes[k] for k in data.labels] == ["angry", "angry", "sad", "neutral"]
    assert data.usage.tolist() == [0, 0, 1, 2]
    assert [warning.partition(" (")[0] for warning in data.warnings] == [
        "train deviates from the official counts: 2 images, expected 25,560",
        "val deviates from the official counts: 1 images, expected 5,474",
        "test deviates from the official counts: 1 images, expected 5,436",
    ]


def test_the_counts_of_table_ii() -> None:
    """The authors' later version, in its own order of columns."""
    columns = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    printed = {
        "train": (4176, 1333, 1739, 4948, 4601, 3867, 4896),
        "val": (860, 281, 378, 1054, 993, 839, 1069),
        "test": (876, 289, 361, 1064, 943, 807, 1096),
    }
    for split, counts in zip(vemo.SPLITS, vemo.OFFICIAL, strict=True):
        assert dict(zip(vemo.CLASSES, counts, strict=True)) == dict(zip(columns, printed[split], strict=True))
    assert sum(map(sum, vemo.OFFICIAL)) == vemo.INFO.images == 36_470


def test_broken_trees(root: Path, paint: Paint) -> None:
    (root / "empty").mkdir()
    (root / "train" / "notes").mkdir()
    assert len(load_dataset("vemo", root=root)) == 4
    (root / "val" / "sadness" / "1.png").unlink()
    assert "val deviates from the official counts: 0 images" in " ".join(load_dataset("vemo", root=root).warnings)
    paint(root / "test" / "bored" / "1.png", 1)
    with pytest.raises(FerstudyError, match="the folder test/bored is no emotion; expected angry"):
        load_dataset("vemo", root=root)
    (root / "val").rename(root / "other")
    with pytest.raises(FerstudyError, match="vemo is not in"):
        load_dataset("vemo", root=root)
