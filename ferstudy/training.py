"""The training loop: recipe in, run out.

Every random draw of epoch ``e`` comes from ``(seed, e)`` alone. A run that was killed therefore continues from its last
finished epoch to the same history and weights as one that was never stopped, on the same machine and library versions.
"""

from __future__ import annotations

import copy
import itertools
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

from ferstudy import pretrained, runs
from ferstudy.data import load_dataset
from ferstudy.data.base import I64, FaceDataset
from ferstudy.data.folds import Fold
from ferstudy.data.mixing import mix
from ferstudy.data.preparation import scale, to_unit
from ferstudy.data.protocols import check_protocol, get_protocol
from ferstudy.data.selection import identities
from ferstudy.data.transforms import augment, views
from ferstudy.errors import FerstudyError
from ferstudy.inference import default_device, predict_logits
from ferstudy.losses import CentreLoss, build_loss, class_weights
from ferstudy.memory import keep_freed_memory
from ferstudy.models import model_info
from ferstudy.models.embedding import Embedding
from ferstudy.models.initial import IMAGENET, freeze, imagenet_state, of_members, train_mode, transfer
from ferstudy.models.weights import as_stored, build_network, read_weights
from ferstudy.optimization import BY_STEP, build_optimizer, build_scheduler, climb, descend, follow
from ferstudy.recipes import Recipe
from ferstudy.scoring import score


class OutOfTime(Exception):
    """The deadline came before a run was finished; its last epoch is kept."""


@dataclass(frozen=True)
class EpochStats:
    """One row of a history.

    Attributes:
        epoch: From 1.
        lr: Learning rate of the epoch's last step.
        train_loss: Mean loss in nats over the augmented training images.
        train_accuracy: Share of them classified correctly during the epoch, 0 to 1.
        select_loss: Mean cross-entropy in nats on the selection split by the views that select; NaN where nothing does.
        select_accuracy: Accuracy on the selection split by the same views, 0 to 1; NaN where nothing selects.
        fold: Which of the protocol's folds, from 1.
    """

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    select_loss: float
    select_accuracy: float
    fold: int = 1


