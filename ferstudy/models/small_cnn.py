"""The small network with inverted residual blocks that ``small_cnn`` proposes.

1. T. Dao Cong and H. Le Trung, "AI Programming Project", 2021, section 4.1 and Figure 8: two convolutions with batch
   norm and ReLU, the second 5 x 5, all others 3 x 3; 2 x 2 max pooling; four inverted residual blocks with middle
   widths 256, 256, 512, 512 and a skip connection; flattening and fully connected layers; no dropout. Table 1: 784,263
   parameters.
2. M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018: the block.

The layer widths are a reconstruction: Figure 8 carries them and is not in the text. The one here follows the text, has
power-of-two widths and one expansion factor, 4, and gives 784,263 exactly; other readings give that count too, so
the count supports it and does not prove it. The positions of the poolings are ours: the count fixes only that 128
values reach the first fully connected layer. The 9.62 MB of Table 1 are not explained by it (float32 weights are
2.99 MiB).

Notebook: ``notebooks/small_cnn.ipynb``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ferstudy.models._registry import register_model


def _normalised(in_chans: int, out_chans: int, kernel: int, groups: int = 1) -> list[nn.Module]:
    """A convolution with bias and a batch norm."""
    conv = nn.Conv2d(in_chans, out_chans, kernel, padding=kernel // 2, groups=groups)
    return [conv, nn.BatchNorm2d(out_chans)]


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow, add the input: (B, C, H, W) -> the same shape ([2], Figure 3 d)."""

    def __init__(self, channels: int, middle: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_normalised(channels, middle, 1),
            nn.ReLU(inplace=True),
            *_normalised(middle, middle, 3, groups=middle),
            nn.ReLU(inplace=True),
            *_normalised(middle, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class SmallCNN(nn.Module):
    """Section 4.1 of the paper."""

    def __init__(self, num_classes: int, in_chans: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_normalised(in_chans, 16, 3),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),  # 48 -> 24 pixels
            *_normalised(16, 64, 5),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),  # 24 -> 12
            InvertedResidual(64, 256),
            InvertedResidual(64, 256),
            nn.MaxPool2d(2),  # 12 -> 6
            *_normalised(64, 128, 3),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),  # 6 -> 3
            InvertedResidual(128, 512),
            InvertedResidual(128, 512),
        )
        # At 48 pixels a 2 x 2 pooling of 3 x 3 leaves one value a channel; at other sizes the maximum of all does.
        self.pool = nn.Sequential(nn.MaxPool2d(2), nn.AdaptiveMaxPool2d(1), nn.Flatten())
        self.classifier = nn.Sequential(
            nn.Linear(128, 512), nn.ReLU(inplace=True), nn.Linear(512, 512), nn.ReLU(inplace=True)
        )
        self.fc = nn.Linear(512, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.features(x))  # (B, C, 48, 48) -> (B, 128, 3, 3) -> (B, 128)
        return self.fc(self.classifier(x))


@register_model(
    paper="small_cnn",
    parameters=784_263,
    published_parameters=784_263,
    cam_layer="features",
    pretrained="small_cnn.fer2013.strong.s0",
    note="a reconstruction consistent with the printed count, which other readings of the text give too",
)
def small_cnn(num_classes: int, in_chans: int) -> nn.Module:
    """The proposed model of section 4.1."""
    return SmallCNN(num_classes, in_chans)
