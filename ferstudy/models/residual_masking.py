"""The Residual Masking Network: a ResNet whose four stages are each refined by a U-Net mask.

1. L. Pham, T. H. Vu and T. A. Tran, "Facial Expression Recognition Using Residual Masking Network", ICPR 2020: section
   III.B and Figure 2 (the blocks), equation (1) (the refinement), Table I (the shapes).
2. O. Ronneberger, P. Fischer and T. Brox, "U-Net", MICCAI 2015.

Where the paper is silent or its text and its public code differ, this follows the code, which made the numbers: the
first convolution is 7 x 7 (Table I) and not 3 x 3 (section III.A); the mask's last activation is a softmax over the
channels, so a mask is in (0, 1) and sums to 1 at every position (section III.B says only "value in range [0, 1]"); the
head is Dropout 0.4 and a fully connected layer. A mask has as many encoder steps as fit its map: 4, 3, 2 and 1.

The paper prints 142.9 M parameters. The network has 137,796,423; counting each shortcut of the masks' blocks twice (the
public code registers it under two names) gives 142,943,431.

Notebook: ``notebooks/residual_masking.ipynb``.
"""

from __future__ import annotations

import itertools

import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock

from ferstudy.errors import FerstudyError, unknown
from ferstudy.models._registry import register_model
from ferstudy.models.torchvision_networks import adapt_first_convolution

BACKBONES = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")


def _block(in_chans: int, out_chans: int) -> BasicBlock:
    """A residual block with a 1 x 1 shortcut whose sum starts as the shortcut alone."""
    shortcut = nn.Sequential(nn.Conv2d(in_chans, out_chans, 1, bias=False), nn.BatchNorm2d(out_chans))
    block = BasicBlock(in_chans, out_chans, downsample=shortcut)
    for module in block.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    nn.init.zeros_(block.bn2.weight)
    return block


class ConstantMask(nn.Module):
    """What a mask is on average, and nothing learnt: 1 / C everywhere, for a softmax over C channels sums to 1.

    A network with these in place of its masks has their scale and none of their choice: a control of ours.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W), all 1 / C."""
        return torch.full_like(x, 1 / x.shape[1])


class MaskingBlock(nn.Module):
    """A U-Net of residual blocks that scores a feature map (Figure 2 b).

    Args:
        channels: Channels of the map.
        depth: Encoder steps; each doubles the channels, all but the first halve the sides before.
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        widths = [channels * 2**step for step in range(depth + 1)]
        self.encoder = nn.ModuleList(_block(a, b) for a, b in itertools.pairwise(widths))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for wide, narrow in zip(widths[:1:-1], widths[-2:0:-1], strict=True):
            self.up.append(
                nn.Sequential(nn.ConvTranspose2d(wide, narrow, 2, 2), nn.BatchNorm2d(narrow), nn.ReLU(inplace=True))
            )
            self.decoder.append(_block(wide, narrow))
        self.last = _block(widths[1], channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), any values -> (B, C, H, W) in (0, 1), 1 in sum over the channels."""
        skips = []
        for step, block in enumerate(self.encoder):
            x = block(self.pool(x) if step else x)
            skips.append(x)
        for up, block, skip in zip(self.up, self.decoder, skips[-2::-1], strict=True):
            grown = up(x)
            # Maps of an odd side lose a row in pooling; repeating the last one brings it back.
            grown = nn.functional.pad(
                grown, (0, skip.shape[-1] - grown.shape[-1], 0, skip.shape[-2] - grown.shape[-2]), mode="replicate"
            )
            x = block(torch.cat([skip, grown], 1))
        return self.last(x).softmax(1)


def _narrowed(resnet: torchvision.models.ResNet, width: float) -> torchvision.models.ResNet:
    """The same layers with a share of the channels, freshly drawn."""
    block, channels = type(resnet.layer1[0]), round(64 * width)
    resnet.inplanes = channels
    resnet.conv1, resnet.bn1 = nn.Conv2d(3, channels, 7, 2, 3, bias=False), nn.BatchNorm2d(channels)
    for number in range(4):
        blocks = len(resnet.get_submodule(f"layer{number + 1}"))
        stage = resnet._make_layer(block, channels * 2**number, blocks, stride=1 if number == 0 else 2)
        setattr(resnet, f"layer{number + 1}", stage)
    for module in resnet.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return resnet


