"""Grad-CAM and saliency: equal to their closed forms, and leaving no trace on the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from ferstudy.data.preparation import Preparation, prepare
from ferstudy.errors import FerstudyError
from ferstudy.explanation import deep_features, explain, saliency
from ferstudy.models import create_model, list_models, model_info

X = torch.randn(5, 1, 48, 48, generator=torch.Generator().manual_seed(0))


def closed_form(model: nn.Module, x: torch.Tensor, target: int) -> np.ndarray:
    """For global average pooling and a linear head: the class's weights times the maps, over their size."""
    kept: dict[str, torch.Tensor] = {}
    handle = model.get_submodule("blocks").register_forward_hook(lambda m, i, o: kept.update(maps=o.detach()))
    with torch.no_grad():
        model.eval()(x)
    handle.remove()
    weights = model.get_submodule("fc").weight.detach()[target]
    maps = kept["maps"]
    return ((weights[None, :, None, None] * maps).sum(1) / maps[0, 0].numel()).numpy()


@pytest.mark.parametrize("target", [0, 4])
def test_equals_the_closed_form(target: int) -> None:
    model = create_model("lite_xception", seed=0)
    found = explain(model, X, target)
    np.testing.assert_allclose(found.raw, closed_form(model, X, target), atol=1e-6)
    assert (found.targets == target).all()


@pytest.mark.parametrize("name", list_models())
def test_every_model_without_naming_a_layer(name: str) -> None:
    info = model_info(name)
    x = torch.randn(3, info.channels, info.input_size, info.input_size)
    found = explain(create_model(name, seed=0), x)
    assert found.maps.shape == (3, info.input_size, info.input_size)
    assert (found.maps >= 0).all()
    np.testing.assert_array_equal(found.targets, found.logits.argmax(1))


def test_works_under_no_grad_inference_mode_and_with_frozen_weights() -> None:
    model = create_model("lite_xception", seed=0)
    plain = explain(model, X, 1).raw
    with torch.no_grad():
        np.testing.assert_array_equal(explain(model, X, 1).raw, plain)
    with torch.inference_mode():
        x = X.clone()
    np.testing.assert_array_equal(explain(model, x, 1).raw, plain)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    np.testing.assert_array_equal(explain(model, X, 1).raw, plain)
    assert not any(p.requires_grad for p in model.parameters())


def test_leaves_mode_gradients_and_hooks_as_they_were() -> None:
    model = create_model("lite_xception", seed=0).train()
    model(X).sum().backward()
    before = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    explain(model, X)
    after = [p.grad for p in model.parameters() if p.grad is not None]
    assert model.training
    assert all(torch.equal(a, b) for a, b in zip(after, before, strict=True))
    assert not any(m._forward_hooks for m in model.modules())
    with pytest.raises(FerstudyError):
        explain(model, X, layer="pool.nothing")
    assert all(p.requires_grad for p in model.parameters())


def test_each_image_is_explained_by_itself() -> None:
    model = create_model("lite_xception", seed=0)
    whole = explain(model, X, 2).raw
    alone = np.concatenate([explain(model, x[None], 2).raw for x in X])
    np.testing.assert_allclose(whole, alone, atol=1e-6)


def test_a_flat_map_stays_flat() -> None:
    """pytorch-grad-cam scales each map to its own range, which turns rounding noise into a full-contrast picture."""
    model = create_model("lite_xception", seed=0)
    nn.init.zeros_(model.get_submodule("fc").weight)
    assert np.abs(explain(model, X, 0).maps).max() == 0


@pytest.mark.parametrize("target", [7, -1, [0, 1]])
def test_impossible_targets_are_refused(target: object) -> None:
    with pytest.raises(FerstudyError, match="target"):
        explain(create_model("lite_xception", seed=0), X, target)  # type: ignore[arg-type]


def test_a_network_without_maps_is_explained() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(48 * 48, 7))
    with pytest.raises(FerstudyError, match="names no layer"):
        explain(model, X)
    with pytest.raises(FerstudyError, match="needs a layer with maps"):
        explain(model, X, layer="1")
    assert all(p.requires_grad for p in model.parameters())


def test_saliency_of_a_linear_network_is_its_closed_form() -> None:
    """The gradient of cross-entropy to the input of a linear layer is (softmax - one-hot) times the weights."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 7))
    x = torch.randn(5, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    target = [0, 1, 2, 3, 6]
    found = saliency(model, x, target)
    with torch.no_grad():
        logits = model(x)
        pull = logits.softmax(1) - torch.eye(7)[target]
        by_hand = (pull @ model[1].weight).view(5, 3, 4, 4).abs().amax(1)
    np.testing.assert_allclose(found.maps, by_hand.numpy(), atol=1e-6)
    np.testing.assert_allclose(found.loss, -logits.log_softmax(1)[range(5), target].numpy(), atol=1e-6)
    np.testing.assert_array_equal(saliency(model, x).targets, logits.argmax(1).numpy())


def test_saliency_leaves_the_network_as_it_was_and_each_image_by_itself() -> None:
    model = create_model("small_cnn", seed=0).train()
    model.get_submodule("fc").requires_grad_(False)
    with torch.no_grad():
        whole = saliency(model, X, 2).maps
    np.testing.assert_allclose(whole, np.concatenate([saliency(model, x[None], 2).maps for x in X]), atol=1e-5)
    assert whole.shape == (5, 48, 48)
    assert model.training
    assert not any(p.grad is not None for p in model.parameters())
    assert sum(not p.requires_grad for p in model.parameters()) == 2
    with pytest.raises(FerstudyError, match="target"):
        saliency(model, X, 7)


def test_deep_features_are_what_the_last_layer_multiplies() -> None:
    model = create_model("lite_xception", seed=0).eval()
    images = np.random.default_rng(0).integers(0, 256, (70, 48, 48), dtype=np.uint8)
    features = deep_features(model, images, Preparation())
    with torch.no_grad():
        logits = model(prepare(torch.from_numpy(images), Preparation()))
    assert features.shape == (70, 128)
    np.testing.assert_allclose(model.fc(torch.from_numpy(features)).detach(), logits, atol=1e-4)