def batches(
    images: Tensor, targets: Tensor, recipe: Recipe, epoch: int, device: torch.device
) -> Iterator[tuple[Tensor, Tensor]]:
    """The shuffled, augmented, prepared batches of one epoch.

    All batches are of one size, so the few images of an incomplete last one sit an epoch out (torch 2.15's CPU
    convolutions corrupted memory in backward passes whose batch size changed from step to step).

    Args:
        images: uint8 (N, H, W) or (N, H, W, 3); resident in memory, on the device where it fits.
        targets: int64 (N,) classes, or float (N, K) soft targets.
        recipe: Batch size, preparation, augmentation, mix and seed.
        epoch: From 1; with the seed it decides every draw.
        device: Where the batch is made.

    Yields:
        float (B, C, S, S) in the recipe's value range, channels last, and targets int64 (B,) or float (B, K); B is the
        batch size times the augmentation's copies.
    """
    generator = torch.Generator().manual_seed(recipe.seed * 100_003 + epoch)
    order = torch.randperm(len(targets), generator=generator)
    size, copies = min(recipe.batch_size, len(order)), recipe.augmentation.copies
    # Classes are drawn from soft targets on the host: asking the device in every step would make it wait.
    chances = targets.cpu() if recipe.loss.name == "sampled" and targets.ndim == 2 else None
    whole = order[: len(order) // size * size]
    for here, index in zip(whole.split(size), whole.to(images.device).split(size), strict=True):
        x = to_unit(images[index].to(device, non_blocking=True), recipe.preparation)
        x = augment(x, recipe.augmentation, generator)
        x = scale(x, recipe.preparation)
        y = targets[index].to(device, non_blocking=True).repeat_interleave(copies, 0)
        if chances is not None:
            drawn = torch.multinomial(chances[here].repeat_interleave(copies, 0), 1, generator=generator)
            y = drawn.squeeze(1).to(device, non_blocking=True)
        if recipe.mix:
            x, y = mix(x, y, recipe.mix, recipe.mix_alpha, generator)
        yield x.contiguous(memory_format=torch.channels_last), y


def train_one_epoch(
    model: nn.Module,
    data: Iterator[tuple[Tensor, Tensor]],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    precision: torch.dtype = torch.float32,
    clip_norm: float = 0.0,
    sam: float = 0.0,
    after_step: Callable[[Tensor], None] = lambda targets: None,
) -> tuple[float, float]:
    """One pass over the batches.

    Args:
        model: Network on the batches' device.
        data: Batches of float (B, C, S, S) and targets, int64 (B,) or float (B, K).
        loss_fn: Logits and targets to a mean loss.
        optimizer: Steps once a batch.
        precision: Number format of the forward pass; the weights stay float32.
        clip_norm: Largest gradient norm; 0 for none.
        sam: Radius of sharpness-aware minimisation; 0 for none.
        after_step: Called with the targets once after every step (schedules, averages, centres).

    Returns:
        Mean loss in nats and accuracy (0 to 1) over the images; of soft targets their likeliest class counts.
    """
    train_mode(model)
    device = next(model.parameters()).device
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device)
    seen = 0

    def gradients(x: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(device.type, precision, enabled=precision != torch.float32):
            logits = model(x)
        loss = loss_fn(logits.float(), target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        return logits, loss

    for x, target in data:
        logits, loss = gradients(x, target)
        if sam:
            way_back = climb(parameters, sam)
            gradients(x, target)
            descend(parameters, way_back)
        if clip_norm:
            nn.utils.clip_grad_norm_(parameters, clip_norm)
        optimizer.step()
        after_step(target)
        loss_sum += loss.detach() * len(target)
        correct += (logits.argmax(1) == (target if target.ndim == 1 else target.argmax(1))).sum()
        seen += len(target)
    return loss_sum.item() / seen, correct.item() / seen


def first_weights(recipe: Recipe, network: nn.Module, folders: tuple[Path, ...]) -> None:
    """Give a freshly drawn network the weights that its recipe starts from, and freeze what it names, in place.

    Args:
        recipe: ``init``, ``reinitialise`` and ``freeze``.
        network: The network.
        folders: Where the run that ``init`` names is looked for, beside the runs that the package ships.

    Raises:
        FerstudyError: No such run or weights, nothing fits, or a pattern matches nothing.
    """
    if recipe.init == IMAGENET:
        transfer(network, imagenet_state(model_info(recipe.model)), recipe.reinitialise)
    elif recipe.init:
        named = [runs.get_run(name, *folders, pretrained.FOLDER) for name in recipe.init.split(" + ")]
        states = [read_weights(run.folder / runs.WEIGHTS) for run in named]
        state = states[0] if len(named) == 1 else of_members(network, [run.recipe.model for run in named], states)
        transfer(network, state, recipe.reinitialise)
    freeze(network, recipe.freeze)


class _Trainer:
    """The state that moves through training, and how it is saved and restored."""

    def __init__(
        self,
        recipe: Recipe,
        data: FaceDataset,
        fold: Fold,
        network: nn.Module,
        device: torch.device,
        deadline: float = math.inf,
    ) -> None:
        train, select = data.select(fold.train), data.select(fold.select)
        # Every fold draws its own batches.
        self.recipe = recipe.but(seed=recipe.seed + 1_000 * (fold.number - 1))
        self.fold = fold
        self.device = device
        self.deadline = deadline
        self.select = select
        self.images = torch.from_numpy(np.array(train.images)).to(device)
        self.targets = _targets(recipe, train).to(device)
        self.model = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.ema = AveragedModel(self.model, use_buffers=True) if recipe.ema else None
        weights = class_weights(train.labels, data.num_classes).to(device) if recipe.class_weights else None
        self.loss_fn = build_loss(recipe.loss, recipe.label_smoothing, weights)
        self.embedding: Embedding | None = None
        self.centres: CentreLoss | None = None
        if recipe.loss.centre:
            self.embedding = Embedding(self.model)
            self.centres = CentreLoss(
                data.num_classes, self.embedding.dimension, recipe.loss.centre_rate, recipe.loss.centre_form
            ).to(device)
        self.optimizer = build_optimizer(recipe.optimizer, self.model)
        steps = max(1, len(train) // recipe.batch_size)
        self.scheduler = build_scheduler(recipe.schedule, self.optimizer, recipe.optimizer.lr, steps, recipe.epochs)
        self.history: list[EpochStats] = []
        self.seconds: list[float] = []
        # Of scoring one view of an image.
        self.view_seconds = 0.0
        self.best_accuracy = -1.0
        self.best_epoch = 0
        self.best_state: dict[str, Tensor] = {}
        self.precision = "" if recipe.precision == "auto" else recipe.precision

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
            "centres": None if self.centres is None else self.centres.state_dict(),
            "history": [vars(row) for row in self.history],
            "seconds": self.seconds,
            "view_seconds": self.view_seconds,
            "best": (self.best_accuracy, self.best_epoch, self.best_state),
            "precision": self.precision,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        if self.ema is not None:
            self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        if self.centres is not None:
            self.centres.load_state_dict(state["centres"])
        self.history = [EpochStats(**row) for row in state["history"]]
        self.seconds = list(state["seconds"])
        self.view_seconds = state.get("view_seconds", 0.0)
        self.best_accuracy, self.best_epoch, self.best_state = state["best"]
        self.precision = state.get("precision") or self.recipe.precision

    def _joint_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The loss, and the recipe's share of the centre loss: mobilenet_realtime's equation (3), over its N."""
        loss: Tensor = self.loss_fn(logits, targets)
        if self.centres is not None and self.embedding is not None and self.embedding.value is not None:
            features = self.embedding.value.float()
            loss = loss + self.recipe.loss.centre * self.centres(features, targets) / len(targets)
        return loss

    def _after_step(self, targets: Tensor) -> None:
        if self.centres is not None and self.embedding is not None and self.embedding.value is not None:
            self.centres.update(self.embedding.value.detach().float(), targets)
        if self.ema is not None:
            follow(self.ema, self.model, self.recipe.ema)
        if isinstance(self.scheduler, BY_STEP):
            self.scheduler.step()
        # The epoch is lost, for the state of the last one is what is kept.
        self.leave_if_late()

    def leave_if_late(self, seconds: float = 0.0) -> None:
        """Stop where work of so many seconds would end after the deadline."""
        if time.monotonic() + seconds > self.deadline:
            raise OutOfTime(self.recipe.run_name)

    def run_epoch(self) -> EpochStats:
        """Train one epoch, score the selection split, and remember the weights if they are the best so far."""
        self.precision = self.precision or self.faster_precision()
        recipe, epoch, started = self.recipe, len(self.history) + 1, time.perf_counter()
        # Dropout draws from the global generator.
        torch.manual_seed(recipe.seed * 100_003 + epoch)
        loss, accuracy = train_one_epoch(
            self.model,
            batches(self.images, self.targets, recipe, epoch, self.device),
            self._joint_loss,
            self.optimizer,
            precision=getattr(torch, self.precision),
            clip_norm=recipe.clip_norm,
            sam=recipe.optimizer.sam,
            after_step=self._after_step,
        )
        if not math.isfinite(loss):
            raise FerstudyError(
                f"run {recipe.run_name}: the loss became {loss} in epoch {epoch} (learning "
                f"rate {self.optimizer.param_groups[0]['lr']:.3g}); epoch {epoch - 1} is kept; "
                "lower the rate or set clip_norm"
            )
        trained = time.perf_counter()
        with as_stored(self.scored_model) as state:
            select_loss, select_accuracy = self._selection_scores()
        # Where nothing selects, as slow as training.
        seen = len(self.select) * self._views(recipe.select_tta)
        images, since = (seen, trained) if seen else (len(self.targets), started)
        self.view_seconds = (time.perf_counter() - since) / images
        row = EpochStats(
            epoch=epoch,
            lr=self.optimizer.param_groups[0]["lr"],
            train_loss=loss,
            train_accuracy=accuracy,
            select_loss=select_loss,
            select_accuracy=select_accuracy,
            fold=self.fold.number,
        )
        if isinstance(self.scheduler, lr_scheduler.ReduceLROnPlateau):
            self.scheduler.step(row.select_accuracy)
        elif isinstance(self.scheduler, lr_scheduler.StepLR):
            self.scheduler.step()
        # Where nothing selects (NaN), the last epoch is the best.
        if not row.select_accuracy <= self.best_accuracy:
            self.best_accuracy, self.best_epoch = row.select_accuracy, epoch
            self.best_state = {name: value.cpu() for name, value in state.items()}
        self.history.append(row)
        self.seconds.append(time.perf_counter() - started)
        return row

    def _selection_scores(self) -> tuple[float, float]:
        """Cross-entropy and accuracy on the selection images."""
        if not len(self.select):
            return math.nan, math.nan
        recipe = self.recipe
        logits = torch.from_numpy(
            predict_logits(
                self.scored_model, self.select.images, recipe.preparation, recipe.select_tta, recipe.augmentation.crop
            )
        )
        target = torch.from_numpy(np.array(self.select.labels))
        loss = nn.functional.cross_entropy(logits, target).item()
        return loss, (logits.argmax(1) == target).double().mean().item()

    def result(self, data: FaceDataset) -> dict[str, Any]:
        """What the finished fold leaves, in values that a checkpoint may hold."""
        self.scored_model.load_state_dict(self.best_state)
        predictions = score(self.scored_model, self.recipe, data, self.fold)
        return {
            "history": [vars(row) for row in self.history],
            "seconds": self.seconds,
            "best_epoch": self.best_epoch,
            "precision": self.precision,
            "predictions": {name: torch.from_numpy(values) for name, values in predictions.items()},
            "weights": self.best_state,
        }

    def scoring_seconds(self) -> float:
        """What scoring the fold will take, by the last selection; a quarter more, for larger views and the files."""
        seen = sum(map(self._views, self.recipe.tta))
        return 1.25 * self.view_seconds * seen * sum(map(len, self.fold.score.values()))

    def _views(self, tta: str) -> int:
        """How many views of an image a test-time augmentation has."""
        face = torch.zeros(1, 1, self.recipe.preparation.size, self.recipe.preparation.size)
        return len(views(face, tta, self.recipe.augmentation.crop))

    def faster_precision(self) -> str:
        """The number format in which this processor takes the steps of the run faster.

        Three steps of each are timed on a copy of the network, after one that is not, so that nothing of the run moves.
        """
        recipe, seconds = self.recipe, {}
        data = list(itertools.islice(batches(self.images, self.targets, recipe, 1, self.device), 1)) * 3
        for precision in ("float32", "bfloat16"):
            model = copy.deepcopy(self.model)
            step = build_optimizer(recipe.optimizer, model)
            for steps in (data[:1], data):
                started = time.perf_counter()
                # What a CUDA device was asked is done when its loss is fetched, which this does.
                train_one_epoch(model, iter(steps), self.loss_fn, step, precision=getattr(torch, precision))
                seconds[precision] = time.perf_counter() - started
        return min(seconds, key=lambda precision: seconds[precision])

    def finished(self) -> bool:
        """All epochs are done, or the selection accuracy has not risen for the recipe's patience."""
        done = len(self.history)
        stale = self.recipe.patience and done - self.best_epoch >= self.recipe.patience
        return done >= self.recipe.epochs or bool(stale)


def few(fold: Fold, recipe: Recipe) -> Fold:
    """A fold with at most the recipe's number of images in each part."""
    if not recipe.images:
        return fold
    rng = np.random.default_rng(recipe.seed)

    def some(index: I64) -> I64:
        return np.sort(rng.permutation(index)[: recipe.images])

    score = {name: some(index) for name, index in fold.score.items()}
    return Fold(fold.number, some(fold.train), some(fold.select), score)


def _targets(recipe: Recipe, train: FaceDataset) -> Tensor:
    """What the loss compares with: soft targets where the dataset has them or the recipe mixes, else classes."""
    if train.targets is not None:
        return torch.from_numpy(np.array(train.targets, np.float32))
    labels = torch.from_numpy(np.array(train.labels))
    return nn.functional.one_hot(labels, train.num_classes).float() if recipe.mix else labels


def load_data(recipe: Recipe, root: Path | str | None = None) -> FaceDataset:
    """The images that the protocol of a recipe indexes: loaded, joined and selected.

    Args:
        recipe: Dataset, its options, protocol and task.
        root: Where to look for the data.

    Raises:
        FerstudyError: The data is missing, damaged or cannot serve the protocol.
    """
    protocol = get_protocol(recipe.protocol)
    return protocol.gather(recipe.dataset, lambda name: load_dataset(name, root=root, **recipe.dataset_options))


def train(
    recipe: Recipe,
    *,
    data: FaceDataset | None = None,
    root: Path | str | None = None,
    out: Path | str = "runs",
    on_epoch: Callable[[EpochStats, Recipe], None] | None = None,
    device: torch.device | None = None,
    restart: bool = False,
    deadline: float = math.inf,
) -> runs.Run:
    """Train a recipe on every fold of its protocol and score the epochs that the protocol selects.

    A finished run of the same recipe is returned as it is; an unfinished one continues.

    Args:
        recipe: What to train.
        data: The dataset; loaded by the recipe's name where not given.
        root: Where to look for it.
        out: Folder that gets the run's folder.
        on_epoch: Called after every epoch with its row.
        device: The GPU where there is one, else the CPU, where not given.
        restart: Begin anew, replacing what is there once the new run is finished.
        deadline: Time of :func:`time.monotonic` by which the run is finished or left to be continued: no epoch and no
            scoring is begun that would end later, going by the last one, and an epoch that does take longer is dropped.

    Returns:
        The finished run; its weights are the last fold's.

    Raises:
        OutOfTime: The deadline came first; the run continues when started again.
        FerstudyError: The data cannot serve the protocol, another process writes this run, a run of another recipe
            bears the name, the folder cannot be written, or the loss is no longer finite (the last good epoch is kept).
    """
    protocol = get_protocol(recipe.protocol)
    data = load_data(recipe, root) if data is None else protocol.view(data)
    if recipe.task == "identity":
        data = identities(data)
    check_protocol(protocol, data)
    finished = None if restart else runs.finished_run(Path(out), recipe, data.fingerprint)
    if finished is not None:
        return finished
    keep_freed_memory()
    device = device or default_device()
    # All batches of a run are of one size, so that a search for the fastest kernels pays.
    torch.backends.cudnn.benchmark = device.type == "cuda"
    with runs.RunWriter(Path(out), recipe, data, restart=restart) as writer:
        checkpoint = writer.load_checkpoint() or {"done": [], "trainer": None}
        done: list[dict[str, Any]] = checkpoint["done"]
        for whole in protocol.folds(data)[: recipe.folds or None][len(done) :]:
            fold = few(whole, recipe)
            network = build_network(recipe, data.num_classes)
            first_weights(recipe, network, (Path(out),))
            trainer = _Trainer(recipe, data, fold, network, device, deadline)
            if done:
                trainer.precision = done[0]["precision"]
            if checkpoint["trainer"] is not None:
                trainer.restore(checkpoint["trainer"])
                checkpoint["trainer"] = None
            while not trainer.finished():
                trainer.leave_if_late(trainer.seconds[-1] if trainer.seconds else 0)
                row = trainer.run_epoch()
                writer.save_checkpoint({"done": done, "trainer": trainer.state()})
                if on_epoch is not None:
                    on_epoch(row, recipe)
            trainer.leave_if_late(trainer.scoring_seconds())
            done.append(trainer.result(data))
            writer.save_checkpoint({"done": done, "trainer": None})
        return writer.finish(done, device)
