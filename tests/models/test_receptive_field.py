"""Receptive fields against the arithmetic of kernels and strides."""

from __future__ import annotations

import torch
from torch import nn

from ferstudy.models import create_model
from ferstudy.models.receptive_field import receptive_field


def test_kernels_and_strides_by_hand() -> None:
    """3 x 3, pooling of 2, 5 x 3: 3 + 1 + 2 x 4 = 12 rows, 3 + 1 + 2 x 2 = 8 columns."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.AvgPool2d(2), nn.Conv2d(8, 8, (5, 3), padding=(2, 1)))
    field = receptive_field(net, "2", (1, 40, 40))
    assert (field.rows, field.columns) == (12, 8)
    assert field.magnitude.sum() == 1 or abs(field.magnitude.sum() - 1) < 1e-9
    assert field.effective <= 13


def test_a_single_kernel_is_seen_whole_through_rectifier_and_maximum() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 32, 3, padding=1))
    field = receptive_field(net, "3", (1, 32, 32), images=8)
    assert (field.rows, field.columns) == (8, 8)  # 3 x 3 over pairs: 6, and one more on each side


def test_gates_see_the_whole_face() -> None:
    field = receptive_field(create_model("squeezenet_se", seed=0), "features", (3, 86, 86))
    assert (field.rows, field.columns) == (86, 86)
    plain = receptive_field(create_model("lite_xception", seed=0), "stem", (1, 48, 48))
    assert (plain.rows, plain.columns) == (5, 5)
