"""RAF-DB: its list of labels, whole and broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ferstudy.data import load_dataset, raf_db
from ferstudy.errors import FerstudyError

Paint = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path, paint: Paint) -> Path:
    """One picture of each class: codes 1 to 7."""
    for n in range(1, 8):
        paint(tmp_path / "Image" / "aligned" / f"train_{n:05d}_aligned.jpg", 10 * n, (100, 100), "RGB")
    paint(tmp_path / "Image" / "aligned" / "test_0001_aligned.jpg", 100, (100, 100), "RGB")
    lines = [*(f"train_{n:05d}.jpg {n}" for n in range(1, 8)), "test_0001.jpg 4"]
    (tmp_path / "EmoLabel").mkdir()
    (tmp_path / "EmoLabel" / "list_patition_label.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def relist(root: Path, change: Callable[[str], str]) -> None:
    path = root / "EmoLabel" / "list_patition_label.txt"
    path.write_text(change(path.read_text()))


def test_the_owners_codes(root: Path) -> None:
    """1 surprise 2 fear 3 disgust 4 happy 5 sad 6 angry 7 neutral."""
    data = load_dataset("raf_db", root=root)
    assert [data.classes[k] for k in data.labels] == [
        "surprise", "fear", "disgust", "happy", "sad", "angry", "neutral", "happy"
    ]  # fmt: skip
    assert data.images[:, 50, 50, 0].tolist() == [10, 20, 30, 40, 50, 60, 70, 100]
    assert data.usage.tolist() == [0] * 7 + [1]
    assert data.subjects is None


def test_official_counts() -> None:
    assert [sum(split) for split in raf_db.OFFICIAL] == [12_271, 3_068]


def test_pictures_and_list_that_differ_are_told(root: Path) -> None:
    (root / "Image" / "aligned" / "train_00002_aligned.jpg").unlink()
    relist(root, lambda text: text.replace("train_00005.jpg 5\n", ""))
    data = load_dataset("raf_db", root=root)
    assert len(data) == 6
    assert "1 listed pictures are missing: train_00002" in data.warnings
    assert "1 pictures are not in the list and are left out: train_00005" in data.warnings


@pytest.mark.parametrize("line", ["train_00003.jpg 8", "train_00003.jpg", "valid_00003.jpg 3", "emotion"])
def test_a_line_that_cannot_be_one_is_named(line: str, root: Path) -> None:
    relist(root, lambda text: text.replace("train_00003.jpg 3", line))
    with pytest.raises(FerstudyError, match="line 3: expected such as"):
        load_dataset("raf_db", root=root)


def test_no_list(root: Path) -> None:
    (root / "EmoLabel" / "list_patition_label.txt").unlink()
    with pytest.raises(FerstudyError, match="has no list of labels; add the owners' EmoLabel"):
        load_dataset("raf_db", root=root)


def test_a_picture_listed_under_two_codes_or_there_twice_is_an_error(root: Path, paint: Paint) -> None:
    relist(root, lambda text: f"{text}train_00003.jpg 3\n")
    assert len(load_dataset("raf_db", root=root)) == 8
    relist(root, lambda text: f"{text}train_00003.jpg 5\n")
    with pytest.raises(FerstudyError, match="line 10: train_00003 is listed as 3 and as 5"):
        load_dataset("raf_db", root=root)
    relist(root, lambda text: text.removesuffix("train_00003.jpg 5\n"))
    paint(root / "Image" / "aligned" / "train_00001.png", 5, (100, 100), "RGB")
    with pytest.raises(FerstudyError, match="train_00001.* and train_00001.* are one picture; keep one"):
        load_dataset("raf_db", root=root)
