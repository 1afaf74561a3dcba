"""ResNets with attention, the baselines of ``residual_masking`` that no well-kept library has.

1. L. Pham, T. H. Vu and T. A. Tran, "Facial Expression Recognition Using Residual Masking Network", ICPR 2020, Table
   II: Bam_resnet50 (23.8 M), Cbam_resnet50 (28.5 M), ResAttNet56 (29.0 M).
2. J. Park et al., "BAM: Bottleneck Attention Module", BMVC 2018.
3. S. Woo et al., "CBAM: Convolutional Block Attention Module", ECCV 2018.
4. F. Wang et al., "Residual Attention Network for Image Classification", CVPR 2017.

The ResNet-50 of the first two is torchvision's, names kept, so that its ImageNet weights fit.

Notebook: ``notebooks/residual_masking.ipynb``.
"""

from __future__ import annotations

from typing import Any

import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck

from ferstudy.models._registry import register_model
from ferstudy.models.torchvision_networks import adapt_first_convolution


class BottleneckAttention(nn.Module):
    """BAM ([2], section 3): gates in (0, 1) of a channel branch and a spatial branch, ``x (1 + sigmoid(c + s))``.

    Args:
        channels: Channels of the map.
        reduction: How many channels share one hidden unit.
        dilation: Spacing of the spatial branch's 3 x 3 kernels.
    """

    def __init__(self, channels: int, reduction: int = 16, dilation: int = 4) -> None:
        super().__init__()
        hidden = channels // reduction
        self.channel = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(channels, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, channels),
        )
        self.spatial = nn.Sequential(
            nn.Conv2d(channels, hidden, 1),
            nn.BatchNorm2d(hidden),
            nn.ReLU(inplace=True),
            *(
                layer
                for _ in range(2)
                for layer in (
                    nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation),
                    nn.BatchNorm2d(hidden),
                    nn.ReLU(inplace=True),
                )
            ),
            nn.Conv2d(hidden, 1, 1),
        )

    def gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape, in (0, 1)."""
        return torch.sigmoid(self.channel(x)[:, :, None, None] + self.spatial(x))

    def forward(self, x: Tensor) -> Tensor:
        return x * (1 + self.gate(x))


class ConvolutionalBlockAttention(nn.Module):
    """CBAM ([3], section 3): a channel gate from average and maximum, then a spatial gate from both.

    Args:
        channels: Channels of the map.
        reduction: How many channels share one hidden unit.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.channel = nn.Sequential(
            nn.Linear(channels, channels // reduction),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels),
        )
        self.spatial = nn.Sequential(nn.Conv2d(2, 1, 7, padding=3, bias=False), nn.BatchNorm2d(1))

    def channel_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, 1, 1) in (0, 1)."""
        summed = self.channel(x.mean((2, 3))) + self.channel(x.amax((2, 3)))
        return torch.sigmoid(summed)[:, :, None, None]

    def spatial_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 1, H, W) in (0, 1)."""
        pooled = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)
        return torch.sigmoid(self.spatial(pooled))

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.channel_gate(x)
        return x * self.spatial_gate(x)


