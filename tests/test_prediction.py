"""ferstudy.predict: whatever holds a face goes in; faces with names and numbers come out."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ferstudy
from ferstudy.data.fer2013 import CLASSES
from ferstudy.errors import FerstudyError
from ferstudy.prediction import Predictions, as_picture, open_pipeline, predict
from ferstudy.pretrained import list_pretrained, load_pretrained
from ferstudy.vision.pipeline import Pipeline
from ferstudy.vision.samples import PHOTO, sample_group, sample_photo, write_sample_video


def photos(folder: Path) -> Path:
    (folder / "sub").mkdir()
    for name in ("a.jpg", "b.jfif", "sub/c.jpg"):
        (folder / name).write_bytes(PHOTO.read_bytes())
    (folder / "notes.txt").write_text("no picture")
    return folder


GIVEN: dict[str, tuple[Callable[[], Any], int]] = {
    "a path": (lambda: PHOTO, 1),
    "a path as text": (lambda: str(PHOTO), 1),
    "RGB": (sample_photo, 1),
    "grey": (lambda: sample_photo().mean(2).astype(np.uint8), 1),
    "H x W x 1": (lambda: sample_photo()[..., :1], 1),
    "RGBA": (lambda: np.dstack([sample_photo(), np.full((512, 512), 255, np.uint8)]), 1),
    "float": (lambda: sample_photo() / 255, 1),
    "float32": (lambda: (sample_photo() / 255).astype(np.float32), 1),
    "int64": (lambda: sample_photo().astype(np.int64), 1),
    "a picture of Pillow": (lambda: Image.fromarray(sample_photo()), 1),
    "a palette": (lambda: Image.fromarray(sample_photo()).convert("P"), 1),
    "a list": (lambda: [PHOTO, sample_photo(), Image.fromarray(sample_group(3))], 5),
    "a batch": (lambda: np.stack([sample_photo()] * 2), 2),
    "nothing": (lambda: [], 0),
    "no face": (lambda: np.zeros((100, 100, 3), np.uint8), 0),
}


@pytest.mark.parametrize("what", GIVEN)
def test_faces_are_found_in(what: str) -> None:
    make, count = GIVEN[what]
    found = ferstudy.predict(make())
    assert len(found) == count
    assert [face.label for face in found].count("happy") == count


WRONG: dict[str, tuple[Any, str]] = {
    "None": (None, "got NoneType"),
    "a number": (7.5, "got float"),
    "too many channels": (np.zeros((8, 8, 5), np.uint8), r"got \(8, 8, 5\)"),
    "a row": (np.zeros(8, np.uint8), r"got \(8,\)"),
    "no pixel": (np.zeros((0, 8, 3), np.uint8), r"got \(0, 8, 3\)"),
    "floats to 255": (np.full((8, 8, 3), 200.0), "from 200.0 to 200.0"),
    "NaN": (np.full((8, 8, 3), np.nan), "floats from 0 to 1"),
    "negative": (np.full((8, 8, 3), -1), "from -1 to -1"),
    "16 bits": (np.full((8, 8, 3), 3000, np.uint16), "from 3000 to 3000"),
    "truth values": (np.zeros((8, 8), bool), "no brightness"),
    "text values": (np.full((8, 8), "a"), "no brightness"),
    "a missing file": ("none.jpg", "does not exist"),
    "an address": ("https://example.org/a.jpg", "download the file first"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_picture_is_told_in_a_line(what: str) -> None:
    given, message = WRONG[what]
    with pytest.raises(FerstudyError, match=message):
        predict(given)


def test_the_given_array_stays_as_it_was() -> None:
    photo = sample_photo()
    predict([photo, photo])
    np.testing.assert_array_equal(photo, sample_photo())


def test_transparent_pixels_are_white() -> None:
    clear = np.zeros((4, 4, 4), np.uint8)
    assert (as_picture(clear) == 255).all()


def test_a_folder_and_the_folders_in_it(tmp_path: Path) -> None:
    folder = photos(tmp_path)
    assert [face.source for face in predict(folder)] == ["a.jpg", "b.jfif"]
    assert [face.source for face in predict(folder, recursive=True)] == ["a.jpg", "b.jfif", "sub/c.jpg"]


def test_a_film_has_tracks(tmp_path: Path) -> None:
    write_sample_video(tmp_path / "v.mp4", count=6)
    table = predict(tmp_path / "v.mp4", smooth=3, detect_every=2).to_frame()
    assert table["frame"].tolist() == list(range(6))
    assert set(table["track"]) == {1}
    assert set(table["source"]) == {"v.mp4"}


def test_probabilities_carry_their_classes() -> None:
    (face,) = predict(sample_photo())
    assert tuple(face.probabilities) == CLASSES
    assert face.confidence == face.probabilities["happy"] == max(face.probabilities.values())
    assert str(face).startswith("happy 9")


def test_a_frame_of_pandas() -> None:
    table = predict([sample_photo(), sample_group(2)]).to_frame()
    head = ["source", "frame", "track", "x", "y", "width", "height", "label", "confidence"]
    assert list(table.columns) == [*head, *CLASSES]
    assert table["frame"].tolist() == [0, 1, 1]
    np.testing.assert_allclose(table[list(CLASSES)].sum(axis=1), 1)
    empty = predict([]).to_frame()
    assert list(empty.columns) == list(table.columns)
    assert isinstance(empty, pd.DataFrame)


def test_a_notebook_gets_a_picture() -> None:
    found = predict([sample_photo()] * 3 + [sample_group(4)])
    with Image.open(io.BytesIO(found._repr_png_())) as picture:
        assert picture.size == (3 * 640, 2 * 512)
    assert repr(found).count("happy") == 7
    assert repr(predict([])) == "no face found"
    assert len(Predictions(CLASSES)._repr_png_()) > 0


def test_it_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Image.Image] = []
    monkeypatch.setattr(Image.Image, "show", lambda self: shown.append(self))
    predict(sample_photo()).show()
    assert shown[0].size == (512, 512)


def test_a_long_film_stays_small_in_memory() -> None:
    found = Predictions(CLASSES)
    for _ in range(100):
        found.add([], np.zeros((480, 640, 3), np.uint8))
    assert len(found._pictures) == 12


def test_least_confidence_and_size() -> None:
    assert len(predict(sample_photo(), min_confidence=0.99)) == 0
    assert len(predict(sample_photo(), min_size=300)) == 0
    assert len(predict(sample_photo(), min_size=60)) == 1
    with pytest.raises(FerstudyError, match="at least 12 pixels"):
        predict(sample_photo(), min_size=3)
    with pytest.raises(FerstudyError, match="least confidence of 0 to 1"):
        predict(PHOTO, min_confidence=float("nan"))


@pytest.mark.parametrize("name", [run.name for run in list_pretrained()])
def test_onnx_and_torch_say_the_same(name: str) -> None:
    run = load_pretrained(name)
    through_torch = Pipeline(
        run.load_model(), run.recipe.preparation, run.status["classes"], open_pipeline(name).detector
    )
    for theirs, ours in zip(through_torch.process(sample_group(5)), predict(sample_group(5), name), strict=True):
        assert theirs.box == ours.box
        np.testing.assert_allclose([*theirs.probabilities.values()], [*ours.probabilities.values()], atol=1e-5)


def test_names_that_are_unknown() -> None:
    with pytest.raises(FerstudyError, match="unknown shipped run"):
        predict(sample_photo(), "lite_xception.fer2013.strict.s9")
    with pytest.raises(FerstudyError, match="unknown detector"):
        predict(sample_photo(), detector="yolo")
