"""torchvision's networks under our registry: their outputs for their weights, and any of them by name."""

from __future__ import annotations

import pytest
import torch
import torchvision

from ferstudy.errors import FerstudyError
from ferstudy.models import count_parameters, create_model, list_models, model_info
from ferstudy.models.torchvision_networks import last_map

BASELINES = [name for name in list_models() if model_info(name).family == "torchvision_networks" and name != "vgg19"]


@pytest.mark.parametrize("name", [*BASELINES, "vgg19"])
def test_outputs_are_torchvisions(name: str) -> None:
    options = {"aux_logits": False, "init_weights": True} if name in ("googlenet", "inception_v3") else {}
    theirs = torchvision.models.get_model(name, num_classes=7, **options).eval()
    ours = create_model(name, seed=0).eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(1, 3, 80, 80, generator=torch.Generator().manual_seed(0))
    assert torch.equal(ours(x), theirs(x))


@pytest.mark.parametrize(
    "name", ["torchvision_convnext_tiny", "torchvision_mobilenet_v3_small", "torchvision_mnasnet0_5"]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_any_network_by_name(name: str, channels: int) -> None:
    model = create_model(name, num_classes=7, in_chans=channels, seed=0).eval()
    assert model(torch.zeros(1, channels, 64, 64)).shape == (1, 7)
    assert model.cam_layer == model_info(name).cam_layer == last_map(model, 96)
    if channels == 3:
        assert count_parameters(model) == model_info(name).parameters


def test_unknown_networks_are_explained() -> None:
    with pytest.raises(FerstudyError, match="did you mean resnet50"):
        create_model("torchvision_resnet51")
    with pytest.raises(FerstudyError, match="unknown torchvision network"):
        model_info("torchvision_fasterrcnn_resnet50_fpn")
