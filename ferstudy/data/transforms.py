"""Random changes to whole batches on the network's device, and the fixed views of test-time augmentation.

All functions take floats (B, C, H, W) in [0, 1]. Each image of a batch draws its own parameters, from the generator
that is passed and from nothing else, so that a run follows from its seed. What a recipe does not use draws nothing.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ferstudy.data.augmentation import TTA, Augmentation
from ferstudy.errors import unknown

# Share of the side that the crops of a network keep that was not trained on crops: 44 of 48 pixels, as the peers at
# 48 x 48 do, and 86 of 96 (attention_fusion 4.2). Each is resized back.
_CROP_SHARE = {"ten_crop": 44 / 48, "eleven": 86 / 96}
# residual_masking scores ten draws of its training augmentation; so many views, largest angle in degrees.
_RANDOM_VIEWS, _RANDOM_ROTATION = 10, 30.0
# Widest and narrowest box of a random resized crop, of TensorFlow's sample_distorted_bounding_box.
_MOST_ASPECT = 4 / 3


def _beside(drawn: Tensor, like: Tensor) -> Tensor:
    """What was drawn on the host, on an image's device; neither waits for the other."""
    return drawn.to(like.device, non_blocking=True)


def _uniform(n: int, limit: float, generator: torch.Generator, like: Tensor) -> Tensor:
    return (_beside(torch.rand(n, generator=generator), like) * 2 - 1) * limit


def _chosen(n: int, probability: float, generator: torch.Generator, like: Tensor) -> Tensor:
    return _beside(torch.rand(n, generator=generator) < probability, like)


def _sometimes(change: Tensor, chance: float, generator: torch.Generator) -> Tensor:
    """A change (B,) or (B, 2), for some images none."""
    if chance == 1:
        return change
    return change * _chosen(len(change), chance, generator, change).view(-1, *[1] * (change.ndim - 1))


