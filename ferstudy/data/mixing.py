"""Batches of mixed images, with targets mixed alike.

- mixup: H. Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018: both images, blended;
- cutmix: S. Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features",
  ICCV 2019: a rectangle of one image in the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ferstudy.errors import FerstudyError, unknown

if TYPE_CHECKING:
    import torch
    from torch import Tensor

MIXES = ("mixup", "cutmix")


def mix(x: Tensor, targets: Tensor, kind: str, alpha: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mix every image of a batch with another one of it, each by a share of its own.

    Args:
        x: float (B, C, H, W).
        targets: float (B, K), one-hot or soft.
        kind: One of ``MIXES``.
        alpha: The share that an image keeps is drawn from Beta(alpha, alpha), > 0. Small values change little.
        generator: CPU generator that every draw comes from.

    Returns:
        Mixed images and targets of the same shapes. Of cutmix, targets are mixed by the area that the rectangle, cut
        off at the border, truly covers.

    Raises:
        FerstudyError: Unknown ``kind``, or ``alpha`` not above 0.
    """
    import torch

    if kind not in MIXES:
        raise unknown("mix", kind, MIXES)
    if not alpha > 0:
        raise FerstudyError(f"mix: expected alpha > 0, got {alpha}")
    n, _, height, width = x.shape
    other = torch.randperm(n, generator=generator).to(x.device, non_blocking=True)
    # torch has no beta distribution that draws from a given generator.
    rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    kept = torch.from_numpy(rng.beta(alpha, alpha, n)).to(x, non_blocking=True)
    if kind == "mixup":
        share = kept.view(n, 1, 1, 1)
        mixed = x * share + x[other] * (1 - share)
    else:
        half = (1 - kept).sqrt() / 2
        centre = torch.rand(2, n, generator=generator).to(x, non_blocking=True)
        pasted = _between(height, centre[0], half)[:, :, None] & _between(width, centre[1], half)[:, None, :]
        mixed = torch.where(pasted[:, None], x[other], x)
        kept = 1 - pasted.to(x.dtype).mean((1, 2))
    weight = kept.view(n, 1).to(targets)
    return mixed, targets * weight + targets[other] * (1 - weight)


def _between(pixels: int, centre: Tensor, half: Tensor) -> Tensor:
    """Which pixels of a side lie within a span of each image, (B, pixels); centre and half in shares of the side."""
    import torch

    at = (torch.arange(pixels, device=centre.device) + 0.5) / pixels
    return (at >= (centre - half)[:, None]) & (at < (centre + half)[:, None])
