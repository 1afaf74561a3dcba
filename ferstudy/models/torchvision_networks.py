"""Networks that torchvision has: the baselines of ``residual_masking`` and ``small_cnn``, and any other by name.

1. L. Pham, T. H. Vu and T. A. Tran, "Facial Expression Recognition Using Residual Masking Network", ICPR 2020, Tables
   II and IV: VGG19, EfficientNet-B2, GoogLeNet, ResNets, Inception V3 and DenseNet121 beside the paper's network.
2. T. Dao Cong and H. Le Trung, "AI Programming Project", 2021, section 2.1: AlexNet on faces enlarged to 227 pixels.

They are torchvision's with 7 outputs; auxiliary classifiers, which only training uses, are left out. The counts of
Table II are cut off after one decimal, not rounded (139.598 is printed as 139.5).

``torchvision_NAME`` builds any other classification network of torchvision, such as ``torchvision_convnext_tiny``.

Notebook: ``notebooks/residual_masking.ipynb``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

from ferstudy.errors import FerstudyError, unknown
from ferstudy.models._registry import ModelInfo, count_parameters, register_model

PREFIX = "torchvision_"


def adapt_first_convolution(model: nn.Module, in_chans: int) -> None:
    """Replace a network's first convolution by one for another number of colour channels, with fresh weights."""
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            if module.in_channels == in_chans:
                return
            parent = model.get_submodule(name.rpartition(".")[0])
            fresh = nn.Conv2d(
                in_chans,
                module.out_channels,
                module.kernel_size,  # type: ignore[arg-type]
                module.stride,  # type: ignore[arg-type]
                module.padding,  # type: ignore[arg-type]
                bias=module.bias is not None,
            )
            nn.init.kaiming_normal_(fresh.weight, mode="fan_out", nonlinearity="relu")
            setattr(parent, name.rpartition(".")[2], fresh)
            return


def torchvision_network(name: str, num_classes: int, in_chans: int, **options: Any) -> nn.Module:
    """A classification network of torchvision with another number of outputs and of colour channels.

    Args:
        name: torchvision's name of it.
        num_classes: Width of the output.
        in_chans: Colour channels of the input.
        options: Passed to torchvision.

    Raises:
        FerstudyError: torchvision has no such classification network.
    """
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        raise unknown("torchvision network", name, known)
    if name in ("googlenet", "inception_v3"):
        options = {"aux_logits": False, "init_weights": True, **options}
    model = torchvision.models.get_model(name, num_classes=num_classes, **options)
    adapt_first_convolution(model, in_chans)
    return model


def last_map(model: nn.Module, size: int) -> str:
    """Dotted name of the module that gives the last feature map (B, C, H, W) of more than one position.

    Args:
        model: The network; run once on zeros.
        size: Height and width of its input.

    Raises:
        FerstudyError: The network has no such map, as transformers without convolutional stages have none.
    """
    found = ""

    def remember(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            nonlocal found
            if isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
                found = name

        return hook

    parameter = next(model.parameters())
    channels = next(m.in_channels for m in model.modules() if isinstance(m, nn.Conv2d))
    handles = [module.register_forward_hook(remember(name)) for name, module in model.named_modules() if name]
    was_training = model.training
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, channels, size, size, device=parameter.device))
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    if not found:
        raise FerstudyError(f"{type(model).__name__} has no feature map for Grad-CAM to look at")
    return found


def any_torchvision_network(name: str) -> ModelInfo:
    """The registry's entry of a network that is not registered, made up from torchvision.

    Args:
        name: ``torchvision_`` and torchvision's name.

    Raises:
        FerstudyError: torchvision has no such classification network.
    """
    theirs = name.removeprefix(PREFIX)

    def build(num_classes: int, in_chans: int, **options: Any) -> nn.Module:
        return torchvision_network(theirs, num_classes, in_chans, **options)

    # On the meta device nothing is computed and no memory is taken.
    with torch.device("meta"):
        model = build(num_classes=7, in_chans=3)
        try:
            layer = last_map(model, 224)
        except FerstudyError:
            layer = ""
    return ModelInfo(
        name=name,
        family="torchvision_networks",
        paper=None,
        parameters=count_parameters(model),
        published_parameters=None,
        input_size=224,
        channels=3,
        cam_layer=layer,
        pretrained=None,
        imagenet=theirs,
        note="torchvision's network with 7 outputs",
        build=build,
    )


def _register(
    name: str,
    paper: str,
    parameters: int,
    published: float | None,
    cam_layer: str,
    note: str,
    input_size: int = 224,
    theirs: str = "",
) -> None:
    def build(num_classes: int, in_chans: int, **options: Any) -> nn.Module:
        return torchvision_network(theirs or name, num_classes, in_chans, **options)

    register_model(
        name=name,
        paper=paper,
        parameters=parameters,
        published_parameters=published,
        input_size=input_size,
        channels=3,
        cam_layer=cam_layer,
        imagenet=theirs or name,
        note=note,
    )(build)


_CUT = "the same count; the paper cuts it off after one decimal"
_NONE = "the paper prints no count"
_register("vgg19", "residual_masking", 139_598_919, 139_500_000, "features", _CUT)
_register("efficientnet_b2", "residual_masking", 7_710_857, 7_700_000, "features", _CUT)
_register(
    "googlenet", "residual_masking", 5_607_079, 5_600_000, "inception5b", "the same count, without auxiliary heads"
)
_register("resnet18", "residual_masking", 11_180_103, None, "layer4", _NONE)
_register("resnet34", "residual_masking", 21_288_263, 21_200_000, "layer4", _CUT)
_register("resnet50", "residual_masking", 23_522_375, None, "layer4", _NONE)
_register("resnet101", "residual_masking", 42_514_503, None, "layer4", _NONE)
_register("resnet152", "residual_masking", 58_158_151, 58_100_000, "layer4", _CUT)
_register("densenet121", "residual_masking", 6_961_031, 6_900_000, "features", _CUT)
_register(
    "inception_v3",
    "residual_masking",
    21_799_911,
    25_100_000,
    "Mixed_7c",
    "the printed count includes the auxiliary head, left at 1000 outputs: 25,126,607",
    input_size=299,
)
_register("alexnet", "small_cnn", 57_032_519, None, "features", _NONE, input_size=227)
