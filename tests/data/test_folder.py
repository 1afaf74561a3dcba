"""What users bring: trees and tables, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ferstudy.data import load_dataset
from ferstudy.data.layouts import write_folder
from ferstudy.errors import FerstudyError

Paint = Callable[..., Path]


@pytest.fixture
def pictures(tmp_path: Path, paint: Paint) -> Path:
    """a.png to d.png, of grey levels 10 to 40."""
    for i, name in enumerate("abcd", 1):
        paint(tmp_path / "pics" / f"{name}.png", 10 * i)
    return tmp_path


def table(root: Path, text: str, encoding: str = "utf-8") -> Path:
    (root / "labels.csv").write_text(text, encoding=encoding)
    return root


def test_emotions_stand_in_one_order_and_other_classes_in_their_own(tmp_path: Path, paint: Paint) -> None:
    for name in ("Surprised", "anger", "HAPPY"):
        paint(tmp_path / "a" / name / "1.png", 9)
    for name in ("open", "Closed", "level 10", "level 9"):
        paint(tmp_path / "b" / name / "1.png", 9)
    assert load_dataset("folder", root=tmp_path / "a").classes == ("angry", "happy", "surprise")
    assert load_dataset("folder", root=tmp_path / "b").classes == ("Closed", "level 9", "level 10", "open")


def test_splits_are_told_by_their_names_and_stand_in_their_order(tmp_path: Path, paint: Paint) -> None:
    for split, name in (("Test", "sad"), ("val", "happy"), ("TRAIN", "sad"), ("TRAIN", "happy"), ("notes", "x")):
        paint(tmp_path / split / name / "1.png", 9)
    (tmp_path / "val" / "sad").mkdir()
    data = load_dataset("folder", root=tmp_path)
    assert data.splits == ("TRAIN", "val", "Test")
    assert data.counts().tolist() == [[1, 1], [1, 0], [0, 1]]
    assert data.warnings == (
        "1 folders hold no picture: val/sad",
        "pictures that lie in no class of a split are left out: notes",
        "classes are missing in some splits: Test/happy, val/sad",
    )


@pytest.mark.parametrize("place", ["9.png", "train/9.png", "train/sad/deeper/9.png", "train/holiday/a/9.png"])
def test_pictures_outside_the_classes_are_told(place: str, tmp_path: Path, paint: Paint) -> None:
    for split in ("train", "test"):
        for name in ("happy", "sad"):
            paint(tmp_path / split / name / "1.png", 9)
    assert load_dataset("folder", root=tmp_path).warnings == ()
    paint(tmp_path / place, 9)
    data = load_dataset("folder", root=tmp_path)
    assert len(data) == 4
    outside = Path(place).parent.as_posix()
    assert f"pictures that lie in no class of a split are left out: {outside}" in data.warnings


def test_a_table_says_it_all(pictures: Path) -> None:
    rows = "Image_Path,Emotion,Usage,Person,Film,Frame,remark\npics/c.png,sad,test,P10,f,7,x\n" \
           "pics\\a.png,Joy,train,P9,g,2,\n\npics/b.png,sadness,train,P9,g,1\n"  # fmt: skip
    data = load_dataset("folder", root=table(pictures, rows, "utf-8-sig"))
    assert data.classes == ("happy", "sad")
    assert data.splits == ("train", "test")
    assert data.images[:, 0, 0, 0].tolist() == [30, 10, 20]
    assert data.labels.tolist() == [1, 0, 1]
    assert data.usage.tolist() == [1, 0, 0]
    for ours, expected in ((data.subjects, [1, 0, 0]), (data.sequences, [0, 1, 1]), (data.frames, [7, 2, 1])):
        assert ours is not None
        assert ours.tolist() == expected
    assert load_dataset("folder", root=pictures / "labels.csv").fingerprint == data.fingerprint


def test_frames_without_numbers_count_in_the_tables_order(pictures: Path) -> None:
    rows = "path,label,sequence\npics/a.png,x,f\npics/b.png,y,g\npics/c.png,x,f\n"
    data = load_dataset("folder", root=table(pictures, rows))
    assert data.frames is not None
    assert data.frames.tolist() == [1, 1, 2]


def test_numbers_as_labels(pictures: Path) -> None:
    root = table(pictures, "path,label\npics/a.png,2\npics/b.png,0\npics/c.png,10\n")
    assert load_dataset("folder", root=root).classes == ("0", "2", "10")
    root = table(pictures, "path,label\npics/a.png,2\npics/b.png,0\npics/c.png,Anger\n")
    data = load_dataset("folder", root=root, classes=["neutral", "angry", "happy"])
    assert data.classes == ("neutral", "angry", "happy")
    assert data.labels.tolist() == [2, 0, 1]
    with pytest.raises(FerstudyError, match="the label '2' is none of the classes neutral, angry"):
        load_dataset("folder", root=root, classes=["neutral", "angry"])


def test_people_from_paths(tmp_path: Path, paint: Paint) -> None:
    for name in ("happy/P10_1", "happy/P9_1", "sad/P10_2"):
        paint(tmp_path / f"{name}.png", 9)
    data = load_dataset("folder", root=tmp_path, subject=r"(P\d+)_")
    assert data.subjects is not None
    assert data.subjects.tolist() == [0, 1, 1]
    for pattern, message in (
        ("(", "is no regular expression"),
        (r"P\d", "has no group"),
        ("(X)", "does not fit happy"),
    ):
        with pytest.raises(FerstudyError, match=message):
            load_dataset("folder", root=tmp_path, subject=pattern)


BROKEN = {
    "no such picture": ("path,label\npics/a.png,x\npics/z.png,x\n", "line 3: .*z.png does not exist"),
    "no label": ("path,label\npics/a.png,\n", "line 2 lacks a path or a label"),
    "short row": ("label,path\nx\n", "line 2 lacks a path or a label"),
    "frame": ("path,label,frame\npics/a.png,x,one\n", "line 2: expected a frame number, found 'one'"),
    "header only": ("path,label\n", "no picture in"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_tables(case: str, pictures: Path) -> None:
    text, message = BROKEN[case]
    with pytest.raises(FerstudyError, match=message) as caught:
        load_dataset("folder", root=table(pictures, text))
    assert "\n" not in str(caught.value)


def test_what_is_no_folder_of_classes(pictures: Path) -> None:
    for text in ("a,b\n1,2\n", "", "emotion,pixels\n0,1 2\n"):
        with pytest.raises(FerstudyError, match="folder is not in"):
            load_dataset("folder", root=table(pictures, text))
    table(pictures, "path,label\npics/a.png,x\n")
    (pictures / "more.csv").write_text("file,class\npics/a.png,x\n")
    with pytest.raises(FerstudyError, match="labels.csv, more.csv in .* are tables of pictures; name one of them"):
        load_dataset("folder", root=pictures)
    assert len(load_dataset("folder", root=pictures / "more.csv")) == 1


def test_unknown_form(tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="unknown form of folder 'tables'; did you mean table"):
        write_folder(tmp_path, form="tables")


def test_what_is_read_as_no_picture_is_said(tmp_path: Path, paint: Paint) -> None:
    for name in ("sad", "happy"):
        paint(tmp_path / name / "1.png", 9)
        paint(tmp_path / name / "2.png", 9).rename(tmp_path / name / "2.heic")
    data = load_dataset("folder", root=tmp_path)
    assert len(data) == 2
    assert "files in the folders of classes that are read as no picture are left out: .heic (2)" in data.warnings


def test_a_picture_of_two_labels_is_an_error(pictures: Path) -> None:
    table(pictures, "path,label\npics/a.png,sad\npics/b.png,happy\npics/a.png,happy\n")
    with pytest.raises(FerstudyError, match="a.png is listed as sad and as happy; keep one"):
        load_dataset("folder", root=pictures)
