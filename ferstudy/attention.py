"""Where a run's network looks, as averages over the faces that it gets right: ``attention.npz`` of a recorded run.

An average shows no person, is stronger evidence than a face that somebody picked, and takes kilobytes. With it the
Grad-CAM, saliency and mask figures of a recorded run can be drawn without its weights and without the data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ferstudy.data.base import FaceDataset
from ferstudy.data.preparation import scale, to_unit
from ferstudy.data.protocols import get_protocol
from ferstudy.data.transforms import views
from ferstudy.errors import FerstudyError
from ferstudy.explanation import explain, saliency
from ferstudy.models.residual_masking import ResidualMaskingNetwork, refine
from ferstudy.models.squeezenet_se import SqueezeNetSE
from ferstudy.runs import Run

FILE = "attention.npz"
# A map of fewer positions a side points to the middle whatever the face shows.
FINE_SIDE = 6
_BATCH = 64
# The third mask is the one that the paper shows (residual_masking, Figure 1).
_STAGE = 2

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Attention:
    """Averages over the rightly classified faces of a run's headline split, a class each.

    Attributes:
        classes: The K classes.
        counts: (K,) faces behind each average; 0 where the network got none right, and its averages are then 0.
        faces: (K, S, S) mean face in [0, 1], as the network sees it.
        maps: Layer to (K, h, w) mean Grad-CAM of the right class in logits' units, >= 0. The first layer is the
            registry's ``cam_layer``; where its maps are smaller than 6 x 6, the last layer of at least that comes too.
        spreads: Layer to (K, h, w) standard deviation of those maps over the faces.
        saliency: (K, S, S) mean saliency (:func:`ferstudy.explanation.saliency`).
        before, after: (K, h, w) mean over the channels of the third stage's map before and after its mask, of networks
            with masks; (0, 0, 0) of others.
        gates: For each squeeze-and-excitation block the (C,) mean gate over all faces, empty where there are none.
    """

    classes: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    faces: F32
    maps: dict[str, F32]
    spreads: dict[str, F32]
    saliency: F32
    before: F32
    after: F32
    gates: tuple[F32, ...]

    @property
    def fine(self) -> str:
        """The layer whose maps tell places apart best."""
        return list(self.maps)[-1]

    def differences(self, layer: str | None = None) -> F32:
        """(K, h, w) each class's mean map less the average over the classes that have one, in logits' units."""
        maps = self.maps[layer or self.fine]
        seen = self.counts > 0
        return np.where(seen[:, None, None], maps - maps[seen].mean(0), 0).astype(np.float32)

    def central(self, layer: str | None = None) -> bool:
        """Whether the maps say no more than "the middle": all classes peak within the central third of the face."""
        maps = self.maps[layer or self.fine][self.counts > 0]
        places = np.stack(np.unravel_index(maps.reshape(len(maps), -1).argmax(1), maps.shape[1:]), 1) + 0.5
        return bool((np.abs(places / maps.shape[-1] - 0.5) <= 1 / 6).all())


class _Mean:
    """A running mean and standard deviation by class."""

    def __init__(self, classes: int) -> None:
        self.counts = np.zeros(classes, np.int64)
        self._sum: npt.NDArray[np.float64] | None = None
        self._squares: npt.NDArray[np.float64] | None = None

    def add(self, values: npt.NDArray[np.floating], labels: npt.NDArray[np.int64]) -> None:
        if self._sum is None or self._squares is None:
            self._sum = np.zeros((len(self.counts), *values.shape[1:]))
            self._squares = np.zeros_like(self._sum)
        np.add.at(self._sum, labels, values)
        np.add.at(self._squares, labels, values.astype(np.float64) ** 2)
        self.counts += np.bincount(labels, minlength=len(self.counts))

    def mean(self) -> F32:
        assert self._sum is not None
        return (self._sum / self._divisor(self._sum.ndim)).astype(np.float32)

    def spread(self) -> F32:
        assert self._squares is not None
        variance = self._squares / self._divisor(self._squares.ndim) - self.mean().astype(np.float64) ** 2
        return np.sqrt(variance.clip(min=0)).astype(np.float32)

    def _divisor(self, ndim: int) -> npt.NDArray[np.int64]:
        return self.counts.clip(min=1).reshape(-1, *[1] * (ndim - 1))


def can_average(run: Run) -> bool:
    """Whether a run has average maps: its weights are of its only fold, and its network tells expressions apart."""
    return run.recipe.task == "expression" and run.status.get("folds", 1) == 1


def average_attention(
    run: Run, model: nn.Module, data: FaceDataset, on_batch: Callable[[int], None] = lambda faces: None
) -> Attention:
    """Average faces and maps of a run over the faces of its headline split that it gets right by a single view.

    Args:
        run: A finished run of which :func:`can_average` is true.
        model: The network with its weights.
        data: What its recipe was trained on, from :func:`ferstudy.training.load_data`.
        on_batch: Called with the number of faces after each batch.

    Raises:
        FerstudyError: The run has several folds or another task, or gets no face right.
    """
    recipe, protocol = run.recipe, get_protocol(run.recipe.protocol)
    if not can_average(run):
        raise FerstudyError(f"run {run.name}: average maps need one fold of expressions")
    (fold,) = protocol.folds(data)
    split = protocol.reported[0]
    logits, targets = run.logits(split, tta=recipe.tta[0])
    right = logits.argmax(1) == targets
    if not right.any():
        raise FerstudyError(f"run {run.name}: no face of {split} is classified rightly, so there is nothing to average")
    index, labels = fold.score[split][right], targets[right]
    count = len(data.classes)
    averages: dict[str, _Mean] = {}
    gates: list[_Mean] = []

    def add(name: str, values: npt.NDArray[np.floating], of: npt.NDArray[np.int64]) -> None:
        averages.setdefault(name, _Mean(count)).add(values, of)

    layers: tuple[str, ...] = ()
    for start in range(0, len(index), _BATCH):
        here = labels[start : start + _BATCH]
        stored = torch.from_numpy(np.array(data.images[index[start : start + _BATCH]]))
        (face,) = views(to_unit(stored, recipe.preparation), "single", recipe.augmentation.crop)
        x = scale(face, recipe.preparation)
        layers = layers or _layers(model, x[:1])
        add("faces", face.mean(1).numpy(), here)
        add("saliency", saliency(model, x, here.tolist()).maps, here)
        for layer in layers:
            add(layer, explain(model, x, here.tolist(), layer).raw.clip(min=0), here)
        with torch.no_grad():
            if isinstance(model, ResidualMaskingNetwork):
                stage, mask = model.stages(x)[_STAGE]
                add("before", stage.mean(1).numpy(), here)
                add("after", refine(stage, mask).mean(1).numpy(), here)
            if isinstance(model, SqueezeNetSE):
                found = model.gates(x)
                gates = gates or [_Mean(1) for _ in found]
                for mean, gate in zip(gates, found, strict=True):
                    mean.add(gate.numpy(), np.zeros(len(here), np.int64))
        on_batch(len(here))
    nothing = np.zeros((0, 0, 0), np.float32)
    return Attention(
        classes=tuple(data.classes),
        counts=averages["faces"].counts,
        faces=averages["faces"].mean(),
        maps={layer: averages[layer].mean() for layer in layers},
        spreads={layer: averages[layer].spread() for layer in layers},
        saliency=averages["saliency"].mean(),
        before=averages["before"].mean() if "before" in averages else nothing,
        after=averages["after"].mean() if "after" in averages else nothing,
        gates=tuple(mean.mean()[0] for mean in gates),
    )


def _layers(model: nn.Module, x: Tensor) -> tuple[str, ...]:
    """Where Grad-CAM looks: the registry's layer, and the last of at least 6 x 6 where that one is smaller."""
    sides: dict[str, int] = {}

    def remember(name: str) -> Callable[[nn.Module, object, object], None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, Tensor) and output.ndim == 4:
                sides[name] = min(output.shape[-2:])

        return hook

    handles = [module.register_forward_hook(remember(name)) for name, module in model.named_modules() if name]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    named = str(model.cam_layer)
    fine = [name for name, side in sides.items() if side >= FINE_SIDE and not name.startswith("masks.")]
    return (named,) if sides[named] >= FINE_SIDE or not fine else (named, fine[-1])


