"""Pixels to network input, against values computed by hand and by other libraries."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

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


@pytest.mark.parametrize("size", [48, 86, 96, 128, 224])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("images", [GREY, RGB], ids=["grey", "rgb"])
def test_sizes_and_colours_are_torchvisions(size: int, channels: int, images: torch.Tensor) -> None:
    theirs = v2.Compose(
        [v2.ToDtype(torch.float32, scale=True), v2.Grayscale(channels) if channels == 1 or images is GREY else v2.RGB(),
         v2.Resize((size, size), antialias=True)]
    )  # fmt: skip
    planes = images[:, None] if images is GREY else images.movedim(-1, 1)
    ours = prepare(images, Preparation(size=size, channels=channels, scaling="unit"))
    # Its luma is rounded to 0.2989, 0.587, 0.114: a 255th of a grey level at most.
    torch.testing.assert_close(ours, theirs(planes).clamp(0, 1), atol=2e-4, rtol=0)


@pytest.mark.parametrize(
    ("scaling", "mean", "std"),
    [("symmetric", [0.5] * 3, [0.5] * 3), ("imagenet", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])],
)
def test_scalings_are_torchvisions_normalise(scaling: str, mean: list[float], std: list[float]) -> None:
    unit = RGB.movedim(-1, 1).float() / 255
    ours = prepare(RGB, Preparation(size=60, channels=3, scaling=scaling))
    torch.testing.assert_close(ours, v2.Normalize(mean, std)(unit))
    grey = prepare(GREY, Preparation(channels=1, scaling=scaling))
    average = v2.Normalize([sum(mean) / 3], [sum(std) / 3])(GREY[:, None].float() / 255)
    torch.testing.assert_close(grey, average)


@pytest.mark.parametrize("images", [GREY, RGB], ids=["grey", "rgb"])
def test_standardising_is_equations_1_to_3(images: torch.Tensor) -> None:
    channels = 1 if images is GREY else 3
    ours = prepare(images, Preparation(size=images.shape[1], channels=channels, scaling="standardise"))
    for image, got in zip(images.numpy().astype(float), ours.numpy(), strict=True):
        pixels = image.reshape(-1)
        mean = sum(pixels) / len(pixels)
        variance = sum((pixels - mean) ** 2) / len(pixels)
        wanted = (image - mean) / abs(variance**0.5)
        np.testing.assert_allclose(got, wanted[None] if channels == 1 else wanted.transpose(2, 0, 1), atol=1e-4)


def test_standardising_forgets_light_and_contrast() -> None:
    faint = (GREY // 4 + 90).to(torch.uint8)
    wanted = Preparation(scaling="standardise")
    assert (prepare(faint, wanted) - prepare(GREY // 4 * 4, wanted)).abs().max() < 1e-4


@pytest.mark.parametrize("wrong", [{"size": 4}, {"channels": 2}, {"scaling": "zscore"}])
def test_impossible_preparations_are_refused(wrong: dict) -> None:
    with pytest.raises(FerstudyError):
        Preparation(**wrong)
