"""Random changes to whole batches on the network's device, and the fixed views of test-time augmentation.

All functions take floats (B, C, H, W) in [0, 1]. Each image of a batch draws its own parameters, from the generator
that is passed and from nothing else, so that a run follows from its seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ferstudy.errors import FerstudyError, unknown

TTA = ("single", "flip", "ten_crop")
# Ten-crop of a network that was not trained on crops: 44 of 48 pixels, as the peers at 48 x 48 do, resized back.
_TEN_CROP_SHARE = 44 / 48


@dataclass(frozen=True)
class Augmentation:
    """What training draws anew for every image of every epoch.

    Attributes:
        flip: Probability of a left-right mirror.
        rotation: Largest angle either way, in degrees.
        translation: Largest shift either way, as a share of the side.
        zoom: Largest enlargement or shrinkage: factors are drawn from [1 - zoom, 1 + zoom].
        crop: Side in pixels of a random crop; 0 for none. Evaluation then takes the centre crop.
        brightness: Largest shift either way of the values in [0, 1].
        contrast: Contrast factors are drawn from [1 - contrast, 1 + contrast].
        erasing: Probability of erasing a rectangle (2 % to 20 % of the area) to the image's mean.
    """

    flip: float = 0.5
    rotation: float = 0.0
    translation: float = 0.0
    zoom: float = 0.0
    crop: int = 0
    brightness: float = 0.0
    contrast: float = 0.0
    erasing: float = 0.0

    def __post_init__(self) -> None:
        for name in ("flip", "translation", "zoom", "brightness", "contrast", "erasing"):
            if not 0 <= getattr(self, name) <= 1:
                raise FerstudyError(f"augmentation {name}: expected 0 to 1, got {getattr(self, name)}")
        if not 0 <= self.rotation <= 180 or self.crop < 0:
            raise FerstudyError("augmentation: expected rotation of 0 to 180 degrees and crop >= 0 pixels")


def _uniform(n: int, limit: float, generator: torch.Generator, like: Tensor) -> Tensor:
    return (torch.rand(n, generator=generator).to(like.device) * 2 - 1) * limit


def affine(x: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Mirror, rotate, shift and zoom in one bilinear resampling; the border is repeated."""
    n = len(x)
    angle = _uniform(n, math.radians(augmentation.rotation), generator, x)
    factor = 1 / (1 + _uniform(n, augmentation.zoom, generator, x))
    # Grid coordinates run from -1 to 1, so a share of the side is twice as much in them.
    shift = torch.stack([_uniform(n, 2 * augmentation.translation, generator, x) for _ in range(2)], -1)
    mirror = torch.where(torch.rand(n, generator=generator).to(x.device) < augmentation.flip, -1.0, 1.0)
    cos, sin = angle.cos() * factor, angle.sin() * factor
    rows = [torch.stack([cos * mirror, -sin, shift[:, 0]], -1), torch.stack([sin * mirror, cos, shift[:, 1]], -1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)  # (B, 2, 3) -> (B, H, W, 2)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def random_crop(x: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A square of its own from every image: (B, C, H, W) -> (B, C, side, side)."""
    n, _, height, width = x.shape
    top = torch.randint(height - side + 1, (n, 1), generator=generator).to(x.device)
    left = torch.randint(width - side + 1, (n, 1), generator=generator).to(x.device)
    offsets = torch.arange(side, device=x.device)
    batch = torch.arange(n, device=x.device).view(n, 1, 1)
    patch = x.movedim(1, -1)[batch, (top + offsets)[:, :, None], (left + offsets)[:, None, :]]  # (B, side, side, C)
    return patch.movedim(-1, 1)


def erase(x: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Set a rectangle of 2 % to 20 % of the area to the image's mean, with a probability for each image."""
    n, _, height, width = x.shape
    area = torch.empty(n).uniform_(0.02, 0.20, generator=generator)
    aspect = torch.empty(n).uniform_(math.log(0.3), math.log(1 / 0.3), generator=generator).exp()
    wanted = torch.rand(n, generator=generator) < probability
    tall, wide = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    top = torch.rand(n, generator=generator) * (1 - tall)
    left = torch.rand(n, generator=generator) * (1 - wide)
    ys = ((torch.arange(height) + 0.5) / height)[None]
    xs = ((torch.arange(width) + 0.5) / width)[None]
    inside_y = (ys >= top[:, None]) & (ys < (top + tall)[:, None])
    inside_x = (xs >= left[:, None]) & (xs < (left + wide)[:, None])
    mask = (inside_y[:, :, None] & inside_x[:, None, :] & wanted[:, None, None]).to(x.device).unsqueeze(1)
    return torch.where(mask, x.mean((2, 3), keepdim=True), x)


def augment(x: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Draw and apply a recipe's augmentation.

    Args:
        x: float (B, C, H, W) in [0, 1].
        augmentation: The ranges.
        generator: CPU generator that every draw comes from.

    Returns:
        float in [0, 1], (B, C, H, W), or (B, C, crop, crop) where the recipe crops.
    """
    n = len(x)
    if augmentation.rotation or augmentation.translation or augmentation.zoom:
        x = affine(x, augmentation, generator)
    elif augmentation.flip:
        mirror = (torch.rand(n, generator=generator) < augmentation.flip).to(x.device).view(n, 1, 1, 1)
        x = torch.where(mirror, x.flip(-1), x)
    if augmentation.crop:
        x = random_crop(x, augmentation.crop, generator)
    if augmentation.contrast or augmentation.brightness:
        factor = 1 + _uniform(n, augmentation.contrast, generator, x).view(n, 1, 1, 1)
        offset = _uniform(n, augmentation.brightness, generator, x).view(n, 1, 1, 1)
        mean = x.mean((1, 2, 3), keepdim=True)
        x = ((x - mean) * factor + mean + offset).clamp(0, 1)
    if augmentation.erasing:
        x = erase(x, augmentation.erasing, generator)
    return x


def views(x: Tensor, tta: str, crop: int = 0) -> list[Tensor]:
    """The fixed views of an image whose logits are averaged at test time.

    Args:
        x: float (B, C, H, W) in [0, 1].
        tta: ``single`` the image (its centre crop where the recipe crops); ``flip`` it and its mirror; ``ten_crop``
            four corners and the centre, each with its mirror, at the recipe's crop, else at 44/48 of the side and
            resized back.
        crop: Side in pixels of the recipe's training crop; 0 for none.

    Returns:
        1, 2 or 10 tensors of equal shape.

    Raises:
        FerstudyError: Unknown ``tta``.
    """
    if tta not in TTA:
        raise unknown("test-time augmentation", tta, TTA)
    side = x.shape[-1]
    if tta == "ten_crop":
        small = crop or round(side * _TEN_CROP_SHARE)
        last, mid = side - small, (side - small) // 2
        corners = [(0, 0), (0, last), (last, 0), (last, last), (mid, mid)]
        patches = [x[..., top : top + small, left : left + small] for top, left in corners]
        if not crop:
            patches = [F.interpolate(p, (side, side), mode="bilinear", align_corners=False) for p in patches]
        return [v for p in patches for v in (p, p.flip(-1))]
    if crop:
        mid = (side - crop) // 2
        x = x[..., mid : mid + crop, mid : mid + crop]
    return [x, x.flip(-1)] if tta == "flip" else [x]
