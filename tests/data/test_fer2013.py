"""FER2013 in every form that people have it in, and every way in which a copy can be broken."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudy.data import FaceDataset, fer2013, load_dataset
from ferstudy.errors import FerstudyError

HEADER = "emotion,pixels,Usage"
GOOD = " ".join(["7"] * 2304)


def pixels(image: np.ndarray) -> str:
    return " ".join(map(str, image.ravel()))


def write_csv(data: FaceDataset, path: Path, header: str = HEADER) -> Path:
    """The challenge's own form; columns in the order of the header."""
    lines = [header]
    for image, label, usage in zip(data.images, data.labels, data.usage, strict=True):
        cells = {"emotion": str(label), "pixels": pixels(image), "Usage": data.splits[usage]}
        lines.append(",".join(cells[name.strip()] for name in header.split(",")))
    path.write_text("\n".join(lines) + "\n")
    return path


def write_tree(data: FaceDataset, folder: Path, named: bool = True) -> Path:
    """The Kaggle tree; ``named`` files carry their split and row."""
    for i, (image, label, usage) in enumerate(zip(data.images, data.labels, data.usage, strict=True)):
        place = folder / ("train" if usage == 0 else "test") / data.classes[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{f'{data.splits[usage]}_{i:05d}' if named else f'im{i:05d}'}.png")
    return folder


def zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.mark.parametrize("form", ["csv", "icml", "tree", "zipped csv", "zipped tree", "named file", "subfolder"])
def test_every_form_gives_the_same_dataset(form: str, dots: FaceDataset, tmp_path: Path) -> None:
    source, root = tmp_path / "source", tmp_path / "root"
    source.mkdir()
    root.mkdir()
    if form in ("csv", "subfolder"):
        folder = root / "fer2013" if form == "subfolder" else root
        folder.mkdir(exist_ok=True)
        write_csv(dots, folder / "fer2013.csv")
    elif form == "icml":
        write_csv(dots, root / "icml_face_data.csv", "emotion, Usage, pixels")
    elif form == "tree":
        write_tree(dots, root)
        (root / "train" / "angry" / "Thumbs.db").write_bytes(b"x")
    elif form == "zipped tree":
        zipped(write_tree(dots, source), root / "archive.zip")
    else:
        write_csv(dots, source / "fer2013.csv")
        if form == "zipped csv":
            zipped(source, root / "fer2013.zip")
        else:
            root = source / "fer2013.csv"
    data = load_dataset("fer2013", root=root)
    np.testing.assert_array_equal(data.images, dots.images)
    np.testing.assert_array_equal(data.labels, dots.labels)
    np.testing.assert_array_equal(data.usage, dots.usage)
    assert data.split("PublicTest").rows.tolist() == np.flatnonzero(dots.usage == 1).tolist()


def test_fingerprint_is_of_the_content_not_of_the_form(dots: FaceDataset, tmp_path: Path) -> None:
    write_csv(dots, tmp_path / "fer2013.csv")
    write_tree(dots, tmp_path / "tree")
    assert (
        load_dataset("fer2013", root=tmp_path / "fer2013.csv").fingerprint
        == load_dataset("fer2013", root=tmp_path / "tree").fingerprint
    )


def test_test_images_that_do_not_say_their_split_are_pooled_and_refused_by_strict(
    dots: FaceDataset, tmp_path: Path
) -> None:
    from ferstudy.data.protocols import check_protocol, get_protocol

    data = load_dataset("fer2013", root=write_tree(dots, tmp_path, named=False))
    assert len(data.split("Test")) == 168
    assert "not comparable" in " ".join(data.warnings)
    with pytest.raises(FerstudyError, match="pooled"):
        check_protocol(get_protocol("strict"), data)


def test_pooled_csv_in_official_order_is_split_by_its_class_counts(tmp_path: Path) -> None:
    # Constant images are enough: only the labels and their order decide.
    rows = {1: [], 2: []}
    for split in (1, 2):
        for label, count in enumerate(fer2013.OFFICIAL[split]):
            rows[split] += [f"{label},{GOOD}"] * count
    (tmp_path / "train.csv").write_text(f"emotion,pixels\n0,{GOOD}\n")
    (tmp_path / "test.csv").write_text("\n".join(["emotion,pixels", *rows[1], *rows[2]]) + "\n")
    data = load_dataset("fer2013", root=tmp_path)
    np.testing.assert_array_equal(data.counts()[1:3], fer2013.OFFICIAL[1:3])
    assert any("taken from their order" in warning for warning in data.warnings)


def test_counts_that_deviate_are_told_with_the_difference(dots: FaceDataset, tmp_path: Path) -> None:
    data = load_dataset("fer2013", root=write_csv(dots, tmp_path / "fer2013.csv"))
    assert "Training deviates from the official counts: 84 images, expected 28,709" in data.warnings[0]
    assert "angry -3,983" in data.warnings[0]


BROKEN = {
    "pixel count": (f"{HEADER}\n0,1 2 3,Training\n", "line 2: expected 2304 pixels of 0..255, found 3 numbers"),
    "pixel value": (f"{HEADER}\n0,{GOOD} ,Training\n0,{GOOD[:-1]}256,Training\n", "line 3.*values from 7 to 256"),
    "pixel text": (f"{HEADER}\n0,{GOOD[:-1]}x,Training\n", "line 2: expected 2304 pixels"),
    "label 9": (f"{HEADER}\n9,{GOOD},Training\n", "expected an emotion of 0..6, found '9'"),
    "label text": (f"{HEADER}\nhappy,{GOOD},Training\n", "expected an emotion of 0..6, found 'happy'"),
    "usage": (f"{HEADER}\n0,{GOOD},Validation\n", "expected Usage to be Training.*found 'Validation'"),
    "no usage column": (f"emotion,pixels\n0,{GOOD}\n", "lacks the column Usage"),
    "other table": ("a,b\n1,2\n", "lacks the column emotion and pixels"),
    "header only": (f"{HEADER}\n", "has a header and no row"),
    "empty": ("", "is not a table of faces"),
    "truncated": (f"{HEADER}\n0,{GOOD},Training\n3,{GOOD[:1000]}", "line 3: expected 2304 pixels"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "fer2013.csv"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_tables_are_refused_in_one_line(case: str, tmp_path: Path) -> None:
    content, message = BROKEN[case]
    path = tmp_path / "fer2013.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FerstudyError, match=message) as caught:
        load_dataset("fer2013", root=tmp_path)
    assert "\n" not in str(caught.value)


def test_broken_folders_and_archives_are_refused(dots: FaceDataset, tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="is not in"):
        load_dataset("fer2013", root=tmp_path)
    with pytest.raises(FerstudyError, match="is not in|does not exist"):
        load_dataset("fer2013", root=tmp_path / "nowhere")
    with zipfile.ZipFile(tmp_path / "fer2013.zip", "w"):
        pass
    with pytest.raises(FerstudyError, match="empty zip"):
        load_dataset("fer2013", root=tmp_path)
    (tmp_path / "fer2013.zip").write_bytes(b"PK no zip")
    with pytest.raises(FerstudyError, match="not a readable zip"):
        load_dataset("fer2013", root=tmp_path)
    tree = write_tree(dots, tmp_path / "tree")
    (tree / "train" / "angry" / "Training_99999.png").write_bytes(b"no image")
    with pytest.raises(FerstudyError, match="Training_99999.png is not a readable image"):
        load_dataset("fer2013", root=tree)
    Image.new("L", (50, 48)).save(tree / "train" / "angry" / "Training_99999.png")
    with pytest.raises(FerstudyError, match="50 x 48"):
        load_dataset("fer2013", root=tree)
    (tree / "train" / "angry" / "Training_99999.png").unlink()
    (tree / "train" / "bored").mkdir()
    with pytest.raises(FerstudyError, match="bored is no emotion"):
        load_dataset("fer2013", root=tree)


def test_blind_test_csv_is_explained(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(f"emotion,pixels\n0,{GOOD}\n")
    (tmp_path / "test.csv").write_text(f"pixels\n{GOOD}\n")
    with pytest.raises(FerstudyError, match=r"holds no labels.*icml_face_data\.csv"):
        load_dataset("fer2013", root=tmp_path)


def test_a_loop_of_links_ends(dots: FaceDataset, tmp_path: Path) -> None:
    tree = write_tree(dots, tmp_path / "tree")
    (tree / "train" / "angry" / "loop").symlink_to(tree / "train", target_is_directory=True)
    assert len(load_dataset("fer2013", root=tree)) == len(dots)


def test_real_counts_are_the_official_ones(real_fer2013: FaceDataset) -> None:
    np.testing.assert_array_equal(real_fer2013.counts(), fer2013.OFFICIAL)
    assert real_fer2013.warnings == ()
    assert len(real_fer2013) == 35_887


def test_second_load_of_the_real_data_is_fast(real_fer2013: FaceDataset) -> None:
    started = time.perf_counter()
    load_dataset("fer2013")
    assert time.perf_counter() - started < 0.3
