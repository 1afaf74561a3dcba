"""Optimisers, schedules and averages against torch's own and closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from ferstudy.models import create_model
from ferstudy.optimization import build_optimizer, climb, descend, follow, learning_rates
from ferstudy.recipes import OPTIMIZERS, SCHEDULES, Optimizer, Schedule


def rates(schedule: Schedule, steps: int, epochs: int) -> list[float]:
    return learning_rates(schedule, 1.0, epochs, steps)


def test_schedules_by_their_formulas() -> None:
    assert rates(Schedule("constant"), 2, 3) == [1.0] * 6
    assert rates(Schedule("step", factor=0.5, patience=2), 1, 5) == [1, 1, 0.5, 0.5, 0.25]
    cosine = rates(Schedule("cosine"), 5, 2)
    assert cosine == pytest.approx([(1 + math.cos(math.pi * k / 10)) / 2 for k in range(10)])
    # With a period of two epochs the rate is down after two, and up again after four.
    there_and_back = rates(Schedule("cosine", period=2), 5, 4)
    assert there_and_back == pytest.approx([(1 + math.cos(math.pi * k / 10)) / 2 for k in range(20)])
    restarts = rates(Schedule("cosine_restarts", patience=1), 5, 2)
    assert restarts == pytest.approx([(1 + math.cos(math.pi * k / 5)) / 2 for k in range(5)] * 2)
    assert rates(Schedule("plateau", factor=0.1, patience=1, floor=0.02), 1, 9)[-1] == 0.02
    # The first epoch sets the mark; after three more than `patience` without a better one the rate drops.
    assert rates(Schedule("plateau", factor=0.75, patience=1), 1, 5) == [1, 1, 1, 0.75, 0.75]
    onecycle = rates(Schedule("onecycle", warmup=0.5), 5, 2)
    assert max(onecycle) == pytest.approx(1.0)
    assert onecycle[0] < 0.05
    assert onecycle[-1] < 0.05
    # A rise of a single step is none: the cycle falls from its second step on.
    short = rates(Schedule("onecycle", warmup=0.2), 1, 5)
    assert max(short) == short[1] > short[2] > short[3] > short[4]


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_keeps_the_rate_positive(name: str) -> None:
    assert all(0 < rate <= 1 for rate in rates(Schedule(name), 3, 4)[:-1])


@pytest.mark.parametrize(("name", "decoupled"), [("radam", True), ("adamw", True), ("adam", False), ("sgd", False)])
def test_whose_decay_is_decoupled(name: str, decoupled: bool) -> None:
    """With a gradient of nothing a decoupled penalty shrinks a weight by rate times decay, and a coupled one does not
    where the rule divides by the gradient's size; for plain SGD the two are the same step."""
    layer = nn.Linear(1, 2, bias=False)
    nn.init.ones_(layer.weight)
    optimizer = build_optimizer(Optimizer(name, lr=0.1, weight_decay=0.5, momentum=0.0), layer)
    layer.weight.grad = torch.zeros_like(layer.weight)
    optimizer.step()
    shrunk = bool(torch.allclose(layer.weight, torch.full_like(layer.weight, 1 - 0.1 * 0.5)))
    assert shrunk == (decoupled or name == "sgd")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_downhill(name: str) -> None:
    model = nn.Linear(3, 1)
    optimizer = build_optimizer(Optimizer(name, lr=0.05), model)
    x, y = torch.randn(64, 3), torch.randn(64, 1)
    first = last = 0.0
    for step in range(50):
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        first, last = (loss.item() if step == 0 else first), loss.item()
    assert last < first


def test_names_are_torchs_rules() -> None:
    model = nn.Linear(2, 2)
    assert build_optimizer(Optimizer("sgd", nesterov=False), model).defaults["nesterov"] is False
    assert build_optimizer(Optimizer("sgd"), model).defaults["nesterov"] is True
    assert build_optimizer(Optimizer("adam_amsgrad"), model).defaults["amsgrad"] is True
    assert build_optimizer(Optimizer("adam"), model).defaults["amsgrad"] is False


def test_weight_decay_is_for_kernels_only_and_frozen_weights_stay_out() -> None:
    model = create_model("lite_xception")
    model.fc.requires_grad_(False)  # type: ignore[union-attr]
    decayed, plain = build_optimizer(Optimizer("sgd", lr=0.1, weight_decay=0.3), model).param_groups
    assert {p.ndim for p in decayed["params"]} == {4}
    assert {p.ndim for p in plain["params"]} == {1}
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.3, 0.0)
    assert sum(p.numel() for p in [*decayed["params"], *plain["params"]]) == 49_783 - 128 * 7 - 7


def test_moving_average_by_hand() -> None:
    network = nn.BatchNorm1d(1)
    average = AveragedModel(network, use_buffers=True)
    follow(average, network, 0.9)  # the first step copies
    assert average.module.weight.item() == 1.0
    with torch.no_grad():
        network.weight.fill_(12.0)
    network.running_mean.fill_(11.0)
    network.num_batches_tracked.fill_(7)
    follow(average, network, 0.9)  # min(0.9, 2 / 11) is kept
    assert average.module.weight.item() == pytest.approx(10.0)
    assert average.module.running_mean.item() == pytest.approx(9.0)
    assert average.module.num_batches_tracked.item() == 7
    average.n_averaged.fill_(1000)
    follow(average, network, 0.5)
    assert average.module.weight.item() == pytest.approx(11.0)


def test_climbing_goes_a_radius_along_the_gradient_and_comes_back() -> None:
    weights = [nn.Parameter(torch.tensor([1.0, 2.0])), nn.Parameter(torch.tensor([5.0]))]
    weights[0].grad, weights[1].grad = torch.tensor([0.0, 3.0]), torch.tensor([4.0])
    steps = climb(weights, 0.5)
    torch.testing.assert_close(weights[0].data, torch.tensor([1.0, 2.3]))
    torch.testing.assert_close(weights[1].data, torch.tensor([5.4]))
    descend(weights, steps)
    torch.testing.assert_close(weights[0].data, torch.tensor([1.0, 2.0]))