def affine(x: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Mirror, rotate, shift and zoom in one bilinear resampling."""
    n, chance = len(x), augmentation.chance
    angle = _sometimes(_uniform(n, math.radians(augmentation.rotation), generator, x), chance, generator)
    factor = 1 / (1 + _sometimes(_uniform(n, augmentation.zoom, generator, x), chance, generator))
    # Grid coordinates run from -1 to 1, so a share of the side is twice as much in them.
    shift = torch.stack([_uniform(n, 2 * augmentation.translation, generator, x) for _ in range(2)], -1)
    shift = _sometimes(shift, chance, generator)
    mirror = torch.where(_chosen(n, augmentation.flip, generator, x), -1.0, 1.0)
    cos, sin = angle.cos() * factor, angle.sin() * factor
    rows = [torch.stack([cos * mirror, -sin, shift[:, 0]], -1), torch.stack([sin * mirror, cos, shift[:, 1]], -1)]
    return _sampled(x, torch.stack(rows, 1), augmentation.fill)


def _sampled(x: Tensor, transform: Tensor, fill: str) -> Tensor:
    """Images at transformed coordinates, bilinear; (B, 2, 3) maps where a pixel goes to where it is from."""
    grid = F.affine_grid(transform, list(x.shape), align_corners=False)  # (B, 2, 3) -> (B, H, W, 2)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode=fill, align_corners=False)


def resized_crop(x: Tensor, area: float, generator: torch.Generator) -> Tensor:
    """A box of at least a share of the area from every image, anywhere, resized to the whole image's size."""
    share = 1 - _beside(torch.rand(len(x), generator=generator), x) * (1 - area)
    # A box of this share fits where its aspect lies between the share and its inverse.
    most = share.log().neg().clamp(max=math.log(_MOST_ASPECT))
    aspect = (_uniform(len(x), 1, generator, x) * most).exp()
    size = torch.stack([(share * aspect).sqrt(), (share / aspect).sqrt()], -1)  # (B, 2), width and height
    centre = (_beside(torch.rand(len(x), 2, generator=generator), x) * 2 - 1) * (1 - size)
    return _sampled(x, torch.cat([torch.diag_embed(size), centre[:, :, None]], -1), "border")


def _corners(side: int, small: int) -> list[tuple[int, int]]:
    """Top and left of the four corner squares and the central one."""
    last, mid = side - small, (side - small) // 2
    return [(0, 0), (0, last), (last, 0), (last, last), (mid, mid)]


def _squares(x: Tensor, top: Tensor, left: Tensor, side: int) -> Tensor:
    """The square of each image at its own place: (B, C, H, W) and (B, 1) twice -> (B, C, side, side)."""
    offsets = torch.arange(side, device=x.device)
    batch = torch.arange(len(x), device=x.device).view(-1, 1, 1)
    patch = x.movedim(1, -1)[batch, (top + offsets)[:, :, None], (left + offsets)[:, None, :]]  # (B, side, side, C)
    return patch.movedim(-1, 1)


def random_crop(x: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A square of its own from every image: (B, C, H, W) -> (B, C, side, side)."""
    n, _, height, width = x.shape
    top = _beside(torch.randint(height - side + 1, (n, 1), generator=generator), x)
    left = _beside(torch.randint(width - side + 1, (n, 1), generator=generator), x)
    return _squares(x, top, left, side)


def one_of_ten(x: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A random one of the ten crops of every image: (B, C, H, W) -> (B, C, side, side)."""
    which = torch.randint(10, (len(x),), generator=generator)
    place = _beside(torch.tensor(_corners(x.shape[-1], side))[which // 2], x)  # (B, 2)
    patch = _squares(x, place[:, :1], place[:, 1:], side)
    return _mirrored(patch, _beside(which % 2 == 1, x), -1)


def ten_crops(x: Tensor, side: int, size: int) -> list[Tensor]:
    """Four corners and the centre of one side, resized to another, each followed by its mirror: ten of equal shape."""
    patches = [x[..., top : top + side, left : left + side] for top, left in _corners(x.shape[-1], side)]
    return [view for patch in (_resized(p, size) for p in patches) for view in (patch, patch.flip(-1))]


def _mirrored(x: Tensor, which: Tensor, axis: int) -> Tensor:
    return torch.where(which.view(-1, 1, 1, 1), x.flip(axis), x)


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
    mask = _beside(inside_y[:, :, None] & inside_x[:, None, :] & wanted[:, None, None], x)
    return torch.where(mask.unsqueeze(1), x.mean((2, 3), keepdim=True), x)


def augment(x: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Draw and apply a recipe's augmentation.

    Args:
        x: float (B, C, H, W) in [0, 1].
        augmentation: The ranges.
        generator: CPU generator that every draw comes from.

    Returns:
        float in [0, 1], (B, C, H, W), or (B, C, crop, crop) where the recipe crops, or with ``crops="all_ten"``
        (10 B, C, crop, crop), the ten of an image one after the other.
    """
    if augmentation.area < 1:
        x = resized_crop(x, augmentation.area, generator)
    if augmentation.rotation or augmentation.translation or augmentation.zoom:
        x = affine(x, augmentation, generator)
    elif augmentation.flip:
        x = _mirrored(x, _chosen(len(x), augmentation.flip, generator, x), -1)
    if augmentation.vertical_flip:
        x = _mirrored(x, _chosen(len(x), augmentation.vertical_flip, generator, x), -2)
    if augmentation.crops == "all_ten":
        x = torch.stack(ten_crops(x, augmentation.crop, augmentation.crop), 1).flatten(0, 1)
    elif augmentation.crop:
        crop = one_of_ten if augmentation.crops == "ten" else random_crop
        x = crop(x, augmentation.crop, generator)
    n = len(x)
    if augmentation.contrast or augmentation.brightness:
        factor = 1 + _uniform(n, augmentation.contrast, generator, x).view(n, 1, 1, 1)
        offset = _uniform(n, augmentation.brightness, generator, x).view(n, 1, 1, 1)
        mean = x.mean((1, 2, 3), keepdim=True)
        x = ((x - mean) * factor + mean + offset).clamp(0, 1)
    if augmentation.noise:
        grain = _beside(torch.randn(n, 1, *x.shape[2:], generator=generator), x)
        x = (x + augmentation.noise * grain).clamp(0, 1)
    if augmentation.erasing:
        x = erase(x, augmentation.erasing, generator)
    return x


def views(x: Tensor, tta: str, crop: int = 0, first: int = 0) -> list[Tensor]:
    """The fixed views of an image whose logits :func:`combine` makes one.

    Args:
        x: float (B, C, H, W) in [0, 1].
        tta: One of ``TTA``:

            - ``single``: the image (its centre crop where the recipe crops);
            - ``flip``: it and its mirror;
            - ``ten_crop``: four corners and the centre, each with its mirror, at the recipe's crop, else at 44/48 of
              the side and resized back;
            - ``random``: ten flips and rotations of 30 degrees at most, other ones of every image
              (residual_masking's public code), drawn by its place in the dataset and not by its neighbours;
            - ``eleven``: the ten crops, at the recipe's crop, else at 86/96 of the side and resized back, and the
              whole image at the size of the others (attention_fusion 4.2).
        crop: Side in pixels of the recipe's training crop; 0 for none.
        first: Place of the batch's first image in the dataset.

    Returns:
        1, 2, 10 or 11 tensors of equal shape.

    Raises:
        FerstudyError: Unknown ``tta``.
    """
    if tta not in TTA:
        raise unknown("test-time augmentation", tta, TTA)
    side = x.shape[-1]
    if tta in _CROP_SHARE:
        size = crop or side
        crops = ten_crops(x, crop or round(side * _CROP_SHARE[tta]), size)
        return [*crops, _resized(x, size)] if tta == "eleven" else crops
    if tta == "random":
        draw = Augmentation(flip=0.5, rotation=_RANDOM_ROTATION, fill="zeros")
        drawn = [
            affine(image.expand(_RANDOM_VIEWS, -1, -1, -1), draw, torch.Generator().manual_seed(place))
            for place, image in enumerate(x, start=first)
        ]
        return [_centre(view, crop) for view in torch.stack(drawn, 1)]
    x = _centre(x, crop)
    return [x, x.flip(-1)] if tta == "flip" else [x]


def _centre(x: Tensor, crop: int) -> Tensor:
    if not crop:
        return x
    mid = (x.shape[-1] - crop) // 2
    return x[..., mid : mid + crop, mid : mid + crop]


def _resized(x: Tensor, side: int) -> Tensor:
    if x.shape[-1] == side:
        return x
    return F.interpolate(x, (side, side), mode="bilinear", antialias=x.shape[-1] > side, align_corners=False)


def combine(logits: Tensor, tta: str) -> Tensor:
    """One row of logits for each image from those of its views.

    Logits are averaged. For ``random`` probabilities are, as in residual_masking's public code, and their logarithm is
    given. For ``eleven`` each view votes for its highest class and the most votes win
    (attention_fusion 4.2): a class gets its votes, plus a rank below 1 by its mean logit, which decides between equal
    votes. Such a row's highest entry is the paper's answer; it is no log-probability, so its loss means nothing.

    Args:
        logits: (V, B, K), of the V views that :func:`views` gives.
        tta: One of ``TTA``.

    Returns:
        (B, K).
    """
    if tta == "random":
        return logits.softmax(-1).mean(0).log()
    mean = logits.mean(0)
    if tta != "eleven":
        return mean
    votes = F.one_hot(logits.argmax(-1), logits.shape[-1]).sum(0)
    return votes + mean.argsort(-1).argsort(-1).to(mean.dtype) / logits.shape[-1]
