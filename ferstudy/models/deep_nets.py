"""Modern deep networks at the size of the faces: VGG, Inception and ResNet after Pramerdorfer and Kampel.

1. T. Dao Cong and H. Le Trung, "AI Programming Project", 2021, section 2.4: the small size of FER datasets is not what
   limits accuracy; deep networks "do not necessarily have more parameters", and an ensemble of them reached 75.2 % on
   FER2013.
2. C. Pramerdorfer and M. Kampel, "Facial Expression Recognition using Convolutional Neural Networks: State of the Art",
   2016: the source of the comparison.

Section 2.4 gives no layer. The three here are the named families reduced to 48 x 48: half the published widths, no
early subsampling, a dropout after each stage of the VGG. Their widths are ours and no count is claimed; ``width``
keeps a share of them. The variants ``*_72`` are the same networks fed with faces enlarged to 72 x 72.

Notebook: ``notebooks/small_cnn.ipynb``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock

from ferstudy.models._registry import register_model


def _conv(in_chans: int, out_chans: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_chans, out_chans, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(out_chans),
        nn.ReLU(inplace=True),
    )


def _widths(share: float, *full: int) -> list[int]:
    """A share of some widths, in steps of eight channels, which an inception block divides by."""
    return [max(8, 8 * round(width * share / 8)) for width in full]


class DeepVGG(nn.Module):
    """Eight convolutions in four stages, a hidden layer and the output: ten layers with weights."""

    def __init__(self, num_classes: int, in_chans: int, dropout: float = 0.25, width: float = 1.0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = in_chans
        for after in _widths(width, 32, 64, 128, 256):
            layers += [_conv(before, after), _conv(after, after), nn.MaxPool2d(2), nn.Dropout(dropout)]
            before = after
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(3)
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(before * 9, before), nn.ReLU(inplace=True), nn.Dropout(0.5))
        self.fc = nn.Linear(before, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.hidden(self.pool(self.features(x))))  # (B, C, 48, 48) -> (B, 256, 3, 3) -> (B, K)


class InceptionBlock(nn.Module):
    """Four branches side by side: 1 x 1, 3 x 3, two 3 x 3 for a 5 x 5, and a pooling, joined over the channels."""

    def __init__(self, in_chans: int, out_chans: int) -> None:
        super().__init__()
        quarter, half, eighth = out_chans // 4, out_chans // 2, out_chans // 8
        self.one = _conv(in_chans, quarter, 1)
        self.three = nn.Sequential(_conv(in_chans, quarter, 1), _conv(quarter, half))
        self.five = nn.Sequential(_conv(in_chans, eighth, 1), _conv(eighth, eighth), _conv(eighth, eighth))
        self.pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), _conv(in_chans, eighth, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


class DeepInception(nn.Module):
    """Two convolutions, six inception blocks in three stages, and the output."""

    def __init__(self, num_classes: int, in_chans: int, dropout: float = 0.4, width: float = 1.0) -> None:
        super().__init__()
        first, stem, *stages = _widths(width, 32, 96, 128, 192, 256, 256, 384, 512)
        layers: list[nn.Module] = [_conv(in_chans, first), _conv(first, stem)]
        before = stem
        for k, after in enumerate(stages):
            layers += [nn.MaxPool2d(2)] if k % 2 == 0 else []
            layers.append(InceptionBlock(before, after))
            before = after
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(before, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)  # (B, C, 48, 48) -> (B, 512, 6, 6)
        return self.fc(self.dropout(self.pool(x).flatten(1)))


class DeepResNet(nn.Module):
    """ResNet-34 at half width whose stem is a 3 x 3 convolution without subsampling."""

    def __init__(self, num_classes: int, in_chans: int, dropout: float = 0.4, width: float = 1.0) -> None:
        super().__init__()
        widths = _widths(width, 32, 64, 128, 256)
        before = widths[0]
        layers: list[nn.Module] = [_conv(in_chans, before)]
        for after, blocks in zip(widths, (3, 4, 6, 3), strict=True):
            for _ in range(blocks):
                stride = 1 if before == after else 2
                shortcut = None
                if stride == 2:
                    shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
                layers.append(BasicBlock(before, after, stride, shortcut))
                before = after
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(before, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)  # (B, C, 48, 48) -> (B, 256, 6, 6)
        return self.fc(self.dropout(self.pool(x).flatten(1)))


_NOTE = "the paper prints no layer and no count; the widths are ours"


def _register(parameters: int, cam_layer: str) -> Callable[[Callable[..., nn.Module]], Callable[..., nn.Module]]:
    """Register a network at 48 pixels, and at 72 under ``*_72``."""

    def register(build: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
        for name, size in ((build.__name__, 48), (f"{build.__name__}_72", 72)):
            register_model(
                name=name, paper="small_cnn", parameters=parameters, input_size=size, cam_layer=cam_layer, note=_NOTE
            )(build)
        return build

    return register


@_register(parameters=1_764_519, cam_layer="features.13")
def deep_vgg(num_classes: int, in_chans: int, dropout: float = 0.25, width: float = 1.0) -> nn.Module:
    """The VGG family."""
    return DeepVGG(num_classes, in_chans, dropout, width)


@_register(parameters=1_207_015, cam_layer="features")
def deep_inception(num_classes: int, in_chans: int, dropout: float = 0.4, width: float = 1.0) -> nn.Module:
    """The Inception family."""
    return DeepInception(num_classes, in_chans, dropout, width)


@_register(parameters=5_325_159, cam_layer="features")
def deep_resnet(num_classes: int, in_chans: int, dropout: float = 0.4, width: float = 1.0) -> nn.Module:
    """The ResNet family."""
    return DeepResNet(num_classes, in_chans, dropout, width)
