"""MobileNet V1 at 48 x 48 pixels, the network of ``mobilenet_realtime``.

1. Y. Miao et al., "A Deep Learning System for Recognizing Facial Expression in Real-Time", 2019, section 3.2.1: the
   first version of MobileNet; section 3.2.2: 48 x 48 input, first convolution drawn anew; section 5: dropout 0.5
   between the average pooling and the fully connected layer; section 3.2.3: the pooled features are those of the
   centre loss.
2. A. Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017,
   Table 1, section 3.3 (width).

Where the paper is silent: all strides stay those of Table 1 of [2], padded by 1, so 48 pixels end as 2 x 2 and are
averaged whole. It prints no number of parameters; it says neither grey nor RGB, and grey is what FER2013 holds.

Notebook: ``notebooks/mobilenet_realtime.ipynb``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ferstudy.errors import FerstudyError
from ferstudy.models._registry import register_model

# Table 1 of [2]: output channels and stride of each depthwise separable block.
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *((512, 1),) * 5,
    (1024, 2),
    (1024, 1),
)


def _normalised(in_chans: int, out_chans: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_chans, out_chans, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(out_chans),
        nn.ReLU(inplace=True),
    )


class MobileNetV1(nn.Module):
    """Table 1 of [2].

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        dropout: Probability of dropping a pooled feature; the paper's 0.5.
        stem_stride: Stride of the first convolution; 1 keeps 3 x 3 instead of 2 x 2 positions at 48 pixels.
        width: Share of the channels of every layer, the width multiplier of [2]; a quarter trains on a CPU in a lesson.

    Raises:
        FerstudyError: A width that leaves no channel, or more than there are.
    """

    def __init__(
        self, num_classes: int, in_chans: int, dropout: float = 0.5, stem_stride: int = 2, width: float = 1.0
    ) -> None:
        super().__init__()
        if not 1 / 32 <= width <= 1:
            raise FerstudyError(f"width of mobilenet_v1: expected a share of 32 channels, 1/32 to 1, got {width}")
        before = round(32 * width)
        layers: list[nn.Module] = [_normalised(in_chans, before, 3, stem_stride)]
        for channels, stride in BLOCKS:
            after = round(channels * width)
            layers.append(
                nn.Sequential(_normalised(before, before, 3, stride, groups=before), _normalised(before, after, 1))
            )
            before = after
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(before, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)  # (B, C, 48, 48) -> (B, 1024, 2, 2)
        return self.fc(self.dropout(self.pool(x).flatten(1)))


@register_model(
    paper="mobilenet_realtime",
    parameters=3_213_575,
    cam_layer="features",
    note="the paper prints no count; on RGB the first convolution makes it 3,214,151",
)
def mobilenet_v1(
    num_classes: int, in_chans: int, dropout: float = 0.5, stem_stride: int = 2, width: float = 1.0
) -> nn.Module:
    """MobileNet V1, at full width unless told otherwise."""
    return MobileNetV1(num_classes, in_chans, dropout, stem_stride, width)
