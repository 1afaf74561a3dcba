"""Faces are found where a person sees them, and crops are squares of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from facenet_pytorch import MTCNN

from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.synthetic import portraits
from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import LANDMARKS, Box, crop
from ferstudy.vision.detection import HaarDetector, get_detector, list_detectors
from ferstudy.vision.mtcnn import MTCNNDetector, mtcnn_stages
from ferstudy.vision.samples import sample_frames, sample_group, sample_photo

# Brow to chin and temple to temple of the sitter, read off the picture.
FACE = Box(180, 70, 90, 105)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)


@pytest.mark.parametrize("name", list_detectors())
def test_finds_the_sitter(name: str) -> None:
    found = get_detector(name).detect(sample_photo())
    assert overlap(found[0], FACE) > 0.5


@pytest.mark.parametrize("name", list_detectors())
def test_works_on_grey_pictures(name: str) -> None:
    grey = sample_photo().mean(2).astype(np.uint8)
    assert overlap(get_detector(name).detect(grey)[0], FACE) > 0.5


@pytest.mark.parametrize("name", list_detectors())
def test_finds_nothing_in_noise(name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    assert get_detector(name).detect(noise) == []


@pytest.mark.parametrize("faces", range(1, 9))
def test_finds_every_face_of_a_group(faces: int) -> None:
    found = get_detector("haar").detect(sample_group(faces))
    assert len(found) == faces
    areas = [box.width * box.height for box in found]
    assert areas == sorted(areas, reverse=True)


# Pupils, nose tip and mouth corners of the sitter, read off the picture enlarged eight times.
LANDMARKS_OF_PHOTO = ((203.8, 101.0), (246.5, 103.4), (224.4, 127.5), (204.4, 140.6), (243.5, 141.3))


def test_landmarks_are_where_a_person_sees_them() -> None:
    (face,) = MTCNNDetector().find(sample_photo())
    assert face.points is not None
    assert len(face.points) == len(LANDMARKS)
    np.testing.assert_allclose(face.points, LANDMARKS_OF_PHOTO, atol=3)
    assert face.score is not None
    assert 0.99 < face.score <= 1


def test_left_and_right_are_the_pictures() -> None:
    (face,) = MTCNNDetector().find(sample_photo()[:, ::-1])
    mirrored = [(511 - x, y) for x, y in LANDMARKS_OF_PHOTO]
    np.testing.assert_allclose(face.points, [mirrored[k] for k in (1, 0, 2, 4, 3)], atol=5)


def test_haar_knows_neither_score_nor_landmarks() -> None:
    detector = HaarDetector()
    assert [face.box for face in detector.find(sample_group(3))] == detector.detect(sample_group(3))
    assert {(face.score, face.points) for face in detector.find(sample_group(3))} == {(None, None)}


@pytest.mark.parametrize("faces", [1, 2, 5, 8])
def test_mtcnn_finds_a_group_with_landmarks_in_their_boxes(faces: int) -> None:
    found = MTCNNDetector().find(sample_group(faces))
    assert len(found) == faces
    for face in found:
        assert face.points is not None
        for x, y in face.points:
            assert face.box.x < x < face.box.x + face.box.width
            assert face.box.y < y < face.box.y + face.box.height


SCENES = {
    "photo": sample_photo,
    "small": lambda: sample_photo()[40:200:2, 150:300:2],
    "group": lambda: sample_group(8),
    "pan": lambda: next(sample_frames(3)),
    "cut at the border": lambda: sample_photo()[80:, 200:],
    "noise": lambda: np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8),
    "dots": lambda: np.kron(np.random.default_rng(1).integers(0, 2, (30, 40, 3)) * 255, np.ones((9, 9, 1))).astype(
        "u1"
    ),
}


@pytest.mark.parametrize("min_size", [20, 40])
@pytest.mark.parametrize("name", SCENES)
def test_the_last_stage_is_facenets_own_answer(name: str, min_size: int) -> None:
    image = SCENES[name]()
    own = MTCNN(keep_all=True, min_face_size=min_size, post_process=False)
    boxes, scores, points = own.detect(np.ascontiguousarray(image), landmarks=True)
    stages = mtcnn_stages(image, min_size)
    if boxes is None:
        assert len(stages.onet) == len(stages.points) == 0
    else:
        np.testing.assert_allclose(stages.onet.boxes, boxes.astype(float), atol=1e-3)
        np.testing.assert_allclose(stages.onet.scores, scores.astype(float), atol=1e-6)
        np.testing.assert_allclose(stages.points, points.astype(float), atol=1e-3)


@pytest.mark.parametrize("name", SCENES)
def test_each_network_keeps_some_of_what_it_gets(name: str) -> None:
    image = SCENES[name]()
    stages = mtcnn_stages(image)
    steps = (stages.pnet, stages.rnet, stages.onet)
    assert len(stages.pnet) >= len(stages.rnet) >= len(stages.onet)
    for stage, threshold in zip(steps, (0.6, 0.7, 0.7), strict=True):
        assert stage.boxes.shape == (len(stage), 4)
        assert ((stage.scores >= threshold) & (stage.scores <= 1)).all()
    # Between the networks the regions are squares.
    for stage in steps[:2]:
        sides = stage.boxes[:, 2:] - stage.boxes[:, :2]
        np.testing.assert_allclose(sides[:, 0], sides[:, 1], atol=1e-2)


def test_the_sitter_passes_every_stage() -> None:
    stages = mtcnn_stages(sample_photo())
    for stage in (stages.pnet, stages.rnet, stages.onet):
        boxes = [Box(round(x), round(y), round(r - x), round(b - y)) for x, y, r, b in stage.boxes.tolist()]
        assert max(overlap(box, FACE) for box in boxes) > 0.5
    assert len(stages.pnet) > len(stages.rnet) > len(stages.onet) == 1


def test_mtcnn_takes_the_synthetic_faces_for_faces() -> None:
    people = portraits(list(CLASSES), list(range(7)), size=160)
    pictures = np.pad(people, ((0, 0), (60, 60), (100, 100)), mode="edge")
    found = [MTCNNDetector().detect(picture) for picture in pictures]
    assert sum(len(boxes) == 1 for boxes in found) >= 6
    assert all(overlap(box, Box(100, 60, 160, 160)) > 0.3 for boxes in found for box in boxes)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1), (11, 400, 3), (400, 11, 3), (12, 12, 3), (40, 40), (13, 5000, 3)])
def test_pictures_too_small_for_a_face(shape: tuple[int, ...]) -> None:
    for name in list_detectors():
        assert get_detector(name).find(np.full(shape, 128, np.uint8)) == []
    stages = mtcnn_stages(np.full(shape, 128, np.uint8))
    assert len(stages.pnet) == len(stages.rnet) == len(stages.onet) == 0


def test_boxes_grow_on_each_side_and_square_around_their_centre() -> None:
    assert Box(10, 20, 30, 40).grown(20) == Box(-10, 0, 70, 80)
    assert Box(10, 20, 30, 40).squared() == Box(5, 20, 40, 40)
    assert Box(3, 4, 0, 0).squared() == Box(3, 4, 1, 1)


def test_crops_are_squares_and_repeat_the_border() -> None:
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    np.testing.assert_array_equal(crop(image, Box(2, 3, 4, 4)), image[3:7, 2:6])
    wide = crop(image, Box(0, 4, 6, 2))
    np.testing.assert_array_equal(wide, image[2:8, 0:6])
    corner = crop(image, Box(-2, -2, 4, 4))
    assert corner.shape == (4, 4)
    np.testing.assert_array_equal(corner[:3, :3], np.full((3, 3), image[0, 0]))
    assert crop(sample_photo(), Box(500, 500, 40, 40)).shape == (40, 40, 3)


def test_crops_are_copies() -> None:
    image = np.zeros((10, 10), np.uint8)
    crop(image, Box(2, 2, 4, 4))[:] = 9
    assert image.max() == 0


def test_unknown_detector() -> None:
    with pytest.raises(FerstudyError, match="did you mean haar"):
        get_detector("har")