def write_attention(attention: Attention, path: Path) -> None:
    """Write averages as an ``.npz`` of plain arrays, in float16 but for the counts."""
    arrays: dict[str, np.ndarray] = {
        "classes": np.array(attention.classes),
        "counts": attention.counts,
        "layers": np.array(list(attention.maps)),
        "faces": attention.faces,
        "saliency": attention.saliency,
        "before": attention.before,
        "after": attention.after,
        **{f"map.{number}": values for number, values in enumerate(attention.maps.values())},
        **{f"spread.{number}": values for number, values in enumerate(attention.spreads.values())},
        **{f"gate.{number}": values for number, values in enumerate(attention.gates)},
    }
    # Averages of saliency are smaller than float16 tells from zero, so each array is kept as a share of its largest.
    packed: dict[str, np.ndarray] = {}
    for name, values in arrays.items():
        if values.dtype == np.float32:
            most = float(values.max(initial=0.0)) or 1.0
            packed[name], packed[f"{name}.unit"] = (values / most).astype(np.float16), np.array(most, np.float32)
        else:
            packed[name] = values
    np.savez_compressed(path, allow_pickle=False, **packed)


def read_attention(path: Path) -> Attention:
    """The averages that :func:`write_attention` wrote.

    Raises:
        FerstudyError: Missing, damaged, or of another form.
    """
    from ferstudy.runs import read_arrays

    arrays = read_arrays(path)

    def real(name: str) -> F32:
        return arrays[name].astype(np.float32) * arrays[f"{name}.unit"]

    try:
        layers = [str(name) for name in arrays["layers"]]
        return Attention(
            classes=tuple(map(str, arrays["classes"])),
            counts=arrays["counts"],
            faces=real("faces"),
            maps={layer: real(f"map.{number}") for number, layer in enumerate(layers)},
            spreads={layer: real(f"spread.{number}") for number, layer in enumerate(layers)},
            saliency=real("saliency"),
            before=real("before"),
            after=real("after"),
            gates=tuple(real(f"gate.{n}") for n in range(len(arrays)) if f"gate.{n}" in arrays),
        )
    except KeyError as error:
        raise FerstudyError(f"{path}: not a file of average maps, it lacks {error}") from error
