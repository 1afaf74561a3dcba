"""The ensemble of ``attention_fusion``: three networks joined at feature level and at decision level.

T. T. Nguyen and T. H. Le, "Fusion of Attentional and Traditional Convolutional Networks for Facial Expression
Recognition", 2021, section 3.6. The embeddings E1, E2, E3 (128 values each) make a 128 x 3 matrix; a convolution with a
1 x 3 kernel makes a 128 x 3 x 128 map; average pooling makes the AEV (128 x 1 x 1), a fully connected layer O4. The
output is the average of O1 to O4.

The text can be read in three ways, and :data:`READINGS` has all of them. Section 3.5 ends with "ReLU is applied after
each layer Conv", so a ReLU follows the convolution by default, and the AEV of many faces has rank 128. Without it the
average of a linear map is linear in the three embeddings' sums, and the AEV has rank 3 whatever is learnt. Or the first
128 of 128 x 3 x 128 are the rows and the last the channels, and the pooling keeps a value for each row, as 128 x 1 x 1
says it too.

Section 2.5 averages probabilities where section 3.6 averages the outputs of the fully connected layers; ours averages
the latter, which is what a softmax loss trains end to end (``average="probabilities"`` gives the former). The paper
does not say whether the members are frozen: both work (a recipe's ``freeze=("members",)``). It prints no count for the
whole.

Notebook: ``notebooks/attention_fusion.ipynb``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from ferstudy.errors import unknown
from ferstudy.models._registry import register_model
from ferstudy.models.inception_resnet import InceptionResNetV1
from ferstudy.models.squeezenet_se import EMBEDDING, SqueezeNetSE

AVERAGES = ("logits", "probabilities")
READINGS = ("relu", "linear", "rows")


class AttentionFusion(nn.Module):
    """Section 3.6.

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        average: What the decision level averages, ``logits`` or ``probabilities`` (returned as their logarithm).
        dropout: Of the members.
        reading: How the AEV is made of the convolution's map, one of ``READINGS``: ``relu`` averages each channel after
            a ReLU, ``linear`` without one, ``rows`` averages each row after a ReLU.
        width: Share of the channels of Inception-ResNet V1, the largest member by far.
        stem_stride: Stride of that member's first convolution; 1 takes faces of 48 pixels.
    """

    def __init__(
        self,
        num_classes: int,
        in_chans: int,
        average: str = "logits",
        dropout: float = 0.5,
        reading: str = "relu",
        width: float = 1.0,
        stem_stride: int = 2,
    ) -> None:
        super().__init__()
        if average not in AVERAGES:
            raise unknown("average of attention_fusion", average, AVERAGES)
        if reading not in READINGS:
            raise unknown("reading of attention_fusion", reading, READINGS)
        self.average, self.reading = average, reading
        members: dict[str, SqueezeNetSE | InceptionResNetV1] = {
            "squeezenet_se": SqueezeNetSE(num_classes, in_chans, bypass=False, dropout=dropout),
            "squeezenet_complex_se": SqueezeNetSE(num_classes, in_chans, bypass=True, dropout=dropout),
            "inception_resnet_v1": InceptionResNetV1(num_classes, in_chans, dropout, width, stem_stride),
        }
        self.members = nn.ModuleDict(members)
        # The matrix is 128 rows of 3, so the kernel spans one row: a value of each of the three embeddings.
        self.combine = nn.Conv2d(1, EMBEDDING, (1, 3), padding=(0, 1))
        self.fc = nn.Linear(EMBEDDING, num_classes)

    def combined(self, embeddings: Sequence[Tensor]) -> Tensor:
        """The AEV of E1, E2 and E3: three times (B, 128) -> (B, 128)."""
        matrix = torch.stack(list(embeddings), -1).unsqueeze(1)  # 3 x (B, 128) -> (B, 1, 128, 3)
        found = self.combine(matrix)  # (B, 128 channels, 128 rows, 3)
        if self.reading != "linear":
            found = found.relu()
        return found.mean((1, 3) if self.reading == "rows" else (2, 3))

    def outputs(self, x: Tensor) -> Tensor:
        """O1 to O4 for images (B, C, H, W): (B, 4, K) logits, the last of the combined embeddings."""
        members = [cast(SqueezeNetSE | InceptionResNetV1, member) for member in self.members.values()]
        embeddings = [member.embed(x) for member in members]
        decisions = [member.fc(e) for member, e in zip(members, embeddings, strict=True)]
        return torch.stack([*decisions, self.fc(self.combined(embeddings))], 1)

    def forward(self, x: Tensor) -> Tensor:
        outputs = self.outputs(x)
        if self.average == "logits":
            return outputs.mean(1)
        return outputs.softmax(-1).mean(1).log()


@register_model(
    paper="attention_fusion",
    parameters=25_461_852,
    input_size=86,
    channels=3,
    cam_layer="members.squeezenet_complex_se.features",
    note="the three members and 1,415 parameters that join them; the paper prints no count for the whole",
)
def attention_fusion(
    num_classes: int,
    in_chans: int,
    average: str = "logits",
    dropout: float = 0.5,
    reading: str = "relu",
    width: float = 1.0,
    stem_stride: int = 2,
) -> nn.Module:
    """Three networks, joined at feature level and at decision level."""
    return AttentionFusion(num_classes, in_chans, average, dropout, reading, width, stem_stride)
