"""FER-net, the first of the surveyed networks that ``small_cnn`` retrains.

1. T. Dao Cong and H. Le Trung, "AI Programming Project", 2021, section 2.2 and Figure 2: four convolutions (C1 to C4),
   four max poolings, two fully connected layers (F1, F2), batch norm on the output of all six, ReLU, dropout 0.25 on
   the convolutions and 0.5 on the fully connected layer, softmax; 48 x 48 in the authors' own run.
2. K. Mohan et al., "FER-net: facial expression recognition using deep neural net", Neural Computing and Applications
   33, 2021: the source, 256 x 256.

Neither the text nor public code gives widths, kernels or a count. Ours: 3 x 3 padded, 32-64-128-256, F1 of 256.

Notebook: ``notebooks/small_cnn.ipynb``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ferstudy.models._registry import register_model

WIDTHS = (32, 64, 128, 256)
# 48 pixels after four halvings.
_SIDE = 3


class FERNet(nn.Module):
    """Figure 2 of the paper; the flattened side is fixed at 3, what 48 pixels leave (other sizes are pooled to it)."""

    def __init__(self, num_classes: int, in_chans: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = in_chans
        for after in WIDTHS:
            layers += [
                nn.Conv2d(before, after, 3, padding=1),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
                nn.Dropout(0.25),
            ]
            before = after
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(_SIDE)
        self.hidden = nn.Sequential(
            nn.Flatten(),
            nn.Linear(before * _SIDE**2, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.fc = nn.Linear(256, num_classes)
        self.output_norm = nn.BatchNorm1d(num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.hidden(self.pool(self.features(x)))  # (B, C, 48, 48) -> (B, 256, 3, 3) -> (B, 256)
        return self.output_norm(self.fc(x))


@register_model(
    paper="small_cnn",
    parameters=981_205,
    cam_layer="features.17",
    note="no source prints widths or a count; the widths are ours",
)
def fernet(num_classes: int, in_chans: int) -> nn.Module:
    """FER-net with widths 32, 64, 128, 256 and 256."""
    return FERNet(num_classes, in_chans)
