"""Networks of the five papers, a file a family, found by name through a registry."""

from ferstudy.models import (  # noqa: F401  (each registers its models)
    deep_nets,
    fernet,
    lite_xception,
    mobilenet,
    small_cnn,
    squeezenet_se,
    vggnet,
)
from ferstudy.models._registry import (
    ModelInfo,
    count_parameters,
    create_model,
    list_models,
    model_info,
    register_model,
)

__all__ = ["ModelInfo", "count_parameters", "create_model", "list_models", "model_info", "register_model"]
