"""Every registered model, by what holds for all of them; one more model is covered the day it is registered."""

from __future__ import annotations

import contextlib
import functools
import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.ops import StochasticDepth

from ferstudy.data import load_dataset
from ferstudy.errors import FerstudyError
from ferstudy.inference import predict_logits
from ferstudy.models import count_parameters, create_model, list_models, model_info, register_model
from ferstudy.models.summary import layer_table, multiply_adds
from ferstudy.papers.lite_xception import published as paper

MODELS = list_models()
# The same networks at 72 pixels: what depends on weights alone is tested at 48.
BUILDS = [name for name in MODELS if not name.endswith("_72")]
# Without batch norm behind their wide hidden layers these need smaller steps.
SMALL_STEPS = ("alexnet", "vgg19", "vggnet")


@functools.cache
def smallest(name: str) -> int:
    """The smallest side in pixels that a network takes, so that even the largest is tested in seconds."""
    info = model_info(name)
    with torch.device("meta"):
        model = create_model(name).eval()
        for size in (32, 48, 64, 80, info.input_size):
            with contextlib.suppress(RuntimeError, ValueError):
                model(torch.zeros(2, info.channels, size, size))
                return size
    raise AssertionError(f"{name} takes no image")


def images(name: str, batch: int, channels: int) -> torch.Tensor:
    size = smallest(name)
    return torch.randn(batch, channels, size, size, generator=torch.Generator().manual_seed(0))


def without_dropout(model: torch.nn.Module) -> torch.nn.Module:
    """Training mode in which nothing is dropped."""
    model.train()
    for module in model.modules():
        if isinstance(module, (torch.nn.Dropout, StochasticDepth)):
            module.eval()
    return model


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("channels", [1, 3])
def test_forward_and_backward(name: str, channels: int) -> None:
    """Every weight learns: its gradient is there at once, and not zero after a step (masks start as shortcuts)."""
    model = without_dropout(create_model(name, num_classes=11, in_chans=channels, seed=0))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x = images(name, 4, channels)
    for _ in range(2):
        optimizer.zero_grad()
        logits = model(x)
        torch.nn.functional.cross_entropy(logits, torch.tensor([0, 3, 7, 10])).backward()
        assert logits.shape == (4, 11)
        assert logits.isfinite().all()
        assert [n for n, p in model.named_parameters() if p.grad is None] == []
        optimizer.step()
    dead = [n for n, p in model.named_parameters() if not p.grad.abs().sum() > 0]  # type: ignore[union-attr]
    assert dead == []


@pytest.mark.parametrize("name", MODELS)
def test_a_single_image_in_evaluation_and_first_logits_of_sane_size(name: str) -> None:
    channels = model_info(name).channels
    model = without_dropout(create_model(name, seed=0))
    # Logits with a spread far above 1 would start training from certainty; torchvision draws up to 5.
    with torch.no_grad():
        assert 1e-4 < model(images(name, 8, channels)).std().item() < 10
        assert model.eval()(images(name, 1, channels)).isfinite().all()


@pytest.mark.parametrize("name", MODELS)
def test_parameter_count_is_the_stated_one(name: str) -> None:
    info = model_info(name)
    with torch.device("meta"):
        assert count_parameters(create_model(name)) == info.parameters
    assert info.note or info.parameters == info.published_parameters


@pytest.mark.parametrize("name", BUILDS)
def test_same_seed_same_weights(name: str) -> None:
    before = torch.random.get_rng_state()
    first, second, third = (create_model(name, seed=s).state_dict() for s in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(first[k], second[k]) for k in first)
    assert any(not torch.equal(first[k], third[k]) for k in first)


@pytest.mark.parametrize("name", BUILDS)
def test_safetensors_round_trip(name: str, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    model = create_model(name, seed=0)
    save_file(model.state_dict(), tmp_path / "w.safetensors")
    other = create_model(name, seed=1)
    other.load_state_dict(load_file(tmp_path / "w.safetensors"))
    x = images(name, 2, model_info(name).channels)
    assert torch.equal(model.eval()(x), other.eval()(x))


@pytest.mark.parametrize("name", MODELS)
def test_the_layer_for_grad_cam_exists_and_gives_maps(name: str) -> None:
    info = model_info(name)
    shape = (info.channels, info.input_size, info.input_size)
    with torch.device("meta"):
        (row,) = layer_table(create_model(name), shape, [info.cam_layer])
    assert len(row.shape) == 3
    assert min(row.shape[1:]) > 1


@pytest.mark.parametrize("name", BUILDS)
def test_channels_last_gives_the_same_logits(name: str) -> None:
    model = create_model(name, seed=0).eval()
    x = images(name, 3, model_info(name).channels)
    plain = model(x)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    torch.testing.assert_close(model(x.contiguous(memory_format=torch.channels_last)), plain, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", BUILDS)
def test_overfits_32_synthetic_faces(name: str) -> None:
    data = load_dataset("synthetic", train=32, public=7, private=7, label_noise=0.0, difficulty=0.5, split="Training")
    channels, size = model_info(name).channels, smallest(name)
    x = torch.from_numpy(np.array(data.images)).float()[:, None].expand(-1, channels, -1, -1) / 128 - 1
    x = torch.nn.functional.interpolate(x, (size, size), mode="bilinear")
    x = x.contiguous(memory_format=torch.channels_last)
    target = torch.from_numpy(data.labels)
    model = without_dropout(create_model(name, seed=0).to(memory_format=torch.channels_last))  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4 if name in SMALL_STEPS else 1e-3, fused=True)
    for _ in range(150):
        logits = model(x)
        if (logits.argmax(1) == target).all():
            return
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, target).backward()
        optimizer.step()
    pytest.fail("the 32 faces were not learnt in 150 steps")


