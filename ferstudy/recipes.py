"""A recipe: everything that decides what a training run computes, as one frozen value.

A recipe is written as its differences from the defaults below. Equal recipes on equal data give equal runs.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

from ferstudy.data.augmentation import TTA, Augmentation
from ferstudy.data.mixing import MIXES
from ferstudy.data.preparation import Preparation
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError, unknown
from ferstudy.settings import Loss

OPTIMIZERS = ("adadelta", "adagrad", "adam", "adam_amsgrad", "adamw", "asgd", "radam", "sgd")
SCHEDULES = ("constant", "cosine", "cosine_restarts", "onecycle", "plateau", "step")
TASKS = ("expression", "identity")
PRECISIONS = ("float32", "bfloat16", "auto")

T = TypeVar("T")


@dataclass(frozen=True)
class Optimizer:
    """The rule that changes the weights.

    Attributes:
        name: One of ``OPTIMIZERS``.
        lr: Learning rate; of a one-cycle schedule the highest.
        weight_decay: L2 penalty, applied to convolution and linear kernels only; decoupled from the gradient for
            ``adamw`` and for ``radam``, whose authors' own code (L. Liu et al., 2020) decouples it too.
        momentum: Momentum of ``sgd``.
        nesterov: Whether that momentum is Nesterov's.
        sam: Radius of sharpness-aware minimisation, which takes the gradient at the worst point so near by; 0 for none.
            It doubles the cost of a step.
    """

    name: str = "adamw"
    lr: float = 1e-3
    weight_decay: float = 0.0
    momentum: float = 0.9
    nesterov: bool = True
    sam: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in OPTIMIZERS:
            raise unknown("optimizer", self.name, OPTIMIZERS)
        if self.lr <= 0 or self.weight_decay < 0 or not 0 <= self.momentum < 1 or self.sam < 0:
            raise FerstudyError(
                f"optimizer: expected lr > 0, weight_decay >= 0, momentum of 0 to 1 and sam >= 0, "
                f"got {self.lr}, {self.weight_decay}, {self.momentum}, {self.sam}"
            )


@dataclass(frozen=True)
class Schedule:
    """How the learning rate moves.

    Attributes:
        name: One of ``SCHEDULES``.
        factor: What ``plateau`` and ``step`` multiply the rate by.
        patience: Epochs without a better selection accuracy before ``plateau`` acts; epochs between ``step`` drops;
            epochs between the restarts of ``cosine_restarts``.
        warmup: Share of training in which ``onecycle`` rises.
        period: Epochs in which ``cosine`` falls to nothing, to rise again in the next as many; 0 for all of training,
            so that it falls once.
        floor: Lowest rate that ``plateau`` goes down to.
    """

    name: str = "onecycle"
    factor: float = 0.1
    patience: int = 10
    warmup: float = 0.2
    period: int = 0
    floor: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in SCHEDULES:
            raise unknown("schedule", self.name, SCHEDULES)
        if not 0 < self.factor < 1 or self.patience < 1 or not 0 <= self.warmup < 1 or min(self.period, self.floor) < 0:
            raise FerstudyError(
                "schedule: expected factor in (0, 1), patience >= 1, warmup in [0, 1), period >= 0 and floor >= 0"
            )


@dataclass(frozen=True)
class Recipe:
    """What to train, on what, and how.

    Attributes:
        name: ``model.dataset.variant``; a run adds its seed.
        model: Registered model.
        dataset: Registered dataset.
        model_options: Passed to the model.
        dataset_options: Passed to the dataset's loader (the synthetic faces take their number, say); ``stand_in`` loads
            synthetic faces in a dataset's place, such as ``{"ck_plus": {"people": 118}}``.
        protocol: Registered protocol.
        folds: How many of the protocol's folds are trained and scored, from the first; 0 for all.
        images: At most so many images of each split or part, drawn by the seed; 0 for all. Others make a trial, which
            is no result and cannot be recorded.
        preparation: Stored pixels to network input.
        augmentation: Random changes in training.
        mix: ``mixup`` or ``cutmix`` of each training batch, empty for neither.
        mix_alpha: Shares are drawn from Beta(alpha, alpha).
        task: ``expression``, or ``identity`` to learn whose face it is first (attention_fusion, section 2.4).
        init: Where the first weights come from: empty for the seed, ``imagenet``, or a run's name or folder; of an
            ensemble a run for each member, with `` + `` between them.
        reinitialise: Names or shell patterns of weights that start from the seed all the same.
        freeze: Names or shell patterns of parameters that stay as they start.
        loss: What training makes small.
        optimizer: Rule and rate.
        schedule: Movement of the rate.
        epochs: Passes over the training images.
        batch_size: Images a step.
        label_smoothing: Share of the target spread over all classes.
        class_weights: Weigh classes by inverse frequency.
        clip_norm: Largest gradient norm; 0 for none.
        ema: Decay a step of the moving average of the weights that is scored; 0 for the weights themselves.
        patience: Epochs without a better selection accuracy before training stops; 0 for never.
        precision: Number format of the training passes; scoring is always float32. ``auto`` times three steps of each
            when a run begins and keeps the faster, for processors differ by a factor of four in what bfloat16 brings.
        select_tta: Test-time augmentation that chooses the epoch, and that a plateau is seen with.
        tta: Test-time augmentations that the chosen epoch is scored with.
        seed: Initial weights, order, augmentation and dropout follow from it.
        cites: Where the paper says so, and what it leaves open.
    """

    name: str
    model: str
    dataset: str = "fer2013"
    model_options: Mapping[str, Any] = field(default_factory=dict)
    dataset_options: Mapping[str, Any] = field(default_factory=dict)
    protocol: str = "strict"
    folds: int = 0
    images: int = 0
    preparation: Preparation = field(default_factory=Preparation)
    augmentation: Augmentation = field(default_factory=Augmentation)
    mix: str = ""
    mix_alpha: float = 0.2
    task: str = "expression"
    init: str = ""
    reinitialise: tuple[str, ...] = ()
    freeze: tuple[str, ...] = ()
    loss: Loss = field(default_factory=Loss)
    optimizer: Optimizer = field(default_factory=Optimizer)
    schedule: Schedule = field(default_factory=Schedule)
    epochs: int = 40
    batch_size: int = 128
    label_smoothing: float = 0.0
    class_weights: bool = False
    clip_norm: float = 0.0
    ema: float = 0.0
    patience: int = 0
    precision: str = "float32"
    select_tta: str = "single"
    tta: tuple[str, ...] = ("single", "flip", "ten_crop")
    seed: int = 0
    cites: str = ""

    def __post_init__(self) -> None:
        get_protocol(self.protocol)
        for tta in (self.select_tta, *self.tta):
            if tta not in TTA:
                raise unknown("test-time augmentation", tta, TTA)
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS)
        if self.task not in TASKS:
            raise unknown("task", self.task, TASKS)
        if self.mix and self.mix not in MIXES:
            raise unknown("mix", self.mix, MIXES)
        if self.mix_alpha <= 0 or (self.mix and self.loss.name != "cross_entropy") or (self.mix and self.loss.centre):
            raise FerstudyError(
                f"recipe {self.name!r}: a mix needs mix_alpha > 0, the loss cross_entropy and no centre loss, "
                "for mixed images belong to no single class"
            )
        if self.schedule.name == "plateau" and not get_protocol(self.protocol).selects:
            raise FerstudyError(
                f"recipe {self.name!r}: the schedule 'plateau' follows the selection accuracy, "
                f"and nothing selects under {self.protocol!r}; choose another schedule"
            )
        if self.images < 0:
            raise FerstudyError(f"recipe {self.name!r}: expected images >= 0, got {self.images}")
        if self.epochs < 1 or self.batch_size < 2 or min(self.patience, self.clip_norm, self.folds) < 0:
            raise FerstudyError(
                f"recipe {self.name!r}: expected epochs >= 1, batch_size >= 2, patience >= 0, clip_norm >= 0 and "
                f"folds >= 0, got {self.epochs}, {self.batch_size}, {self.patience}, {self.clip_norm}, {self.folds}"
            )
        if not 0 <= self.label_smoothing < 1 or not 0 <= self.ema < 1:
            raise FerstudyError(f"recipe {self.name!r}: expected label_smoothing and ema in [0, 1)")
        if self.augmentation.crop > self.preparation.size:
            raise FerstudyError(
                f"recipe {self.name!r}: a crop of {self.augmentation.crop} does not fit {self.preparation.size} pixels"
            )

    @property
    def run_name(self) -> str:
        """Name of the run that this recipe gives: ``model.dataset.variant.sSEED``."""
        return f"{self.name}.s{self.seed}"

    @property
    def stand_in(self) -> bool:
        """Whether synthetic faces stand in for its dataset, as its options say (``load_dataset``'s ``stand_in``)."""
        return bool(self.dataset_options.get("stand_in"))

    def but(self, **changes: Any) -> Recipe:
        """A copy with some fields changed."""
        known = {f.name for f in dataclasses.fields(self)}
        for key in changes:
            if key not in known:
                raise unknown("recipe key", key, known)
        return dataclasses.replace(self, **changes)

    def with_settings(self, settings: Iterable[str]) -> Recipe:
        """A copy with values given as text, ``key=value`` or ``key.inner=value``, the value in YAML.

        Raises:
            FerstudyError: Not of this form, an unknown key or an impossible value.
        """
        import yaml

        values = self.to_dict()
        for setting in settings:
            path, found, text = setting.partition("=")
            outer, _, inner = path.partition(".")
            if not found or (inner and not isinstance(values.get(outer), dict)):
                raise FerstudyError(f"setting {setting!r}: expected key=value, as epochs=3 or optimizer.lr=0.01")
            (values[outer] if inner else values)[inner or outer] = yaml.safe_load(text)
        return Recipe.from_dict(values)

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, for files."""
        plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return plain

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Recipe:
        """The recipe of nested plain values.

        Raises:
            FerstudyError: An unknown key, a missing one, or a value of the wrong kind.
        """
        return _build(Recipe, values, "recipe")


def _build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """A dataclass from plain values: unknown keys and wrong kinds are refused, nested dataclasses are built."""
    if not isinstance(values, Mapping):
        raise FerstudyError(f"{where}: expected keys and values, got {values!r}")
    hints = get_type_hints(kind)
    arguments: dict[str, Any] = {}
    for key, value in values.items():
        if key not in hints:
            raise unknown(f"{where} key", key, hints)
        hint = hints[key]
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            arguments[key] = _build(hint, value, f"{where} {key}")
        elif hint is float and not isinstance(value, bool):
            arguments[key] = _number(value, f"{where} {key}")
        elif hint in (int, float, str, bool):
            if type(value) is not hint:
                raise FerstudyError(f"{where} {key}: expected {hint.__name__}, got {value!r}")
            arguments[key] = value
        else:
            arguments[key] = tuple(value) if isinstance(value, list) else value
    try:
        return kind(**arguments)
    except TypeError as error:
        raise FerstudyError(f"{where}: {str(error).split('__init__() ')[-1]}") from error


def _number(value: Any, where: str) -> float:
    """A float, also of text: YAML 1.1 reads ``1e-3`` as text."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise FerstudyError(f"{where}: expected a number, got {value!r}") from error


def to_yaml(recipe: Recipe) -> str:
    """The recipe as YAML, two levels deep; its scalars are JSON, which YAML contains."""
    lines = []
    for key, value in recipe.to_dict().items():
        if isinstance(value, dict) and value:
            lines.append(f"{key}:")
            lines += [f"  {inner}: {json.dumps(v)}" for inner, v in value.items()]
        else:
            lines.append(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def from_yaml(text: str) -> Recipe:
    """The recipe that :func:`to_yaml` or a person wrote.

    Raises:
        FerstudyError: Not YAML, or not a recipe.
    """
    import yaml

    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise FerstudyError(f"recipe: not readable as YAML ({error})") from error
    return Recipe.from_dict(values)
