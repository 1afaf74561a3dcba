"""CK+: labels and frames of hand-written films, and the published counts of a whole copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ferstudy.data import FaceDataset, ck_plus, load_dataset
from ferstudy.errors import FerstudyError

Paint = Callable[..., Path]
SMALL = {"size": 8}


def film(root: Path, paint: Paint, name: str, frames: int, code: int | None, grey: int, **how: object) -> None:
    """A film whose frame n is of grey level ``grey + n``."""
    stem = name.replace("/", "_")
    for n in range(1, frames + 1):
        paint(root / "cohn-kanade-images" / name / f"{stem}_{n:08d}.png", grey + n, **how)
    if code is not None:
        label = root / "Emotion" / name / f"{stem}_{frames:08d}_emotion.txt"
        label.parent.mkdir(parents=True)
        label.write_text(f"   {code}.0000000e+00\n")


@pytest.fixture
def root(tmp_path: Path, paint: Paint) -> Path:
    film(tmp_path, paint, "S010/002", 4, 2, 100, size=(640, 490))
    film(tmp_path, paint, "S010/001", 5, None, 50)
    film(tmp_path, paint, "S005/001", 11, 3, 0, size=(640, 480), mode="RGB")
    film(tmp_path, paint, "S999/001", 2, 7, 200)
    return tmp_path


def greys(data: FaceDataset) -> list[int]:
    assert all(np.ptp(image) == 0 for image in data.images)
    return [int(image[0, 0]) for image in data.images]


# Grey levels of the frames that each choice takes: of S005/001, S010/002 and S999/001.
TAKEN = {
    "last": [1, 11, 101, 104, 201, 202],
    "last3": [1, 9, 10, 11, 101, 102, 103, 104, 201, 202],
    "all": [*range(1, 12), 101, 102, 103, 104, 201, 202],
}


@pytest.mark.parametrize("frames", TAKEN)
def test_frames_and_labels(frames: str, root: Path) -> None:
    data = load_dataset("ck_plus", root=root, faces=SMALL, frames=frames)
    assert greys(data) == TAKEN[frames]
    emotions = {0: "disgust", 1: "contempt", 2: "surprise"}
    for grey, label, subject, sequence, frame in zip(
        greys(data), data.labels, data.subjects, data.sequences, data.frames, strict=True
    ):
        # Persons S005, S010 and S999 have one labelled film each.
        assert subject == sequence == grey // 100
        assert frame == grey % 100
        assert data.classes[label] == ("neutral" if frame == 1 else emotions[sequence])


def test_the_owners_codes(tmp_path: Path, paint: Paint) -> None:
    """1 anger 2 contempt 3 disgust 4 fear 5 happy 6 sadness 7 surprise."""
    for code in range(1, 8):
        film(tmp_path, paint, f"S{code:03d}/001", 2, code, 0)
    data = load_dataset("ck_plus", root=tmp_path, faces=SMALL)
    shown = [data.classes[k] for k in data.labels if data.classes[k] != "neutral"]
    assert shown == ["angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"]


def test_a_whole_copy_has_the_published_counts(tmp_path: Path, paint: Paint) -> None:
    """mobilenet_realtime, table 1, of 118 people (attention_fusion section 4.1); nothing deviates."""
    per_code = {1: 45, 2: 18, 3: 59, 4: 25, 5: 69, 6: 28, 7: 83}
    codes = [code for code, count in per_code.items() for _ in range(count)]
    for i, code in enumerate(codes):
        film(tmp_path, paint, f"S{i % 118 + 1:03d}/{i // 118 + 1:03d}", 2, code, 0)
    data = load_dataset("ck_plus", root=tmp_path, faces=SMALL)
    assert data.warnings == ()
    assert dict(zip(data.classes, data.counts()[0], strict=True)) == {
        "angry": 45,
        "disgust": 59,
        "fear": 25,
        "happy": 69,
        "sad": 28,
        "surprise": 83,
        "neutral": 327,
        "contempt": 18,
    }
    assert len(data) == ck_plus.INFO.images
    assert data.subjects is not None
    assert data.subjects.max() == 117


def test_missing_frames_are_told_and_nothing_takes_their_place(root: Path) -> None:
    images = root / "cohn-kanade-images"
    (images / "S005" / "001" / "S005_001_00000011.png").unlink()
    (images / "S010" / "002" / "S010_002_00000001.png").unlink()
    data = load_dataset("ck_plus", root=root, faces=SMALL)
    # No apex of S005, no onset of S010.
    assert greys(data) == [1, 104, 201, 202]
    assert "2 labelled films lack frames: S005/001 (11), S010/002 (1)" in data.warnings
    for path in (images / "S999" / "001").iterdir():
        path.unlink()
    assert "3 labelled films lack" in load_dataset("ck_plus", root=root, faces=SMALL).warnings[0]


def test_the_owners_archives_side_by_side(root: Path, tmp_path: Path) -> None:
    expected = load_dataset("ck_plus", root=root, faces=SMALL).fingerprint
    (root / "extended-cohn-kanade-images").mkdir()
    (root / "cohn-kanade-images").rename(root / "extended-cohn-kanade-images" / "cohn-kanade-images")
    (root / "Emotion_labels").mkdir()
    (root / "Emotion").rename(root / "Emotion_labels" / "Emotion")
    assert load_dataset("ck_plus", root=root, faces=SMALL).fingerprint == expected


def test_a_changed_label_is_read_though_no_picture_changed(root: Path) -> None:
    before = load_dataset("ck_plus", root=root, faces=SMALL)
    next((root / "Emotion" / "S999").rglob("*.txt")).write_text("5.0")
    after = load_dataset("ck_plus", root=root, faces=SMALL)
    assert after.classes[after.labels[-1]] == "happy"
    assert after.fingerprint != before.fingerprint


@pytest.mark.parametrize("text", ["", "8.0", "0.0", "inf", "happy", "\udcff"])
def test_a_label_that_is_none_is_named(text: str, root: Path) -> None:
    path = next((root / "Emotion" / "S999").rglob("*.txt"))
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FerstudyError, match=f"{path.name} holds .*expected a code of 1 to 7"):
        load_dataset("ck_plus", root=root, faces=SMALL)


def test_no_labels_and_unknown_frames(root: Path) -> None:
    with pytest.raises(FerstudyError, match="unknown choice of frames 'last4'; did you mean"):
        load_dataset("ck_plus", root=root, frames="last4")
    (root / "Emotion").rename(root / "elsewhere")
    with pytest.raises(FerstudyError, match="has cohn-kanade-images and no labels; unpack Emotion beside it"):
        load_dataset("ck_plus", root=root)
