"""The training loop: recipe in, run out.

Every random draw of epoch ``e`` comes from ``(seed, e)`` alone. A run that was killed therefore continues from its last
finished epoch to the same history and weights as one that was never stopped, on the same machine and library versions.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

from ferstudy import runs
from ferstudy.data import load_dataset
from ferstudy.data.augmentation import augment
from ferstudy.data.base import FaceDataset
from ferstudy.data.preparation import scale, to_unit
from ferstudy.data.protocols import check_protocol, get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.inference import default_device, predict_logits
from ferstudy.losses import class_weights, cross_entropy
from ferstudy.memory import keep_freed_memory
from ferstudy.models import create_model
from ferstudy.recipes import Recipe, Schedule
from ferstudy.scoring import score


@dataclass(frozen=True)
class EpochStats:
    """One row of a history.

    Attributes:
        epoch: From 1.
        lr: Learning rate of the epoch's last step.
        train_loss: Mean loss in nats over the augmented training images.
        train_accuracy: Share of them classified correctly during the epoch, 0 to 1.
        select_loss: Mean cross-entropy in nats on the selection split, single view; NaN where nothing selects.
        select_accuracy: Accuracy on the selection split, single view, 0 to 1; NaN where nothing selects.
    """

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    select_loss: float
    select_accuracy: float


def batches(
    images: Tensor, labels: Tensor, recipe: Recipe, epoch: int, device: torch.device
) -> Iterator[tuple[Tensor, Tensor]]:
    """The shuffled, augmented, prepared batches of one epoch.

    All batches are of one size, so the few images of an incomplete last one sit an epoch out (torch 2.15's CPU
    convolutions corrupted memory in backward passes whose batch size changed from step to step).

    Args:
        images: uint8 (N, H, W) or (N, H, W, 3); resident in memory, on the device where it fits.
        labels: int64 (N,).
        recipe: Batch size, preparation, augmentation and seed.
        epoch: From 1; with the seed it decides every draw.
        device: Where the batch is made.

    Yields:
        float (B, C, S, S) in the recipe's value range, channels last, and int64 (B,); B is the batch size times the
        augmentation's copies.
    """
    generator = torch.Generator().manual_seed(recipe.seed * 100_003 + epoch)
    order = torch.randperm(len(labels), generator=generator).to(images.device)
    size = min(recipe.batch_size, len(order))
    for index in order[: len(order) // size * size].split(size):
        x = to_unit(images[index].to(device, non_blocking=True), recipe.preparation)
        x = augment(x, recipe.augmentation, generator)
        x = scale(x, recipe.preparation).contiguous(memory_format=torch.channels_last)
        yield x, labels[index].to(device, non_blocking=True).repeat_interleave(recipe.augmentation.copies, 0)


def train_one_epoch(
    model: nn.Module,
    data: Iterator[tuple[Tensor, Tensor]],
    loss_fn: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    precision: torch.dtype = torch.float32,
    clip_norm: float = 0.0,
    after_step: Callable[[], None] = lambda: None,
) -> tuple[float, float]:
    """One pass over the batches.

    Args:
        model: Network on the batches' device.
        data: Batches of float (B, C, S, S) and int64 (B,).
        loss_fn: Logits and targets to a mean loss.
        optimizer: Steps once a batch.
        precision: Number format of the forward pass; the weights stay float32.
        clip_norm: Largest gradient norm; 0 for none.
        after_step: Called once after every step (schedules, moving averages).

    Returns:
        Mean loss in nats and accuracy (0 to 1) over the images.
    """
    model.train()
    device = next(model.parameters()).device
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device)
    seen = 0
    for x, target in data:
        with torch.autocast(device.type, precision, enabled=precision != torch.float32):
            logits = model(x)
        loss = loss_fn(logits.float(), target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if clip_norm:
            nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        after_step()
        loss_sum += loss.detach() * len(target)
        correct += (logits.argmax(1) == target).sum()
        seen += len(target)
    return loss_sum.item() / seen, correct.item() / seen


def _optimizer(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    spec = recipe.optimizer
    kernels = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": spec.weight_decay}, {"params": others, "weight_decay": 0.0}]
    if spec.name == "sgd":
        return torch.optim.SGD(groups, lr=spec.lr, momentum=spec.momentum, nesterov=spec.momentum > 0)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[spec.name](groups, lr=spec.lr)


def _scheduler(
    schedule: Schedule, optimizer: torch.optim.Optimizer, lr: float, steps: int, epochs: int
) -> lr_scheduler.LRScheduler | lr_scheduler.ReduceLROnPlateau | None:
    """The schedule of a recipe; ``onecycle`` and ``cosine`` move with every step, the others with every epoch."""
    if schedule.name == "onecycle":
        return lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps * epochs, pct_start=schedule.warmup or 1e-6)
    if schedule.name == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps * epochs)
    if schedule.name == "plateau":
        return lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=schedule.factor, patience=schedule.patience)
    if schedule.name == "step":
        return lr_scheduler.StepLR(optimizer, schedule.patience, schedule.factor)
    return None


def _moving_average(decay: float) -> Callable[..., None]:
    """Exponential moving average whose decay rises to its value: the first random weights are soon forgotten."""

    def update(averaged: list[Tensor], current: list[Tensor], steps: Tensor | int) -> None:
        keep = min(decay, (1 + int(steps)) / (10 + int(steps)))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, 1 - keep)
        else:
            for a, c in zip(averaged, current, strict=True):
                a.copy_(c)

    return update


class _Trainer:
    """The state that moves through training, and how it is saved and restored."""

    def __init__(self, recipe: Recipe, data: FaceDataset, device: torch.device) -> None:
        fold = get_protocol(recipe.protocol).folds(data)[0]
        train, select = data.select(fold.train), data.select(fold.select)
        self.recipe = recipe
        self.device = device
        self.select = select
        self.images = torch.from_numpy(np.array(train.images)).to(device)
        self.labels = torch.from_numpy(np.array(train.labels)).to(device)
        model = create_model(
            recipe.model,
            num_classes=data.num_classes,
            in_chans=recipe.preparation.channels,
            seed=recipe.seed,
            **recipe.model_options,
        )
        self.model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.ema = (
            AveragedModel(self.model, multi_avg_fn=_moving_average(recipe.ema), use_buffers=True)
            if recipe.ema
            else None
        )
        weights = class_weights(train.labels, data.num_classes).to(device) if recipe.class_weights else None
        self.loss_fn = cross_entropy(recipe.label_smoothing, weights)
        self.optimizer = _optimizer(recipe, self.model)
        steps = max(1, len(train) // recipe.batch_size)
        self.scheduler = _scheduler(recipe.schedule, self.optimizer, recipe.optimizer.lr, steps, recipe.epochs)
        self.history: list[EpochStats] = []
        self.seconds: list[float] = []
        self.best_accuracy = -1.0
        self.best_epoch = 0
        self.best_state: dict[str, Tensor] = {}

    @property
    def scored_model(self) -> nn.Module:
        """The network that is scored: the moving average where the recipe keeps one."""
        return self.model if self.ema is None else self.ema.module

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "ema": None if self.ema is None else self.ema.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "history": [vars(row) for row in self.history],
            "seconds": self.seconds,
            "best": (self.best_accuracy, self.best_epoch, self.best_state),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        if self.ema is not None:
            self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.history = [EpochStats(**row) for row in state["history"]]
        self.seconds = list(state["seconds"])
        self.best_accuracy, self.best_epoch, self.best_state = state["best"]

    def _after_step(self) -> None:
        if self.ema is not None:
            self.ema.update_parameters(self.model)
        if isinstance(self.scheduler, (lr_scheduler.OneCycleLR, lr_scheduler.CosineAnnealingLR)):
            self.scheduler.step()

    def run_epoch(self) -> EpochStats:
        """Train one epoch, score the selection split, and remember the weights if they are the best so far."""
        recipe, epoch, started = self.recipe, len(self.history) + 1, time.perf_counter()
        # Dropout draws from the global generator.
        torch.manual_seed(recipe.seed * 100_003 + epoch)
        loss, accuracy = train_one_epoch(
            self.model,
            batches(self.images, self.labels, recipe, epoch, self.device),
            self.loss_fn,
            self.optimizer,
            precision=getattr(torch, recipe.precision),
            clip_norm=recipe.clip_norm,
            after_step=self._after_step,
        )
        if not math.isfinite(loss):
            raise FerstudyError(
                f"run {recipe.run_name}: the loss became {loss} in epoch {epoch} (learning "
                f"rate {self.optimizer.param_groups[0]['lr']:.3g}); epoch {epoch - 1} is kept; "
                "lower the rate or set clip_norm"
            )
        select_loss, select_accuracy = self._selection_scores()
        row = EpochStats(
            epoch=epoch,
            lr=self.optimizer.param_groups[0]["lr"],
            train_loss=loss,
            train_accuracy=accuracy,
            select_loss=select_loss,
            select_accuracy=select_accuracy,
        )
        if isinstance(self.scheduler, lr_scheduler.ReduceLROnPlateau):
            self.scheduler.step(row.select_accuracy)
        elif isinstance(self.scheduler, lr_scheduler.StepLR):
            self.scheduler.step()
        # Where nothing selects (NaN), the last epoch is the best.
        if not row.select_accuracy <= self.best_accuracy:
            self.best_accuracy, self.best_epoch = row.select_accuracy, epoch
            self.best_state = {k: v.detach().cpu().clone() for k, v in self.scored_model.state_dict().items()}
        self.history.append(row)
        self.seconds.append(time.perf_counter() - started)
        return row

    def _selection_scores(self) -> tuple[float, float]:
        """Cross-entropy and accuracy on the selection images."""
        if not len(self.select):
            return math.nan, math.nan
        recipe = self.recipe
        logits = torch.from_numpy(
            predict_logits(self.scored_model, self.select.images, recipe.preparation, crop=recipe.augmentation.crop)
        )
        target = torch.from_numpy(np.array(self.select.labels))
        loss = nn.functional.cross_entropy(logits, target).item()
        return loss, (logits.argmax(1) == target).double().mean().item()

    def finished(self) -> bool:
        """All epochs are done, or the selection accuracy has not risen for the recipe's patience."""
        done = len(self.history)
        stale = self.recipe.patience and done - self.best_epoch >= self.recipe.patience
        return done >= self.recipe.epochs or bool(stale)


