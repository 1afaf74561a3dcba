"""Every dataset that is read from disk, in its own layout and in every way in which a copy can be odd or broken."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudy.data import FaceDataset, dataset_info, find_root, list_datasets, load_dataset
from ferstudy.data.emotions import EMOTIONS, emotion
from ferstudy.data.layouts import FOLDER_FORMS, LAYOUTS, write_folder, write_jaffe
from ferstudy.data.places import STAND_IN, natural
from ferstudy.errors import FerstudyError

# Those whose pictures are files of their own.
PICTURES = sorted(set(LAYOUTS) - {"fer2013", "ferplus"})
FILMS = ("ck_plus", "oulu_casia")
Copy = Callable[[str], Path]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: write(tmp_path_factory.mktemp("layouts") / name) for name, write in LAYOUTS.items()}


@pytest.fixture
def copy(written: dict[str, Path], tmp_path: Path) -> Copy:
    """A copy of a written layout that a test may break."""
    return lambda name: Path(shutil.copytree(written[name], tmp_path / name))


def picture_files(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.suffix.lower() in (".png", ".jpg", ".jpeg", ".tiff"))


def folders_of(root: Path) -> list[Path]:
    return [root, *(p for p in sorted(root.rglob("*")) if p.is_dir() and not p.is_symlink())]


def same(ours: FaceDataset, expected: FaceDataset) -> None:
    assert ours.fingerprint == expected.fingerprint
    np.testing.assert_array_equal(ours.images, expected.images)
    np.testing.assert_array_equal(ours.labels, expected.labels)


def test_every_dataset_that_is_read_can_be_written() -> None:
    assert set(LAYOUTS) == set(list_datasets()) - {"synthetic"}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_written_layout_is_read_back(name: str, written: dict[str, Path]) -> None:
    data = load_dataset(name, root=written[name])
    info = dataset_info(name)
    assert data.name == name
    assert not data.real
    assert data.images.dtype == np.uint8
    assert data.images.std() > 20
    assert len(data.images) == len(data.labels) == len(data.usage) == len(data.rows)
    assert set(data.labels) == set(range(data.num_classes))
    assert set(data.classes) <= set(info.classes) <= set(EMOTIONS)
    for array in (data.subjects, data.sequences):
        # Numbered without holes.
        assert array is None or set(array) == set(range(array.max() + 1))
    assert (data.sequences is not None) == (data.frames is not None) == (name in FILMS)
    if name != "folder":
        assert any("deviates from the official count" in warning for warning in data.warnings)


@pytest.mark.parametrize("name", PICTURES)
def test_the_second_read_is_memory_mapped(name: str, written: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_dataset(name, root=written[name])
    monkeypatch.setattr("ferstudy.data.faces.read_faces", lambda *_: pytest.fail("cut twice"))
    again = load_dataset(name, root=written[name])
    assert isinstance(again.images, np.memmap)
    same(again, first)
    assert again.warnings == first.warnings


@pytest.mark.parametrize("name", PICTURES)
def test_the_whole_picture_is_what_pillow_shows(name: str, copy: Copy) -> None:
    """Of a copy whose pictures all are of one grey, each its own, the images are those greys in the right rows."""
    root = copy(name)
    files = picture_files(root)
    for grey, path in enumerate(files):
        Image.new("RGB", (20, 20), (grey,) * 3).save(path)
    data = load_dataset(name, root=root, faces={"size": 16, "channels": 1})
    greys = data.images.reshape(len(data), -1)
    assert (np.ptp(greys, axis=1) <= 1).all()
    assert len(np.unique(greys[:, 0])) == len(data)


@pytest.mark.parametrize("name", sorted(set(LAYOUTS) - {"fer2013"}))
def test_one_parent_folder_too_many(name: str, copy: Copy, written: dict[str, Path], tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "one too many"
    moved.parent.mkdir()
    copy(name).rename(moved)
    same(load_dataset(name, root=moved.parent), load_dataset(name, root=written[name]))


@pytest.mark.parametrize("name", LAYOUTS)
def test_stray_files_are_no_pictures(name: str, copy: Copy, written: dict[str, Path]) -> None:
    root = copy(name)
    for folder in folders_of(root):
        for stray in ("Thumbs.db", ".DS_Store", "desktop.ini", "._copy.png"):
            (folder / stray).write_bytes(b"\x00stray")
    same(load_dataset(name, root=root), load_dataset(name, root=written[name]))


@pytest.mark.parametrize("name", PICTURES)
def test_the_case_of_names_does_not_matter(name: str, copy: Copy, written: dict[str, Path]) -> None:
    root = copy(name)
    for path in sorted(root.rglob("*"), key=lambda p: -len(p.parts)):
        if path.name != STAND_IN:
            path.rename(path.with_name(path.name.swapcase()))
    same(load_dataset(name, root=root), load_dataset(name, root=written[name]))


@pytest.mark.parametrize("name", LAYOUTS)
def test_links_that_lead_in_circles_end(name: str, copy: Copy, written: dict[str, Path]) -> None:
    root = copy(name)
    for folder in folders_of(root):
        (folder / "loop").symlink_to(root, target_is_directory=True)
        (folder / "itself").symlink_to(folder / "itself")
    same(load_dataset(name, root=root), load_dataset(name, root=written[name]))


@pytest.mark.parametrize("name", LAYOUTS)
def test_paths_in_any_script(name: str, copy: Copy, written: dict[str, Path], tmp_path: Path) -> None:
    moved = tmp_path / "visages émus 表情 \N{GRINNING FACE}"
    copy(name).rename(moved)
    same(load_dataset(name, root=moved), load_dataset(name, root=written[name]))


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("damage", ["cut off", "empty", "text"])
def test_a_damaged_picture_is_named(name: str, damage: str, copy: Copy) -> None:
    root = copy(name)
    # The last picture is one that every loader takes.
    path = picture_files(root)[-1]
    whole = path.read_bytes()
    path.write_bytes({"cut off": whole[: len(whole) // 2], "empty": b"", "text": b"no picture"}[damage])
    with pytest.raises(FerstudyError, match="is not a readable image") as caught:
        load_dataset(name, root=root)
    assert path.name in str(caught.value)


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_empty_folder_and_none(name: str, tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nowhere"):
        assert find_root(name, root) is None
        with pytest.raises(FerstudyError, match=f"{name} is not in .*How to get it"):
            load_dataset(name, root=root)


@pytest.mark.parametrize("name", ["ck_plus", "jaffe", "kdef", "oulu_casia"])
def test_a_subject_with_one_expression(name: str, copy: Copy) -> None:
    root = copy(name)
    data = load_dataset(name, root=root)
    assert data.subjects is not None
    first = data.subjects == 0
    # All but the happy pictures of the first subject go; of CK+, the labels of its films.
    files = (root / "Emotion").rglob("*.txt") if name == "ck_plus" else picture_files(root)
    mark, is_happy = {
        "ck_plus": ("/S005/", lambda path: float(path.read_text()) == 5),
        "jaffe": ("/KA.", lambda path: ".HA" in path.name),
        "kdef": ("F01/", lambda path: path.name[4:6] == "HA"),
        "oulu_casia": ("/P001/", lambda path: path.parent.name == "Happiness"),
    }[name]
    for path in list(files):
        if mark in str(path) and not is_happy(path):
            path.unlink()
    left = load_dataset(name, root=root)
    assert left.subjects is not None
    names = {left.classes[k] for k in left.labels[left.subjects == 0]}
    assert names - {"neutral"} == {"happy"}
    assert (left.subjects != 0).sum() == (~first).sum()


@pytest.mark.parametrize("name", PICTURES)
def test_faces_are_given_as_json_has_them(name: str, written: dict[str, Path]) -> None:
    options = json.loads('{"faces": {"size": 24, "channels": 3}}')
    assert load_dataset(name, root=written[name], **options).images.shape[1:] == (24, 24, 3)
    for faces, message in (
        ({"sise": 24}, "unknown field of faces 'sise'; did you mean size"),
        ({"size": 4}, "expected a size of 8"),
        ({"size": "large"}, "faces"),
        ({"detector": "eyes"}, "unknown detector"),
    ):
        with pytest.raises(FerstudyError, match=message):
            load_dataset(name, root=written[name], faces=faces)


@pytest.mark.parametrize("name", PICTURES)
def test_unknown_options_and_values_of_another_kind_are_refused(name: str, written: dict[str, Path]) -> None:
    with pytest.raises(FerstudyError, match=f"unknown option of {name} 'face'; did you mean faces"):
        load_dataset(name, root=written[name], face={})
    with pytest.raises(FerstudyError, match="expected first_frame such as 1, got '7'"):
        load_dataset("oulu_casia", root=written["oulu_casia"], first_frame="7")


def test_pictures_without_a_face_can_be_left_out(tmp_path: Path) -> None:
    root = write_jaffe(tmp_path / "jaffe", people=1, poses=1, scale=1)
    Image.new("L", (256, 256), 128).save(root / "KA.AN9.0.tiff")
    faces = {"detector": "haar", "size": 48, "missing": "drop"}
    data = load_dataset("jaffe", root=root, faces=faces)
    whole = load_dataset("jaffe", root=root)
    blank = int(np.argmin(whole.images.reshape(len(whole), -1).std(1)))
    assert whole.images[blank].std() == 0
    assert blank not in data.rows
    assert len(data) >= 4
    np.testing.assert_array_equal(data.labels, whole.labels[data.rows])
    assert any("no face in" in warning for warning in data.warnings)
    shutil.rmtree(root)
    root.mkdir()
    Image.new("L", (256, 256), 128).save(root / "KA.AN9.0.tiff")
    with pytest.raises(FerstudyError, match="haar found a face in none of the 1 pictures"):
        load_dataset("jaffe", root=root, faces=faces)


def test_the_mark_of_stand_ins_decides_what_is_real(copy: Copy) -> None:
    for name in LAYOUTS:
        root = copy(name)
        (root / STAND_IN).unlink()
        assert load_dataset(name, root=root).real


def test_anyones_layout_is_found_in_its_own_folder_only(
    copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tree of classes in the data folder may be anything; one called vemo, or named by the user, is meant."""
    monkeypatch.setenv("FERSTUDY_DATA", str(copy("vemo")))
    assert find_root("vemo") is None
    assert find_root("folder") is None
    monkeypatch.setenv("FERSTUDY_DATA", str(tmp_path))
    assert find_root("vemo") == tmp_path / "vemo"
    assert find_root("folder", tmp_path / "vemo") == tmp_path / "vemo"


