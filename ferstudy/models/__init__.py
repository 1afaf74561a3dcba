"""Networks of the five papers, a file a family, found by name through a registry.

Importing the package loads nothing but this file, so that listing the networks' declarations needs no torch; the first
name that is used loads and registers the families.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferstudy.models._registry import (
        ModelInfo,
        count_parameters,
        create_model,
        list_models,
        model_info,
        register_model,
    )

__all__ = ["ModelInfo", "count_parameters", "create_model", "list_models", "model_info", "register_model"]

_FAMILIES = (
    "attention_fusion",
    "attention_resnets",
    "deep_nets",
    "fernet",
    "inception_resnet",
    "lite_xception",
    "mobilenet",
    "residual_masking",
    "small_cnn",
    "squeezenet_se",
    "torchvision_networks",
    "vggnet",
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ferstudy.models' has no attribute {name!r}")
    for family in _FAMILIES:
        importlib.import_module(f"ferstudy.models.{family}")
    return getattr(importlib.import_module("ferstudy.models._registry"), name)
