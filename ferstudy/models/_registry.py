"""The model registry: a function decorated with :func:`register_model` is a model, its name the public name."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ferstudy.errors import FerstudyError, lookup
from ferstudy.models.pointwise import subsample_first


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a registered model beside its code.

    Attributes:
        name: Public name, that of the registered function.
        family: Module that holds it, such as ``lite_xception``.
        paper: Key of the paper that the model comes from, ``None`` for a baseline of no paper here.
        parameters: Trainable parameters at 7 classes and the default channels (batch norm counts gamma and beta).
        published_parameters: The paper's own count as printed, ``None`` where it gives none.
        input_size: Height and width in pixels that the paper feeds.
        channels: Colour channels that the paper feeds, 1 or 3.
        cam_layer: Dotted name of the module whose output Grad-CAM looks at.
        pretrained: Name of the run whose weights the package ships, ``None`` where it ships none.
        imagenet: torchvision's name of the network whose ImageNet weights fit this one, ``None`` where there is none.
        note: Why the two counts differ, and other deviations, in a sentence.
        build: The registered function.
    """

    name: str
    family: str
    paper: str | None
    parameters: int
    published_parameters: float | None
    input_size: int
    channels: int
    cam_layer: str
    pretrained: str | None
    imagenet: str | None
    note: str
    build: Callable[..., nn.Module]


_MODELS: dict[str, ModelInfo] = {}


def register_model(
    *,
    name: str | None = None,
    paper: str | None,
    parameters: int,
    published_parameters: float | None = None,
    input_size: int = 48,
    channels: int = 1,
    cam_layer: str,
    pretrained: str | None = None,
    imagenet: str | None = None,
    note: str = "",
) -> Callable[[Callable[..., nn.Module]], Callable[..., nn.Module]]:
    """Register a function ``(num_classes, in_chans, **options) -> nn.Module``, by its own name where none is given."""

    def register(build: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
        key = name or build.__name__
        if key in _MODELS:
            raise ValueError(f"model {key!r} is registered twice")
        _MODELS[key] = ModelInfo(
            name=key,
            family=build.__module__.rsplit(".", 1)[-1],
            paper=paper,
            parameters=parameters,
            published_parameters=published_parameters,
            input_size=input_size,
            channels=channels,
            cam_layer=cam_layer,
            pretrained=pretrained,
            imagenet=imagenet,
            note=note,
            build=build,
        )
        return build

    return register


def list_models(pattern: str = "*") -> list[str]:
    """Names of the registered models that match a shell pattern, sorted."""
    return sorted(fnmatch.filter(_MODELS, pattern))


def model_info(name: str) -> ModelInfo:
    """The registry's entry of a model, also of one that only torchvision knows (``torchvision_NAME``).

    Raises:
        FerstudyError: No model has this name.
    """
    if name.startswith("torchvision_"):
        from ferstudy.models.torchvision_networks import any_torchvision_network

        return any_torchvision_network(name)
    return lookup("model", name, _MODELS)


def create_model(
    name: str, num_classes: int = 7, in_chans: int | None = None, seed: int | None = None, **options: Any
) -> nn.Module:
    """Build a registered model with fresh weights.

    Args:
        name: Name from :func:`list_models`.
        num_classes: Width of the output, at least 2.
        in_chans: Colour channels of the input, 1 or 3; the paper's where not given.
        seed: Seed of the initial weights; torch's global generator is used, and left as it was, where given.
        options: Passed to the model's own function.

    Returns:
        A module that maps float images (B, C, H, W) to logits (B, num_classes).

    Raises:
        FerstudyError: Unknown name or option, or an impossible number.
    """
    info = model_info(name)
    chans = info.channels if in_chans is None else in_chans
    if num_classes < 2 or chans not in (1, 3):
        raise FerstudyError(
            f"model {name!r}: expected num_classes >= 2 and 1 or 3 channels, got {num_classes}, {chans}"
        )
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.manual_seed(seed)
        try:
            model = info.build(num_classes=num_classes, in_chans=chans, **options)
        except TypeError as error:
            raise FerstudyError(f"model {name!r} does not take these options: {error}") from error
    subsample_first(model)
    # Grad-CAM finds its layer on the network itself, so that nobody has to pass it.
    model.cam_layer = info.cam_layer  # type: ignore[assignment]
    return model


def count_parameters(model: nn.Module) -> int:
    """Trainable parameters, each counted once."""
    return sum(math.prod(p.shape) for p in model.parameters() if p.requires_grad)