def test_an_unreadable_folder_is_named(copy: Copy) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads every folder")
    root = copy("jaffe")
    root.chmod(0)
    try:
        with pytest.raises(FerstudyError, match="cannot be read"):
            load_dataset("jaffe", root=root)
    finally:
        root.chmod(0o700)


def test_numbers_in_names_count_as_numbers() -> None:
    assert sorted(["P10", "p2", "P1", "x"], key=natural) == ["P1", "p2", "P10", "x"]


def test_words_for_emotions() -> None:
    assert [emotion(word) for word in ("Anger", "HAPPINESS", "sad", "Surprised", "Contempt", "angst")] == [
        "angry",
        "happy",
        "sad",
        "surprise",
        "contempt",
        None,
    ]


@pytest.mark.parametrize("form", FOLDER_FORMS)
def test_a_folder_has_the_same_faces_in_every_form(form: str, tmp_path: Path) -> None:
    data = load_dataset("folder", root=write_folder(tmp_path, form=form))
    reference = load_dataset("folder", root=write_folder(tmp_path / "reference"))
    assert data.classes == EMOTIONS[:7]
    assert data.splits == (("All",) if form == "classes" else ("train", "test"))
    assert (data.subjects is not None) == (form == "table")
    ours = sorted((image.tobytes(), label) for image, label in zip(data.images, data.labels, strict=True))
    theirs = sorted((image.tobytes(), label) for image, label in zip(reference.images, reference.labels, strict=True))
    assert ours == theirs
