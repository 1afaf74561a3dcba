"""Networks of the five papers, a file a family, found by name through a registry."""

from ferstudy.models import (  # noqa: F401  (each registers its models)
    attention_fusion,
    attention_resnets,
    deep_nets,
    fernet,
    inception_resnet,
    lite_xception,
    mobilenet,
    residual_masking,
    small_cnn,
    squeezenet_se,
    torchvision_networks,
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
