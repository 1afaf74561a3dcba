"""Optimisers, learning-rate schedules and weight averages, built from what a recipe names."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

from ferstudy.recipes import Optimizer, Schedule

Scheduler = lr_scheduler.LRScheduler | lr_scheduler.ReduceLROnPlateau
# Schedules that move with every step; the others move with every epoch.
BY_STEP = (lr_scheduler.OneCycleLR, lr_scheduler.CosineAnnealingLR, lr_scheduler.CosineAnnealingWarmRestarts)


def build_optimizer(spec: Optimizer, model: nn.Module) -> torch.optim.Optimizer:
    """The optimiser over a network's trainable parameters; biases and norms are not decayed."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    kernels = [p for p in trainable if p.ndim > 1]
    others = [p for p in trainable if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": spec.weight_decay}, {"params": others, "weight_decay": 0.0}]
    if spec.name == "sgd":
        return torch.optim.SGD(groups, lr=spec.lr, momentum=spec.momentum, nesterov=spec.nesterov and spec.momentum > 0)
    if spec.name == "adam_amsgrad":
        return torch.optim.Adam(groups, lr=spec.lr, amsgrad=True)
    if spec.name == "radam":
        return torch.optim.RAdam(groups, lr=spec.lr, decoupled_weight_decay=True)
    rules = {
        "adadelta": torch.optim.Adadelta,
        "adagrad": torch.optim.Adagrad,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "asgd": torch.optim.ASGD,
    }
    return rules[spec.name](groups, lr=spec.lr)


def build_scheduler(
    schedule: Schedule, optimizer: torch.optim.Optimizer, lr: float, steps: int, epochs: int
) -> Scheduler | None:
    """The schedule of a recipe, ``None`` for a constant rate.

    Args:
        schedule: What the recipe names.
        optimizer: Whose rate moves.
        lr: The recipe's rate.
        steps: Steps an epoch.
        epochs: Epochs of the recipe.
    """
    if schedule.name == "onecycle":
        total, warmup = steps * epochs, schedule.warmup or 1e-6
        # torch divides by the length of a rise that ends with its first step.
        warmup = warmup if abs(total * warmup - 1) > 1e-6 else 1.5 * warmup
        return lr_scheduler.OneCycleLR(optimizer, lr, total_steps=total, pct_start=warmup)
    if schedule.name == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps * (schedule.period or epochs))
    if schedule.name == "cosine_restarts":
        return lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=steps * schedule.patience)
    if schedule.name == "plateau":
        return lr_scheduler.ReduceLROnPlateau(
            optimizer, mode="max", factor=schedule.factor, patience=schedule.patience, min_lr=schedule.floor
        )
    if schedule.name == "step":
        return lr_scheduler.StepLR(optimizer, schedule.patience, schedule.factor)
    return None


def learning_rates(schedule: Schedule, lr: float, epochs: int, steps: int = 1) -> list[float]:
    """The rate of every step of a run whose selection accuracy never rises, for ``plateau`` looks at that.

    Args:
        schedule: What a recipe names.
        lr: The recipe's rate.
        epochs: Epochs of the recipe.
        steps: Steps an epoch.
    """
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = build_scheduler(schedule, optimizer, lr, steps, epochs)
    seen = []
    for _ in range(epochs):
        for _ in range(steps):
            seen.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            if isinstance(scheduler, BY_STEP):
                scheduler.step()
        if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
            scheduler.step(0.0)
        elif scheduler is not None and not isinstance(scheduler, BY_STEP):
            scheduler.step()
    return seen


@torch.no_grad()
def follow(average: AveragedModel, model: nn.Module, decay: float) -> None:
    """Move an exponential average of weights and buffers one step on, in place.

    The decay rises to its value, so that the first random weights are soon forgotten. ``AveragedModel``'s own update
    asks the device for the number of steps, which would make the host wait for it in every step.

    Args:
        average: Made of the network; it counts the steps.
        model: The network after its step.
        decay: Share of the average that a late step keeps.
    """
    steps = int(average.n_averaged)
    keep = min(decay, (1 + steps) / (10 + steps)) if steps else 0.0
    averaged = [*average.module.parameters(), *average.module.buffers()]
    pairs = list(zip(averaged, [*model.parameters(), *model.buffers()], strict=True))
    floats = [(a, c) for a, c in pairs if a.is_floating_point()]
    torch._foreach_lerp_([a for a, _ in floats], [c for _, c in floats], 1 - keep)
    for a, c in pairs:
        if not a.is_floating_point():
            a.copy_(c)
    average.n_averaged += 1


@torch.no_grad()
def climb(parameters: list[nn.Parameter], radius: float) -> list[Tensor]:
    """Move weights by ``radius`` along their gradient, to the worst point near by, and return the way back.

    P. Foret et al., "Sharpness-Aware Minimization for Efficiently Improving Generalization", ICLR 2021, equation (2).
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = torch.stack(torch._foreach_norm(gradients)).norm()
    steps = []
    for parameter in parameters:
        step = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad * (radius / (norm + 1e-12))
        parameter.add_(step)
        steps.append(step)
    return steps


@torch.no_grad()
def descend(parameters: list[nn.Parameter], steps: list[Tensor]) -> None:
    """Undo :func:`climb`."""
    for parameter, step in zip(parameters, steps, strict=True):
        parameter.sub_(step)
