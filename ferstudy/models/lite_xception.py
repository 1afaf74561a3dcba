"""lite-XceptionFCNet: a four-block separable residual network for 48 x 48 grey faces.

1. V. H. Chuong and V. H. Cuong, "Facial Expression Recognition: A Lite Deep Learning Based Approach".
   Table 1 gives the body, section 2.1 the block ("four residual depthwise separable convolutions and a batch
   normalization and ReLU activation function after each convolution") and the head ("global average pooling and
   a fully connected layer").
2. F. Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017: the residual module.

Where the paper is silent: padding (Table 1's 46 and 44 need unpadded stem convolutions, its 22, 11, 6 and 3 need
padded pooling with stride 2), two separable convolutions a block with the second's ReLU left out before the sum
(as in Xception), and no bias beside a batch norm.

The paper prints 488.7 K parameters. Table 1's widths give 49,783, and no reading of its text that we tried gives
488.7 K. Both are therefore here: :func:`lite_xception` is the printed table, :func:`lite_xception_wide` is the
printed topology with every width multiplied by one factor, the one whose count lies nearest to the claim.

Notebook: ``notebooks/lite_xception.ipynb``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ferstudy.models._registry import register_model

STEM = 8
BLOCKS = (16, 32, 64, 128)


class SeparableConv(nn.Sequential):
    """A 3 x 3 convolution of each channel alone, then a 1 x 1 convolution across channels (paper, Fig. 1 b)."""

    def __init__(self, in_chans: int, out_chans: int) -> None:
        super().__init__(
            nn.Conv2d(in_chans, in_chans, 3, padding=1, groups=in_chans, bias=False),
            nn.Conv2d(in_chans, out_chans, 1, bias=False),
        )


class XceptionRes(nn.Module):
    """Two separable convolutions and a strided pooling beside a strided 1 x 1 shortcut (Table 1, stages 3 to 6)."""

    def __init__(self, in_chans: int, out_chans: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            SeparableConv(in_chans, out_chans),
            nn.BatchNorm2d(out_chans),
            nn.ReLU(inplace=True),
            SeparableConv(out_chans, out_chans),
            nn.BatchNorm2d(out_chans),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.shortcut = nn.Sequential(
            nn.Conv2d(in_chans, out_chans, 1, stride=2, bias=False), nn.BatchNorm2d(out_chans)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.shortcut(x)  # (B, C, H, W) -> (B, C', ceil(H / 2), ceil(W / 2))


class LiteXception(nn.Module):
    """Table 1 of the paper, with the widths as arguments.

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        stem: Channels of the two stem convolutions (stages 1 and 2).
        blocks: Channels of the residual blocks (stages 3 to 6).
        dropout: Probability of dropping a pooled feature before the last layer; the paper names none.
    """

    def __init__(
        self,
        num_classes: int,
        in_chans: int,
        stem: int = STEM,
        blocks: tuple[int, ...] = BLOCKS,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(in_chans, stem, 3, bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(inplace=True),
            nn.Conv2d(stem, stem, 3, bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(inplace=True),
        )
        widths = (stem, *blocks)
        self.blocks = nn.Sequential(*(XceptionRes(a, b) for a, b in zip(widths, blocks, strict=False)))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(blocks[-1], num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(self.stem(x))  # (B, C, 48, 48) -> (B, 128, 3, 3)
        return self.fc(self.dropout(self.pool(x).flatten(1)))  # (B, 128) -> (B, K)


@register_model(
    paper="lite_xception",
    parameters=49_783,
    published_parameters=488_700,
    cam_layer="blocks",
    pretrained="lite_xception.fer2013.strict.s0",
    note="Table 1's widths; the printed 488.7 K follows from no reading of the paper's text that we tried",
)
def lite_xception(num_classes: int, in_chans: int, dropout: float = 0.0) -> nn.Module:
    """lite-XceptionFCNet with the widths of Table 1."""
    return LiteXception(num_classes, in_chans, dropout=dropout)


@register_model(
    paper="lite_xception",
    parameters=484_631,
    published_parameters=488_700,
    cam_layer="blocks",
    pretrained="lite_xception_wide.fer2013.strict.s0",
    note="Table 1 with every width times 3.28, rounded to multiples of 8: the count nearest to the printed 488.7 K",
)
def lite_xception_wide(num_classes: int, in_chans: int, dropout: float = 0.0) -> nn.Module:
    """The topology of Table 1 widened by one factor to the paper's parameter count (ours, not the paper's)."""
    return LiteXception(num_classes, in_chans, stem=24, blocks=(56, 104, 208, 416), dropout=dropout)
