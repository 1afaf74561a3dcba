"""VGGNet of Khaireddin and Chen, the second of the surveyed networks of ``small_cnn``.

1. T. Dao Cong and H. Le Trung, "AI Programming Project", 2021, section 2.3 and Figure 4: four stages of two blocks
   (convolution, ReLU, batch norm) and a max pooling, then three fully connected layers, the first two with ReLU.
2. Y. Khaireddin and Z. Chen, "Facial Emotion Recognition: State of the Art Performance on FER2013", 2021.

The text gives no widths. Those here are of the authors' public code: 64-128-256-512, 40 x 40 crops, 4096 in the hidden
layers, dropout 0.2 in front of their ReLUs, and batch norm before the ReLU of a convolution, where the text has it
after.

Notebook: ``notebooks/small_cnn.ipynb``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ferstudy.models._registry import register_model

WIDTHS = (64, 128, 256, 512)
HIDDEN = 4096
# 40 pixels after four halvings.
_SIDE = 2


class VGGNet(nn.Module):
    """Figure 4 of the paper.

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        dropout: Probability of dropping a hidden unit.
        width: Share of all widths that is kept; the same layers, narrow enough for a lesson.
    """

    def __init__(self, num_classes: int, in_chans: int, dropout: float = 0.2, width: float = 1.0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before, hidden = in_chans, max(1, round(HIDDEN * width))
        for after in (max(1, round(full * width)) for full in WIDTHS):
            for chans in (before, after):
                layers += [nn.Conv2d(chans, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
            layers.append(nn.MaxPool2d(2))
            before = after
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(_SIDE)
        self.hidden = nn.Sequential(
            nn.Flatten(),
            nn.Linear(before * _SIDE**2, hidden),
            nn.Dropout(dropout),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, hidden),
            nn.Dropout(dropout),
            nn.ReLU(inplace=True),
        )
        self.fc = nn.Linear(hidden, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.hidden(self.pool(self.features(x))))  # (B, C, 40, 40) -> (B, 512, 2, 2) -> (B, K)


@register_model(
    paper="small_cnn",
    parameters=29_890_759,
    input_size=40,
    cam_layer="features.26",
    note="the paper prints no count; widths of the authors' public code",
)
def vggnet(num_classes: int, in_chans: int, dropout: float = 0.2, width: float = 1.0) -> nn.Module:
    """VGGNet with 4096 hidden units, or a share of all its widths."""
    return VGGNet(num_classes, in_chans, dropout, width)
