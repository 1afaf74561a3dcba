"""SqueezeNet-SE and SqueezeNet Complex-SE, the two networks that ``attention_fusion`` proposes.

1. T. T. Nguyen and T. H. Le, "Fusion of Attentional and Traditional Convolutional Networks for Facial Expression
   Recognition", 2021, section 3.5: nine fire modules, each followed by a squeeze-and-excitation block (Figures 7 and
   8); in Complex-SE a skip connection around each fire module, with a 1 x 1 convolution where the number of channels
   changes (Figures 9 to 11), and the block after the sum; a ReLU after each convolution; global average pooling.
   Section 3.6: an embedding of 128 values and a fully connected layer of 7. Section 4.2: dropout 0.5.
2. F. Iandola et al., "SqueezeNet", 2016: fire modules, their widths and the places of the poolings.
3. J. Hu, L. Shen and G. Sun, "Squeeze-and-Excitation Networks", CVPR 2018.

Where the paper is silent: the ninth fire module's width (ours repeats the eighth's), the reduction of the SE block (16,
the default of [3]), batch norm after each convolution (the networks do not train from scratch without it). It prints
2.6 M and 4.4 M parameters, which no configuration that follows its text gives together; ``se_reduction`` and ``ninth``
expose what is open: a ninth of 128 / 512 with a reduction of 4 gives the 2.6 M (2,613,991), and its Complex-SE has
3,482,855.

Notebook: ``notebooks/attention_fusion.ipynb``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ferstudy.models._registry import register_model

EMBEDDING = 128
# Table 1 of [2]: squeeze width of fires 2 to 9; each expand part is four times as wide. Ours has a ninth.
SQUEEZE = (16, 16, 32, 32, 48, 48, 64, 64)
# Fires in front of which [2] pools.
_POOLED = (3, 7)


def _conv(in_chans: int, out_chans: int, kernel: int, stride: int = 1, padding: int = 0) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_chans, out_chans, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(out_chans),
        nn.ReLU(inplace=True),
    )


class SqueezeExcitation(nn.Module):
    """Weigh each channel by a gate in (0, 1) computed from all channels' means (paper, Figure 5)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(channels, channels // reduction),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x)[:, :, None, None]  # (B, C, H, W) * (B, C, 1, 1)


class Fire(nn.Module):
    """Squeeze to few channels, expand by 1 x 1 and 3 x 3 side by side, recalibrate; with ``bypass`` add the input.

    Args:
        in_chans: Channels of the input.
        squeeze: Channels between; the output has eight times as many.
        reduction: Of the SE block; 0 for none.
        bypass: Sum with the input first, through a 1 x 1 convolution where the channels differ (Figures 10 and 11).
    """

    def __init__(self, in_chans: int, squeeze: int, reduction: int, bypass: bool) -> None:
        super().__init__()
        expand = 4 * squeeze
        self.squeeze = _conv(in_chans, squeeze, 1)
        self.expand_1x1 = _conv(squeeze, expand, 1)
        self.expand_3x3 = _conv(squeeze, expand, 3, padding=1)
        self.shortcut: nn.Module | None = None
        if bypass:
            self.shortcut = nn.Identity() if in_chans == 2 * expand else _conv(in_chans, 2 * expand, 1)
        self.se = SqueezeExcitation(2 * expand, reduction) if reduction else nn.Identity()

    def expand(self, x: Tensor) -> Tensor:
        """What the SE block recalibrates: (B, C, H, W) -> (B, 8 * squeeze, H, W)."""
        squeezed = self.squeeze(x)
        out = torch.cat([self.expand_1x1(squeezed), self.expand_3x3(squeezed)], 1)
        return out if self.shortcut is None else out + self.shortcut(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.se(self.expand(x))


class SqueezeNetSE(nn.Module):
    """Figures 8 and 9.

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        bypass: Skip connections: SqueezeNet Complex-SE.
        se_reduction: How many channels share one hidden unit of an SE block; 0 for no such blocks: SqueezeNet alone.
        ninth: Squeeze width of the ninth fire module.
        dropout: Probability of dropping a value of the embedding; the paper's 0.5.
        stem_stride: Stride of the first convolution; 1 suits faces of 48 pixels.
    """

    def __init__(
        self,
        num_classes: int,
        in_chans: int,
        bypass: bool,
        se_reduction: int = 16,
        ninth: int = 64,
        dropout: float = 0.5,
        stem_stride: int = 2,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [_conv(in_chans, 96, 7, stem_stride, padding=3), nn.MaxPool2d(3, 2, ceil_mode=True)]
        before = 96
        for number, squeeze in enumerate((*SQUEEZE, ninth)):
            if number in _POOLED:
                layers.append(nn.MaxPool2d(3, 2, ceil_mode=True))
            layers.append(Fire(before, squeeze, se_reduction, bypass))
            before = 8 * squeeze
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.embedding = nn.Linear(before, EMBEDDING)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(EMBEDDING, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def embed(self, x: Tensor) -> Tensor:
        """The embedding of section 3.6: (B, C, H, W) -> (B, 128)."""
        return self.embedding(self.pool(self.features(x)).flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.dropout(self.embed(x)))

    def gates(self, x: Tensor) -> list[Tensor]:
        """What each SE block multiplies its channels by, first block first: (B, C, H, W) -> nine (B, channels).

        Without such blocks there are none.
        """
        values = []
        for layer in self.features:
            if isinstance(layer, Fire) and isinstance(layer.se, SqueezeExcitation):
                values.append(layer.se.gate(layer.expand(x)))
            x = layer(x)
        return values


@register_model(
    paper="attention_fusion",
    parameters=1_161_639,
    published_parameters=2_600_000,
    input_size=86,
    channels=3,
    cam_layer="features",
    note="fire widths of SqueezeNet, SE reduction 16; a ninth of 128 / 512 and a reduction of 4 give the printed 2.6 M",
)
def squeezenet_se(num_classes: int, in_chans: int, **options: int | float) -> nn.Module:
    """SqueezeNet-SE."""
    return SqueezeNetSE(num_classes, in_chans, bypass=False, **options)  # type: ignore[arg-type]


@register_model(
    paper="attention_fusion",
    parameters=1_504_167,
    published_parameters=4_400_000,
    input_size=86,
    channels=3,
    cam_layer="features",
    note="as squeezenet_se with bypasses, 1 x 1 where channels change; the printed 4.4 M follows from no reading",
)
def squeezenet_complex_se(num_classes: int, in_chans: int, **options: int | float) -> nn.Module:
    """SqueezeNet Complex-SE."""
    return SqueezeNetSE(num_classes, in_chans, bypass=True, **options)  # type: ignore[arg-type]