def test_lite_xception_is_table_1() -> None:
    rows = layer_table(create_model("lite_xception"), (1, 48, 48), paper.TABLE_1_MODULES)
    ours = [(row.shape[-1] if len(row.shape) == 3 else 1, row.shape[0]) for row in rows]
    assert ours == [(row.resolution, row.channels) for row in paper.TABLE_1]


def test_lite_xception_count_by_hand() -> None:
    """Kernels: stem, then in each block two separable convolutions and a shortcut; two values a normalised channel."""
    widths = (8, 16, 32, 64, 128)
    total = 9 * 1 * 8 + 9 * 8 * 8 + 2 * 2 * 8
    for a, b in itertools.pairwise(widths):
        total += (9 * a + a * b) + (9 * b + b * b) + a * b + 3 * 2 * b
    assert total + 128 * 7 + 7 == model_info("lite_xception").parameters == 49_783


def test_wide_is_the_nearest_of_its_family() -> None:
    from ferstudy.models.lite_xception import BLOCKS, STEM, LiteXception

    def widths(factor: float) -> tuple[int, ...]:
        return tuple(8 * max(1, round(c * factor / 8)) for c in (STEM, *BLOCKS))

    counts = {}
    for hundredths in range(300, 360):
        stem, *blocks = widths(hundredths / 100)
        counts[(stem, *blocks)] = count_parameters(LiteXception(7, 1, stem, tuple(blocks)))
    nearest = min(counts, key=lambda w: abs(counts[w] - paper.PARAMETERS))
    assert counts[nearest] == model_info("lite_xception_wide").parameters


def test_multiply_adds_by_hand() -> None:
    conv = torch.nn.Conv2d(3, 5, 3, padding=1, bias=False)
    assert multiply_adds(conv, (3, 10, 12)) == 10 * 12 * 3 * 5 * 9
    assert multiply_adds(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 7)), (3, 4, 4)) == 48 * 7


def test_inference_leaves_the_mode_and_ignores_batching(dots) -> None:
    from ferstudy.data.preparation import Preparation

    model = create_model("lite_xception", seed=0).train()
    few = dots.images[:10]
    whole = predict_logits(model, few, Preparation())
    parts = predict_logits(model, few, Preparation(), batch_size=3)
    assert model.training
    torch.testing.assert_close(torch.from_numpy(whole), torch.from_numpy(parts), rtol=1e-4, atol=1e-5)


def test_mistakes_are_explained() -> None:
    with pytest.raises(FerstudyError, match="did you mean lite_xception"):
        create_model("lite_xeption")
    with pytest.raises(FerstudyError, match="does not take these options"):
        create_model("lite_xception", width=3)
    with pytest.raises(FerstudyError, match="1 or 3 channels"):
        create_model("lite_xception", in_chans=2)
    with pytest.raises(ValueError, match="registered twice"):
        register_model(paper=None, parameters=1, cam_layer="x")(model_info("lite_xception").build)


@pytest.mark.parametrize("width", [0.25, 0.5])
def test_mobilenet_at_a_share_of_its_width(width: float) -> None:
    """Howard's multiplier: every layer but the input and the classes has its share of the channels."""
    whole, narrow = create_model("mobilenet_v1"), create_model("mobilenet_v1", width=width)
    shapes = zip(whole.state_dict().values(), narrow.state_dict().values(), strict=True)
    assert all(len(b) in (7, width * len(a)) for a, b in shapes if a.ndim)
    assert narrow(torch.zeros(2, 1, 48, 48)).shape == (2, 7)
    with pytest.raises(FerstudyError, match="width of mobilenet_v1"):
        create_model("mobilenet_v1", width=0.01)


@pytest.mark.parametrize("name", ["vggnet", "deep_vgg", "deep_inception", "deep_resnet"])
def test_the_survey_networks_at_a_share_of_their_widths(name: str) -> None:
    """The same layers, no wider than a quarter but for rounding to eight channels."""
    whole, narrow = create_model(name), create_model(name, width=0.25)
    pairs = list(zip(whole.state_dict().values(), narrow.state_dict().values(), strict=True))
    assert all(a.ndim == b.ndim for a, b in pairs)
    assert all(len(b) in (7, max(8, len(a) // 4), len(a) // 4) for a, b in pairs if a.ndim)
    assert count_parameters(narrow) < count_parameters(whole) / 14
    assert narrow(torch.zeros(2, 1, 48, 48)).shape == (2, 7)
