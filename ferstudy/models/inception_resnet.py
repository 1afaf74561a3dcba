"""Inception-ResNet V1 with an embedding of 128 values, the third member of ``attention_fusion``.

1. T. T. Nguyen and T. H. Le, "Fusion of Attentional and Traditional Convolutional Networks for Facial Expression
   Recognition", 2021, section 3.6: an embedding of 128 values (E3) and a fully connected layer (O3); section 3.2: faces
   enlarged to 86 pixels; section 4.2: 22.8 M parameters, dropout 0.5.
2. C. Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", 2016.

The body is facenet-pytorch's; only its first convolution (for grey faces), its bottleneck and its classifier are made
anew, and with ``width`` all its convolutions with a share of their channels. Its weights for face identities (VGGFace2)
are a download of that package's own and are not used.

Grad-CAM looks at the 17 x 17 blocks (3 x 3 at 86 pixels), for behind them a single position is left.

Notebook: ``notebooks/attention_fusion.ipynb``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ferstudy.errors import FerstudyError
from ferstudy.models._registry import register_model
from ferstudy.models.squeezenet_se import EMBEDDING

WIDTHS = (0.125, 0.25, 0.5, 1.0)


def _narrow(body: nn.Module, width: float) -> None:
    """Give every convolution and batch norm of a body a share of its channels, freshly drawn, in place."""
    for name, module in list(body.named_modules()):
        if isinstance(module, nn.Conv2d):
            # The picture's colours stay; sums and joins of maps keep fitting, for all of them shrink alike.
            in_chans = module.in_channels if module.in_channels <= 3 else round(module.in_channels * width)
            thin: nn.Module = nn.Conv2d(
                in_chans,
                round(module.out_channels * width),
                module.kernel_size,  # type: ignore[arg-type]
                module.stride,  # type: ignore[arg-type]
                module.padding,  # type: ignore[arg-type]
                bias=module.bias is not None,
            )
        elif isinstance(module, nn.BatchNorm2d):
            thin = nn.BatchNorm2d(round(module.num_features * width), eps=module.eps, momentum=module.momentum)
        else:
            continue
        body.set_submodule(name, thin)


class InceptionResNetV1(nn.Module):
    """facenet-pytorch's body, a bottleneck to the embedding with batch norm, and a fully connected layer.

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        dropout: Probability of dropping a pooled feature.
        width: Share of the body's channels; the embedding keeps its 128 values.
        stem_stride: Stride of the first convolution; 1 takes faces of 48 pixels, which 2 leaves too few of.

    Raises:
        FerstudyError: facenet-pytorch is missing, or the width is no eighth, quarter, half or whole.
    """

    def __init__(
        self, num_classes: int, in_chans: int, dropout: float = 0.5, width: float = 1.0, stem_stride: int = 2
    ) -> None:
        if width not in WIDTHS:
            raise FerstudyError(
                f"width of inception_resnet_v1: expected one of {', '.join(map(str, WIDTHS))}, for its maps are joined "
                f"and must shrink alike, got {width}"
            )
        try:
            from facenet_pytorch import InceptionResnetV1
        except ModuleNotFoundError as error:
            raise FerstudyError(
                "model 'inception_resnet_v1' needs facenet-pytorch; install it with: "
                "pip install facenet-pytorch==2.5.3 --no-deps"
            ) from error

        super().__init__()
        body = InceptionResnetV1(pretrained=None, classify=False, dropout_prob=dropout)
        if (in_chans, stem_stride) != (3, 2):
            body.conv2d_1a.conv = nn.Conv2d(in_chans, 32, 3, stride=stem_stride, bias=False)
        pooled = round(body.last_linear.in_features * width)
        if width < 1:
            _narrow(body, width)
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
def inception_resnet_v1(
    num_classes: int, in_chans: int, dropout: float = 0.5, width: float = 1.0, stem_stride: int = 2
) -> nn.Module:
    """Inception-ResNet V1 with a 128-d embedding."""
    return InceptionResNetV1(num_classes, in_chans, dropout, width, stem_stride)
