"""Faces are found where a person sees them, and crops are squares of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.detection import Box, crop, get_detector, list_detectors
from ferstudy.errors import FerstudyError
from ferstudy.samples import sample_group, sample_photo

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
