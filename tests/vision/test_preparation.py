"""Numpy prepares faces as torch does: same sizes, channels, values."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ferstudy.data.preparation import SCALINGS, Preparation, prepare
from ferstudy.data.transforms import views
from ferstudy.vision.preparation import prepare_faces


def faces(side: int, channels: int) -> np.ndarray:
    shape = (side, side) + ((3,) if channels == 3 else ())
    return np.random.default_rng(side).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("wanted", [1, 3])
@pytest.mark.parametrize("given", [1, 3])
@pytest.mark.parametrize("side", [1, 13, 47, 48, 49, 150, 333])
def test_as_torch(side: int, given: int, wanted: int, scaling: str) -> None:
    face, preparation = faces(side, given), Preparation(48, wanted, scaling)
    expected = prepare(torch.from_numpy(face)[None], preparation).numpy()
    # Where an image is standardised, float32's rounding is divided by the least deviation of 0.001.
    tolerance = 2e-3 if scaling == "standardise" and side == 1 else 3e-5
    np.testing.assert_allclose(prepare_faces([face], preparation), expected, atol=tolerance)


def test_faces_of_several_sizes_make_one_batch() -> None:
    batch = prepare_faces([faces(60, 3), faces(20, 1), faces(48, 3)], Preparation())
    assert batch.shape == (3, 1, 48, 48)
    assert batch.dtype == np.float32


def test_the_centre_crop_is_that_of_scoring() -> None:
    face = faces(48, 1)
    unit = torch.from_numpy(face)[None, None].float() / 255
    (expected,) = views(unit, "single", 40)
    found = prepare_faces([face], Preparation(48, 1, "unit"), crop=40)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)