class ResidualMaskingNetwork(nn.Module):
    """Table I of the paper.

    Args:
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        backbone: One of ``BACKBONES``; the paper's is ResNet-34.
        dropout: Probability of dropping a pooled feature.
        masking: ``False`` leaves the masks out: what the paper compares with.
        learnt: ``False`` puts a :class:`ConstantMask` in the place of each mask: a control.
        width: Share of the paper's channels; an eighth trains on a CPU in a lesson. ImageNet weights need 1.
    """

    def __init__(
        self,
        num_classes: int,
        in_chans: int,
        backbone: str = "resnet34",
        dropout: float = 0.4,
        masking: bool = True,
        width: float = 1.0,
        learnt: bool = True,
    ) -> None:
        super().__init__()
        if backbone not in BACKBONES:
            raise unknown("backbone of resmasking", backbone, BACKBONES)
        if not 0 < width <= 1 or round(64 * width) < 1:
            raise FerstudyError(f"width of resmasking: expected a share of 64 channels, 1/64 to 1, got {width}")
        # The names of torchvision's modules are kept, so that its ImageNet weights fit.
        resnet = torchvision.models.get_model(backbone)
        if width < 1:
            resnet = _narrowed(resnet, width)
        self.conv1, self.bn1, self.relu, self.maxpool = resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool
        self.layer1, self.layer2, self.layer3, self.layer4 = resnet.layer1, resnet.layer2, resnet.layer3, resnet.layer4
        self.avgpool = resnet.avgpool
        adapt_first_convolution(self, in_chans)
        channels = resnet.inplanes
        self.masks = nn.ModuleList(
            MaskingBlock(channels // 2 ** (4 - depth_from_top), 5 - depth_from_top) if learnt else ConstantMask()
            for depth_from_top in (1, 2, 3, 4)
            if masking
        )
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(channels, num_classes)

    def stages(self, x: Tensor) -> list[tuple[Tensor, Tensor | None]]:
        """Each stage's map before its mask, and the mask: what the paper's Figure 1 shows.

        Args:
            x: Images (B, C, H, W).

        Returns:
            Four pairs (B, C', H', W'); equation (1) makes the next input of them. Without masking, masks are ``None``.
        """
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        pairs: list[tuple[Tensor, Tensor | None]] = []
        for number, layer in enumerate((self.layer1, self.layer2, self.layer3, self.layer4)):
            x = layer(x)
            mask = self.masks[number](x) if len(self.masks) else None
            pairs.append((x, mask))
            x = refine(x, mask)
        return pairs

    def forward(self, x: Tensor) -> Tensor:
        x = refine(*self.stages(x)[-1])  # (B, 512, 7, 7) at 224 pixels
        return self.fc(self.dropout(self.avgpool(x).flatten(1)))


def refine(x: Tensor, mask: Tensor | None) -> Tensor:
    """Equation (1): a map plus the map weighed by its mask, so that no mask can remove a feature."""
    return x if mask is None else x * (1 + mask)


@register_model(
    paper="residual_masking",
    parameters=137_796_423,
    published_parameters=142_900_000,
    input_size=224,
    channels=3,
    cam_layer="layer4",
    imagenet="resnet34",
    note="the printed 142.9 M counts the shortcuts of the masks' blocks twice: 142,943,431",
)
def resmasking(
    num_classes: int,
    in_chans: int,
    backbone: str = "resnet34",
    dropout: float = 0.4,
    masking: bool = True,
    width: float = 1.0,
    learnt: bool = True,
) -> nn.Module:
    """The Residual Masking Network; Grad-CAM looks at its last stage before the mask."""
    return ResidualMaskingNetwork(num_classes, in_chans, backbone, dropout, masking, width, learnt)