class _CBAMBottleneck(Bottleneck):
    """torchvision's residual block with CBAM before the sum."""

    reduction: int

    def __init__(self, inplanes: int, planes: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(inplanes, planes, *args, **kwargs)
        self.cbam = ConvolutionalBlockAttention(planes * self.expansion, self.reduction)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.cbam(self.bn3(self.conv3(out)))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class AttentionModule(nn.Module):
    """A trunk beside an hourglass mask, ``(1 + M) T`` ([4], section 3, p = 1, t = 2, r = 1).

    Args:
        channels: Channels of the map, in and out.
        depth: Times that the mask branch halves the map.
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.first = _residual(channels, channels)
        self.trunk = nn.Sequential(_residual(channels, channels), _residual(channels, channels))
        self.down = nn.ModuleList(_residual(channels, channels) for _ in range(depth))
        self.up = nn.ModuleList(_residual(channels, channels) for _ in range(depth))
        self.skip = nn.ModuleList(_residual(channels, channels) for _ in range(depth - 1))
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.gate = nn.Sequential(
            *_before(channels),
            nn.Conv2d(channels, channels, 1, bias=False),
            *_before(channels),
            nn.Conv2d(channels, channels, 1),
            nn.Sigmoid(),
        )
        self.last = _residual(channels, channels)

    def mask(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape, in (0, 1)."""
        sizes, skips = [], []
        for step, block in enumerate(self.down):
            sizes.append(x.shape[-2:])
            x = block(self.pool(x))
            if step < len(self.skip):
                skips.append(self.skip[step](x))
        for step, block in enumerate(self.up):
            x = nn.functional.interpolate(block(x), sizes[-1 - step], mode="bilinear", align_corners=False)
            if skips:
                x = x + skips.pop()
        return self.gate(x)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return self.last(self.trunk(x) * (1 + self.mask(x)))


def _before(channels: int) -> tuple[nn.Module, nn.Module]:
    """Pre-activation: batch norm and ReLU ahead of a convolution."""
    return nn.BatchNorm2d(channels), nn.ReLU(inplace=True)


class _PreActivation(nn.Module):
    """Bottleneck unit with activations before the convolutions: (B, C, H, W) -> (B, C', H / stride, W / stride)."""

    def __init__(self, in_chans: int, out_chans: int, stride: int) -> None:
        super().__init__()
        middle = out_chans // 4
        # Not in place: the shortcut reads the same map.
        self.activate = nn.Sequential(nn.BatchNorm2d(in_chans), nn.ReLU())
        self.body = nn.Sequential(
            nn.Conv2d(in_chans, middle, 1, bias=False),
            *_before(middle),
            nn.Conv2d(middle, middle, 3, stride, padding=1, bias=False),
            *_before(middle),
            nn.Conv2d(middle, out_chans, 1, bias=False),
        )
        changes = in_chans != out_chans or stride != 1
        self.shortcut = nn.Conv2d(in_chans, out_chans, 1, stride, bias=False) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.activate(x)) + self.shortcut(x)


def _residual(in_chans: int, out_chans: int, stride: int = 1) -> nn.Module:
    return _PreActivation(in_chans, out_chans, stride)


class ResidualAttentionNetwork56(nn.Module):
    """Attention-56: one attention module in each of three stages ([4], Table 2)."""

    def __init__(self, num_classes: int, in_chans: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(in_chans, 64, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.stages = nn.Sequential(
            _residual(64, 256),
            AttentionModule(256, depth=3),
            _residual(256, 512, stride=2),
            AttentionModule(512, depth=2),
            _residual(512, 1024, stride=2),
            AttentionModule(1024, depth=1),
            _residual(1024, 2048, stride=2),
            _residual(2048, 2048),
            _residual(2048, 2048),
            nn.BatchNorm2d(2048),
            nn.ReLU(inplace=True),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(2048, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pool(self.stages(self.stem(x))).flatten(1))  # (B, C, 224, 224) -> (B, 2048, 7, 7) -> (B, K)


@register_model(
    paper="residual_masking",
    parameters=23_880_442,
    published_parameters=23_800_000,
    input_size=224,
    channels=3,
    cam_layer="layer4",
    imagenet="resnet50",
    note="the same count; the paper cuts it off after one decimal",
)
def bam_resnet50(num_classes: int, in_chans: int) -> nn.Module:
    """ResNet-50 with a BAM after each of its first three stages."""
    model = torchvision.models.resnet50(num_classes=num_classes)
    adapt_first_convolution(model, in_chans)
    for number, channels in ((1, 256), (2, 512), (3, 1024)):
        model.get_submodule(f"layer{number}").append(BottleneckAttention(channels))
    return model


@register_model(
    paper="residual_masking",
    parameters=28_570_855,
    published_parameters=28_500_000,
    input_size=224,
    channels=3,
    cam_layer="layer4",
    imagenet="resnet50",
    note="with reduction 8 the same count, cut off after one decimal; CBAM's own 16 gives 26,054,967",
)
def cbam_resnet50(num_classes: int, in_chans: int, reduction: int = 8) -> nn.Module:
    """ResNet-50 with CBAM in each of its sixteen blocks."""

    # torchvision's ResNet takes a class, so the reduction is set on one of its own.
    block = type("CBAMBottleneck", (_CBAMBottleneck,), {"reduction": reduction})
    model = torchvision.models.ResNet(block, [3, 4, 6, 3], num_classes=num_classes)
    adapt_first_convolution(model, in_chans)
    return model


@register_model(
    paper="residual_masking",
    parameters=29_777_863,
    published_parameters=29_000_000,
    input_size=224,
    channels=3,
    cam_layer="stages",
    note="2.7 % above the printed 29.0 M; the cited paper prints 31.9 M at 1000 outputs, ours there has 31,812,520",
)
def resattnet56(num_classes: int, in_chans: int) -> nn.Module:
    """Residual Attention Network, Attention-56."""
    return ResidualAttentionNetwork56(num_classes, in_chans)
