"""The Residual Masking Network and its attention baselines against the paper's tables, equations and counts."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ferstudy.errors import FerstudyError
from ferstudy.models import count_parameters, create_model, model_info
from ferstudy.models.attention_resnets import AttentionModule, BottleneckAttention, ConvolutionalBlockAttention
from ferstudy.models.residual_masking import MaskingBlock, ResidualMaskingNetwork, refine
from ferstudy.models.squeezenet_se import SqueezeExcitation
from ferstudy.models.summary import layer_table


def noise(*shape: int) -> torch.Tensor:
    return 5 * torch.randn(*shape, generator=torch.Generator().manual_seed(0))


# Channels and depth of the mask of each stage, and its parameters counted on the public implementation.
MASKS = [(64, 4, 32_366_080), (128, 3, 31_885_312), (256, 2, 29_965_312), (512, 1, 22_291_456)]


@pytest.mark.parametrize(("channels", "depth", "parameters"), MASKS)
def test_a_masking_block(channels: int, depth: int, parameters: int) -> None:
    with torch.device("meta"):
        assert count_parameters(MaskingBlock(channels, depth)) == parameters


@pytest.mark.parametrize("side", [7, 8, 13])
def test_masks_are_shares_of_the_channels(side: int) -> None:
    """Also where the side is odd, so that pooling loses a row."""
    block = MaskingBlock(8, 3)
    for module in block.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 2)
    mask = block(noise(2, 8, side, side))
    assert mask.shape == (2, 8, side, side)
    assert ((mask > 0) & (mask < 1)).all()
    torch.testing.assert_close(mask.sum(1), torch.ones(2, side, side))


def test_refinement_is_equation_1() -> None:
    feature, mask = noise(2, 4, 3, 3), torch.rand(2, 4, 3, 3)
    torch.testing.assert_close(refine(feature, mask), feature + feature * mask)
    assert refine(feature, None) is feature


def test_table_1_of_the_paper() -> None:
    with torch.device("meta"):
        model = create_model("resmasking")
        names = ["conv1", "maxpool", "masks.0", "masks.1", "masks.2", "masks.3", "avgpool", "fc"]
        rows = layer_table(model, (3, 224, 224), names)
    assert [row.shape for row in rows] == [
        (64, 112, 112),
        (64, 56, 56),
        (64, 56, 56),
        (128, 28, 28),
        (256, 14, 14),
        (512, 7, 7),
        (512, 1, 1),
        (7,),
    ]


def test_the_printed_count_counts_the_shortcuts_of_the_masks_twice() -> None:
    with torch.device("meta"):
        model = create_model("resmasking")
        shortcuts = [m for n, m in model.named_modules() if n.startswith("masks") and n.endswith("downsample")]
    assert count_parameters(model) == 137_796_423
    assert count_parameters(model) + sum(count_parameters(m) for m in shortcuts) == 142_943_431


def test_a_narrow_one_has_the_same_layers_and_a_share_of_the_channels() -> None:
    names = ["conv1", "maxpool", "masks.0", "masks.1", "masks.2", "masks.3", "avgpool", "fc"]
    with torch.device("meta"):
        narrow, whole = create_model("resmasking", width=0.125), create_model("resmasking")
        pairs = list(
            zip(layer_table(narrow, (3, 224, 224), names), layer_table(whole, (3, 224, 224), names), strict=True)
        )
        named = [{name for name, _ in model.named_parameters()} for model in (narrow, whole)]
    for ours, theirs in pairs[:-1]:
        assert ours.shape == (theirs.shape[0] // 8, *theirs.shape[1:])
    assert named[0] == named[1]
    assert count_parameters(narrow) == pytest.approx(count_parameters(whole) / 64, rel=0.02)
    for width in (0, 1.5, 0.001):
        with pytest.raises(FerstudyError, match="width of resmasking"):
            create_model("resmasking", width=width)


def test_without_masks_it_is_torchvisions_resnet() -> None:
    import torchvision

    ours = ResidualMaskingNetwork(7, 3, "resnet18", masking=False).eval()
    theirs = torchvision.models.resnet18(num_classes=7).eval()
    ours.load_state_dict(theirs.state_dict())
    x = noise(2, 3, 64, 64)
    torch.testing.assert_close(ours(x), theirs(x))


def test_the_constant_mask_is_a_mask_without_choice() -> None:
    """Equation (1) with 1 / C for a mask: the network without masks, whose stages' maps grow by 1 + 1 / C."""
    constant = create_model("resmasking", seed=0, width=0.125, learnt=False).eval()
    plain = create_model("resmasking", seed=0, width=0.125, masking=False).eval()
    assert count_parameters(constant) == count_parameters(plain)
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    first, mask = constant.stages(x)[0]  # type: ignore[operator]
    torch.testing.assert_close(mask, torch.full_like(first, 1 / 8))
    torch.testing.assert_close(first, plain.stages(x)[0][0])  # type: ignore[operator]
    torch.testing.assert_close(constant.stages(x)[1][0], plain.layer2(first * (1 + 1 / 8)))  # type: ignore[operator]


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50"])
def test_any_resnet_can_be_masked(backbone: str) -> None:
    with torch.device("meta"):
        model = create_model("resmasking", backbone=backbone)
        assert model(torch.zeros(2, 3, 64, 64)).shape == (2, 7)
    with pytest.raises(FerstudyError, match="unknown backbone"):
        create_model("resmasking", backbone="vgg16")


@pytest.mark.parametrize(
    "gate",
    [
        lambda x: BottleneckAttention(32)(x) / x - 1,
        lambda x: BottleneckAttention(32).gate(x),
        lambda x: ConvolutionalBlockAttention(32, 8).channel_gate(x),
        lambda x: ConvolutionalBlockAttention(32, 8).spatial_gate(x),
        lambda x: AttentionModule(32, 2).mask(x),
        lambda x: SqueezeExcitation(32, 4)(x) / x,
    ],
)
def test_gates_are_between_0_and_1(gate) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    values = gate(noise(3, 32, 9, 9))
    assert ((values > 0) & (values < 1)).all()


def test_counts_of_table_2_are_cut_off() -> None:
    """Nine of the paper's eleven counts are ours without the digits behind the first decimal, none is rounded up."""
    names = ["vgg19", "efficientnet_b2", "googlenet", "resnet34", "bam_resnet50", "densenet121", "resnet152"]
    for name in [*names, "cbam_resnet50"]:
        info = model_info(name)
        assert info.published_parameters == info.parameters // 100_000 * 100_000


def test_inception_with_its_auxiliary_head_left_at_1000_outputs_is_the_printed_count() -> None:
    with torch.device("meta"):
        whole = create_model("torchvision_inception_v3", num_classes=1000, aux_logits=True)
    assert count_parameters(whole) == 27_161_264
    assert (27_161_264 - 2048 * 1000 - 1000 + 2048 * 7 + 7) // 100_000 * 100_000 == 25_100_000


def test_cbam_counts_by_reduction() -> None:
    with torch.device("meta"):
        assert count_parameters(create_model("cbam_resnet50", reduction=16)) == 26_054_967
