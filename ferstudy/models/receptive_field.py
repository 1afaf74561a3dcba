"""How much of the face one position of a feature map sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class ReceptiveField:
    """What the central position of a feature map depends on.

    Attributes:
        rows, columns: Side lengths in pixels of the smallest rectangle that holds all of it.
        effective: Side length in pixels of the square around the centre that holds 95 % of the gradient's magnitude.
        magnitude: (H, W) share of each pixel in the gradient's magnitude.
    """

    rows: int
    columns: int
    effective: int
    magnitude: npt.NDArray[np.float64]


def receptive_field(
    model: nn.Module, layer: str, shape: tuple[int, int, int], images: int = 4, seed: int = 0
) -> ReceptiveField:
    """The receptive field of a layer's central position, by the gradient of its output to random images.

    W. Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", NeurIPS 2016.
    A pixel that no image's gradient reaches lies outside; gates that pool the whole map make the field the whole image.

    Args:
        model: The network; run in evaluation mode, and left in the mode it was in.
        layer: Dotted name of a module whose output is (B, C, H, W).
        shape: (C, H, W) of an image.
        images: Random images whose gradients are summed: a rectifier or a pooling hides some paths of each.
        seed: Of the images.
    """
    x = torch.randn(images, *shape, generator=torch.Generator().manual_seed(seed)).requires_grad_()
    found: list[Tensor] = []
    handle = model.get_submodule(layer).register_forward_hook(lambda module, inputs, output: found.append(output))
    was_training = model.training
    try:
        model.eval()(x)
    finally:
        handle.remove()
        model.train(was_training)
    central = found[0][..., found[0].shape[-2] // 2, found[0].shape[-1] // 2]
    # Random signs: a plain sum over the channels could cancel.
    signs = torch.randn(central.shape, generator=torch.Generator().manual_seed(seed + 1))
    (gradient,) = torch.autograd.grad((central * signs).sum(), x)
    magnitude = gradient.abs().sum((0, 1)).double().numpy()
    magnitude = magnitude / magnitude.sum()
    rows, columns = np.flatnonzero(magnitude.sum(1)), np.flatnonzero(magnitude.sum(0))
    return ReceptiveField(
        rows=int(rows[-1] - rows[0] + 1),
        columns=int(columns[-1] - columns[0] + 1),
        effective=_square_holding(magnitude, 0.95),
        magnitude=magnitude,
    )


def _square_holding(magnitude: npt.NDArray[np.float64], share: float) -> int:
    """Side of the smallest square around the centre of mass that holds a share of the magnitude."""
    ys, xs = np.indices(magnitude.shape)
    distance = np.maximum(np.abs(ys - (ys * magnitude).sum()), np.abs(xs - (xs * magnitude).sum())).ravel()
    order = np.argsort(distance)
    needed = distance[order][np.searchsorted(np.cumsum(magnitude.ravel()[order]), share)]
    return min(max(magnitude.shape), round(2 * needed + 1))
