"""Inception-ResNet V1 with an embedding of 128 values, the third member of ``attention_fusion``.

1. T. T. Nguyen and T. H. Le, "Fusion of Attentional and Traditional Convolutional Networks for Facial Expression
   Recognition", 2021, section 3.6: an embedding of 128 values (E3) and a fully connected layer (O3); section 3.2: faces
   enlarged to 86 pixels; section 4.2: 22.8 M parameters, dropout 0.5.
2. C. Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", 2016.

The body is facenet-pytorch's; only its first convolution (for grey faces), its bottleneck and its classifier are made
anew. Its weights for face identities (VGGFace2) are a download of that package's own and are not used.

Grad-CAM looks at the 17 x 17 blocks (3 x 3 at 86 pixels), for behind them a single position is left.

Notebook: ``notebooks/attention_fusion.ipynb``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ferstudy.errors import FerstudyError
from ferstudy.models._registry import register_model
from ferstudy.models.squeezenet_se import EMBEDDING


class InceptionResNetV1(nn.Module):
    """facenet-pytorch's body, a bottleneck to the embedding with batch norm, and a fully connected layer.

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        dropout: Probability of dropping a pooled feature.
    """

    def __init__(self, num_classes: int, in_chans: int, dropout: float = 0.5) -> None:
        try:
            from facenet_pytorch import InceptionResnetV1
        except ModuleNotFoundError as error:
            raise FerstudyError(
                "model 'inception_resnet_v1' needs facenet-pytorch; install it with: "
                "pip install facenet-pytorch==2.5.3 --no-deps"
            ) from error

        super().__init__()
        body = InceptionResnetV1(pretrained=None, classify=False, dropout_prob=dropout)
        if in_chans != 3:
            body.conv2d_1a.conv = nn.Conv2d(in_chans, 32, 3, stride=2, bias=False)
        pooled = body.last_linear.in_features
        self.features = nn.Sequential(
            *(
                module
                for name, module in body.named_children()
                if name not in ("avgpool_1a", "dropout", "last_linear", "last_bn")
            )
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.bottleneck = nn.Sequential(nn.Linear(pooled, EMBEDDING, bias=False), nn.BatchNorm1d(EMBEDDING, eps=0.001))
        self.fc = nn.Linear(EMBEDDING, num_classes)

    def embed(self, x: Tensor) -> Tensor:
        """The embedding of section 3.6: (B, C, H, W) -> (B, 128)."""
        return self.bottleneck(self.dropout(self.pool(self.features(x)).flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.embed(x))


@register_model(
    paper="attention_fusion",
    parameters=22_794_631,
    published_parameters=22_800_000,
    input_size=86,
    channels=3,
    cam_layer="features.9",
    note="exact to the printed precision; 512 values in the embedding would print 23.5 M",
)
def inception_resnet_v1(num_classes: int, in_chans: int, dropout: float = 0.5) -> nn.Module:
    """Inception-ResNet V1 with a 128-d embedding."""
    return InceptionResNetV1(num_classes, in_chans, dropout)
