"""Pixels to network input, against values computed by hand and by other libraries."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from ferstudy.data.preparation import SCALINGS, Preparation, prepare
from ferstudy.errors import FerstudyError

RNG = np.random.default_rng(0)
GREY = torch.from_numpy(RNG.integers(0, 256, (4, 48, 48), dtype=np.uint8))
RGB = torch.from_numpy(RNG.integers(0, 256, (4, 60, 60, 3), dtype=np.uint8))


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("images", [GREY, RGB], ids=["grey", "rgb"])
def test_shape_and_finiteness(scaling: str, channels: int, images: torch.Tensor) -> None:
    x = prepare(images, Preparation(size=48, channels=channels, scaling=scaling))
    assert x.shape == (4, channels, 48, 48)
    assert x.dtype == torch.float32
    assert x.isfinite().all()


def test_ranges() -> None:
    pixels = torch.tensor([[0, 255], [128, 64]], dtype=torch.uint8).repeat(24, 24)[None]
    unit = prepare(pixels, Preparation(scaling="unit"))
    assert (unit.min(), unit.max()) == (0, 1)
    symmetric = prepare(pixels, Preparation(scaling="symmetric"))
    assert (symmetric.min(), symmetric.max()) == (-1, 1)
    standard = prepare(pixels, Preparation(scaling="standardise"))
    assert standard.mean().abs() < 1e-6
    assert abs(standard.std(correction=0) - 1) < 1e-6


def test_a_constant_image_standardises_to_zeros() -> None:
    x = prepare(torch.full((1, 48, 48), 77, dtype=torch.uint8), Preparation(scaling="standardise"))
    assert x.abs().max() < 1e-4


def test_grey_conversion_is_pillows() -> None:
    ours = prepare(RGB, Preparation(size=60, scaling="unit"))[:, 0].numpy() * 255
    theirs = np.stack([np.asarray(Image.fromarray(i).convert("L")) for i in RGB.numpy()])
    assert np.abs(ours - theirs).max() <= 1


def test_shrinking_is_pillows_antialiased_bilinear() -> None:
    ours = prepare(GREY, Preparation(size=24, scaling="unit"))[:, 0].numpy() * 255
    theirs = np.stack(
        [np.asarray(Image.fromarray(i).resize((24, 24), Image.Resampling.BILINEAR)) for i in GREY.numpy()]
    )
    assert np.abs(ours - theirs).max() <= 1


@pytest.mark.parametrize("wrong", [{"size": 4}, {"channels": 2}, {"scaling": "zscore"}])
def test_impossible_preparations_are_refused(wrong: dict) -> None:
    with pytest.raises(FerstudyError):
        Preparation(**wrong)
