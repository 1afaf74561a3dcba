"""From stored pixels to what a network eats, on whole batches, on the network's device.

The order is always: uint8 -> [0, 1] -> grey or RGB -> resize -> (augmentation, in training) -> value scaling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ferstudy.errors import FerstudyError, unknown
from ferstudy.vision.preparation import IMAGENET_MEAN, IMAGENET_STD, LUMA

if TYPE_CHECKING:
    from torch import Tensor

SCALINGS = ("unit", "symmetric", "standardise", "imagenet")


@dataclass(frozen=True)
class Preparation:
    """How stored pixels become network input.

    Attributes:
        size: Height and width in pixels after resizing (bilinear, antialiased when shrinking).
        channels: 1 for grey, 3 for RGB (a grey image is repeated).
        scaling: ``unit`` [0, 1]: values / 255; ``symmetric`` [-1, 1]; ``standardise`` each image to mean 0 and variance
            1 (attention_fusion eqs. 1 to 3); ``imagenet`` the ImageNet channel statistics, their average for grey.
    """

    size: int = 48
    channels: int = 1
    scaling: str = "symmetric"

    def __post_init__(self) -> None:
        if self.size < 8 or self.channels not in (1, 3):
            raise FerstudyError(
                f"preparation: expected size >= 8 and 1 or 3 channels, got {self.size}, {self.channels}"
            )
        if self.scaling not in SCALINGS:
            raise unknown("scaling", self.scaling, SCALINGS)


def to_unit(images: Tensor, preparation: Preparation) -> Tensor:
    """Pixels to floats of the wanted size and channels.

    Args:
        images: uint8 (B, H, W) grey or (B, H, W, 3) RGB, 0..255.
        preparation: Size and channels.

    Returns:
        float32 (B, C, size, size) in [0, 1].
    """
    x = images.float() / 255
    x = x.unsqueeze(1) if x.ndim == 3 else x.movedim(-1, 1)
    if x.shape[1] == 3 and preparation.channels == 1:
        x = (x * _constant(LUMA, x).view(1, 3, 1, 1)).sum(1, keepdim=True)
    elif x.shape[1] == 1 and preparation.channels == 3:
        x = x.expand(-1, 3, -1, -1)
    if x.shape[-2:] != (preparation.size, preparation.size):
        size = (preparation.size, preparation.size)
        import torch.nn.functional as F

        x = F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)
    return x


def scale(x: Tensor, preparation: Preparation) -> Tensor:
    """Scale values to the range that the network was trained on.

    Args:
        x: float (B, C, H, W) in [0, 1].
        preparation: Which range.

    Returns:
        float (B, C, H, W).
    """
    if preparation.scaling == "symmetric":
        return x * 2 - 1
    if preparation.scaling == "standardise":
        # attention_fusion eqs. 1 and 2: over all pixels of an image, the variance divided by their number.
        mean = x.mean((1, 2, 3), keepdim=True)
        std = x.std((1, 2, 3), keepdim=True, correction=0)
        # Eq. 3. A constant image has no variance: it becomes zeros rather than NaN.
        return (x - mean) / std.clamp_min(1e-3)
    if preparation.scaling == "imagenet":
        mean = _constant(IMAGENET_MEAN, x).view(1, 3, 1, 1)
        std = _constant(IMAGENET_STD, x).view(1, 3, 1, 1)
        return (x - mean) / std if x.shape[1] == 3 else (x - mean.mean()) / std.mean()
    return x


def _constant(values: tuple[float, ...], like: Tensor) -> Tensor:
    """Numbers beside an image, of its kind; unlike ``new_tensor``, which makes the host wait for the device."""
    import torch

    return torch.tensor(values, dtype=like.dtype).to(like.device, non_blocking=True)


def prepare(images: Tensor, preparation: Preparation) -> Tensor:
    """Stored pixels to network input without augmentation: :func:`to_unit`, then :func:`scale`."""
    return scale(to_unit(images, preparation), preparation)
