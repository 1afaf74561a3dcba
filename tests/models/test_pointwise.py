"""Strided 1 x 1 convolutions of few channels: same numbers as torch's own, and no memory overrun."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from ferstudy.models import create_model, pointwise

# Networks in which a strided 1 x 1 shortcut has 8 channels.
NARROW = [("lite_xception", {}), ("deep_resnet", {"width": 0.25}), ("resmasking", {"width": 0.125})]


@pytest.mark.parametrize("channels", [1, 3, 4, 8, 12, 15, 16, 24])
def test_output_and_gradients_are_those_of_torch(channels: int) -> None:
    """Torch's kernel for contiguous images, which holds, says what is right; 16 channels and more are left to torch."""
    torch.manual_seed(channels)
    plain = nn.Conv2d(channels, 16, 1, stride=2)
    ours = nn.Sequential(copy.deepcopy(plain))
    pointwise.subsample_first(ours)
    assert (type(ours[0]) is pointwise.Conv2d) == (channels < 16)
    x = torch.rand(64, channels, 47, 48, requires_grad=True)
    last = x.detach().contiguous(memory_format=torch.channels_last).requires_grad_()
    with torch.no_grad():
        torch.testing.assert_close(ours(last), plain(last), rtol=1e-5, atol=1e-6)
    upstream = torch.rand(64, 16, 24, 24)
    for _ in range(5):
        expected = torch.autograd.grad(plain(x), (x, plain.weight, plain.bias), upstream)
        got = torch.autograd.grad(ours(last), (last, ours[0].weight, ours[0].bias), upstream)
        for mine, theirs in zip(got, expected, strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "options"), NARROW)
def test_no_network_leaves_such_a_layer_to_torch(name: str, options: dict[str, float]) -> None:
    model = create_model(name, seed=0, **options)
    points = [m for m in model.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (1, 1)]
    strided = [m for m in points if m.stride != (1, 1)]
    ours = [m for m in strided if isinstance(m, pointwise.Conv2d)]
    assert ours
    assert min(m.in_channels for m in strided if m not in ours) >= 16
