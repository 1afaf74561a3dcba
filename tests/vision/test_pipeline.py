"""The pipeline from picture to table: one face, many, none, at the border; nothing half-written."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.preparation import Preparation
from ferstudy.errors import FerstudyError
from ferstudy.models import create_model
from ferstudy.prediction import predict
from ferstudy.vision.boxes import Box
from ferstudy.vision.detection import get_detector
from ferstudy.vision.drawing import draw
from ferstudy.vision.media import Frame, Source, open_source
from ferstudy.vision.pipeline import STAGES, Face, Pipeline
from ferstudy.vision.samples import sample_frames, sample_group, sample_photo, write_sample_video
from ferstudy.vision.stream import run


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(create_model("lite_xception", seed=0), Preparation(), CLASSES, get_detector("haar"))


def test_one_face(pipeline: Pipeline) -> None:
    (face,) = pipeline.process(sample_photo())
    assert face.label in CLASSES
    assert face.confidence == max(face.probabilities.values())
    assert sum(face.probabilities.values()) == pytest.approx(1)


def test_faces_of_one_frame_are_classified_together_as_alone(pipeline: Pipeline) -> None:
    crops = [sample_photo()[60:160, 170:270], sample_photo()[60:130, 170:240], sample_photo()[60:190, 150:280, 0]]
    together = pipeline.classify(crops)
    alone = np.concatenate([pipeline.classify([face]) for face in crops])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert pipeline.classify([]).shape == (0, 7)


def test_labels_stay_inside_and_the_picture_stays_as_it_was() -> None:
    image = np.full((120, 160, 3), 200, np.uint8)
    before = image.copy()
    boxes = [Box(-10, -10, 40, 40), Box(140, 100, 60, 60), Box(60, 0, 40, 40)]
    faces = [
        Face(box, label, 1.0, {label: 1.0})
        for box, label in zip(boxes, ("surprise", "disgust", "neutral"), strict=True)
    ]
    out = draw(image, faces)
    np.testing.assert_array_equal(image, before)
    assert out.shape == image.shape
    for face in faces:
        alone = (draw(image, [face]) != image).any(2)
        # The label is a filled bar: at least as many rows and columns as its text needs lie inside the picture.
        assert (alone.sum(1) > 40).sum() >= 12


def test_grey_pictures(pipeline: Pipeline) -> None:
    grey = sample_photo().mean(2).astype(np.uint8)
    faces = pipeline.process(grey)
    assert len(faces) == 1
    assert draw(grey, faces).shape == (512, 512, 3)


def test_an_image_leaves_a_picture_and_a_table(pipeline: Pipeline, tmp_path: Path) -> None:
    Image.fromarray(sample_group(4)).save(tmp_path / "group.png")
    summary = run(pipeline, open_source(str(tmp_path / "group.png")), tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "faces.csv")
    assert len(table) == summary.faces == 4
    assert list(table.columns) == [
        "source",
        "frame",
        "track",
        "x",
        "y",
        "width",
        "height",
        "label",
        "confidence",
        *CLASSES,
    ]
    np.testing.assert_allclose(table[list(CLASSES)].sum(1), 1, atol=1e-5)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["faces.csv", "group.png.annotated.png"]


def test_a_video_leaves_a_video(pipeline: Pipeline, tmp_path: Path) -> None:
    write_sample_video(tmp_path / "v.mp4", count=5)
    summary = run(pipeline, open_source(str(tmp_path / "v.mp4")), tmp_path / "out")
    assert (summary.frames, summary.corrupt_frames) == (5, 0)
    assert len(list(open_source(str(tmp_path / "out" / "annotated.mp4")).frames())) == 5
    assert set(summary.seconds) == set(STAGES)
    assert all(seconds > 0 for seconds in summary.seconds.values())
    assert "frames a second" in str(summary)


def test_a_truncated_video_gives_its_readable_frames(pipeline: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "v.avi"
    write_sample_video(path, count=10)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    summary = run(pipeline, open_source(str(path)), tmp_path / "out")
    assert 1 <= summary.frames < 10


def frames_source(frames: list[np.ndarray | None]) -> Source:
    return Source("video", "made", 25.0, lambda: iter([Frame("made", i, f, "damaged") for i, f in enumerate(frames)]))


def test_no_face_and_corrupt_frames_are_counted_and_said(pipeline: Pipeline, tmp_path: Path) -> None:
    empty = np.zeros((512, 512, 3), np.uint8)
    summary = run(pipeline, frames_source([sample_photo(), None, empty]), tmp_path / "out")
    assert (summary.frames, summary.faces, summary.frames_without_face, summary.corrupt_frames) == (2, 1, 1, 1)
    assert "no face found in 1 frame" in str(summary)
    assert "1 frame could not be read" in str(summary)


def test_a_source_without_any_frame_leaves_nothing(pipeline: Pipeline, tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="no frame could be read"):
        run(pipeline, frames_source([None]), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_interruption_leaves_nothing(pipeline: Pipeline, tmp_path: Path) -> None:
    def frames() -> Iterator[Frame]:
        yield Frame("made", 0, sample_photo())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(pipeline, Source("video", "made", 25.0, frames), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_output_that_cannot_be_written(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FerstudyError, match="cannot write to"):
        run(pipeline, frames_source([sample_photo()]), tmp_path / "file" / "out")


def test_memory_does_not_grow_with_the_video(pipeline: Pipeline, tmp_path: Path) -> None:
    peaks = []
    for count in (10, 60):
        frames = sample_frames(count)
        source = Source("video", "made", 25.0, lambda f=frames: (Frame("made", i, x) for i, x in enumerate(f)))  # type: ignore[misc]
        quick = Pipeline(pipeline.network, pipeline.preparation, CLASSES, NoFaces())
        tracemalloc.start()
        run(quick, source, tmp_path / str(count))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


class NoFaces:
    def detect(self, image: np.ndarray) -> list[Box]:
        return []

    def follow(self, image: np.ndarray, boxes: list[Box]) -> list[Box | None]:
        return []


def test_predict_works_offline_with_the_shipped_network() -> None:
    (face,) = predict(sample_photo())
    assert face.label == "happy"
    assert face.confidence > 0.5
