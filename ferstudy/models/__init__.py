"""Networks of the five papers, a file a family, found by name through a registry."""

from ferstudy.models import lite_xception as _lite_xception  # noqa: F401  (registers its models)
from ferstudy.models._registry import (
    ModelInfo,
    count_parameters,
    create_model,
    list_models,
    model_info,
    register_model,
)

__all__ = ["ModelInfo", "count_parameters", "create_model", "list_models", "model_info", "register_model"]