def train(
    recipe: Recipe,
    *,
    data: FaceDataset | None = None,
    root: Path | str | None = None,
    out: Path | str = "runs",
    on_epoch: Callable[[EpochStats, Recipe], None] | None = None,
    device: torch.device | None = None,
    restart: bool = False,
) -> runs.Run:
    """Train a recipe and score the epoch that its protocol selects.

    A finished run of the same recipe is returned as it is; an unfinished one continues.

    Args:
        recipe: What to train.
        data: The dataset; loaded by the recipe's name where not given.
        root: Where to look for it.
        out: Folder that gets the run's folder.
        on_epoch: Called after every epoch with its row.
        device: The GPU where there is one, else the CPU, where not given.
        restart: Begin anew, replacing what is there once the new run is finished.

    Returns:
        The finished run.

    Raises:
        FerstudyError: The data cannot serve the protocol, another process writes this run, a run of another recipe
            bears the name, the folder cannot be written, or the loss is no longer finite (the last good epoch is kept).
    """
    data = data if data is not None else load_dataset(recipe.dataset, root=root, **recipe.dataset_options)
    protocol = get_protocol(recipe.protocol)
    data = protocol.view(data)
    check_protocol(protocol, data)
    finished = None if restart else runs.finished_run(Path(out), recipe, data.fingerprint)
    if finished is not None:
        return finished
    keep_freed_memory()
    with runs.RunWriter(Path(out), recipe, data, restart=restart) as writer:
        trainer = _Trainer(recipe, data, device or default_device())
        checkpoint = writer.load_checkpoint()
        if checkpoint is not None:
            trainer.restore(checkpoint)
        while not trainer.finished():
            row = trainer.run_epoch()
            writer.save_checkpoint(trainer.state())
            if on_epoch is not None:
                on_epoch(row, recipe)
        trainer.scored_model.load_state_dict(trainer.best_state)
        predictions = score(trainer.scored_model, recipe, data)
        return writer.finish(
            history=[vars(row) for row in trainer.history],
            seconds=trainer.seconds,
            best_epoch=trainer.best_epoch,
            predictions=predictions,
            weights=trainer.best_state,
            device=trainer.device,
        )
