"""Costs: the time of an operation, a network or a training pipeline on this machine, and the size of its files.

Wall-clock times on a shared machine are noisy, so every function measures what it compares in one call, alternating,
and gives medians.
"""

from __future__ import annotations

import copy
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from ferstudy.data.base import U8, FaceDataset
from ferstudy.memory import keep_freed_memory
from ferstudy.models.lite_xception import SeparableConv
from ferstudy.models.summary import multiply_adds

if TYPE_CHECKING:
    from ferstudy.pipeline import Pipeline
    from ferstudy.recipes import Recipe


def median_seconds(operations: Sequence[Callable[[], Any]], repeats: int, warmup: int = 2) -> list[float]:
    """Median seconds of some operations, taken in turns so that a slow moment of the machine meets them all."""
    times: list[list[float]] = [[] for _ in operations]
    for turn in range(warmup + repeats):
        for k, operation in enumerate(operations):
            started = time.perf_counter()
            operation()
            if turn >= warmup:
                times[k].append(time.perf_counter() - started)
    return [float(np.median(row)) for row in times]


def milliseconds_a_face(model: nn.Module, shape: tuple[int, int, int], repeats: int = 10, batch: int = 1) -> float:
    """Median milliseconds that a network takes for one face, with one thread of this machine's processor.

    Args:
        model: The network on the CPU; left in the mode it was in, channels last.
        shape: (C, H, W) of a face.
        repeats: Passes behind the median.
        batch: Faces a pass.
    """
    keep_freed_memory()
    x = torch.randn(batch, *shape).contiguous(memory_format=torch.channels_last)
    was_training, threads = model.training, torch.get_num_threads()
    # Outside inference mode, which would leave weights that cannot be trained or explained any more.
    model.eval().to(memory_format=torch.channels_last)
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            (seconds,) = median_seconds([lambda: model(x)], repeats)
    finally:
        torch.set_num_threads(threads)
        model.train(was_training)
    return 1000 * seconds / batch


@torch.inference_mode()
def convolution_costs(channels: Sequence[int], size: int = 22, batch: int = 16, repeats: int = 10) -> pd.DataFrame:
    """Standard 3 x 3 convolution against depthwise separable, as many channels out as in (lite_xception, Fig. 1).

    Args:
        channels: Numbers of channels.
        size: Height and width of the maps in pixels.
        batch: Images a pass.
        repeats: Passes behind each median.

    Returns:
        A row a number of channels: multiply-adds of one image and milliseconds of one image, for both.
    """
    rows = []
    for c in channels:
        layers: list[nn.Module] = [nn.Conv2d(c, c, 3, padding=1, bias=False), SeparableConv(c, c)]
        x = torch.randn(batch, c, size, size).contiguous(memory_format=torch.channels_last)
        layers = [layer.to(memory_format=torch.channels_last) for layer in layers]
        seconds = median_seconds([lambda layer=layer, x=x: layer(x) for layer in layers], repeats)  # type: ignore[misc]
        counts = [multiply_adds(layer, (c, size, size)) for layer in layers]
        rows.append((c, *counts, *(1000 * s / batch for s in seconds)))
    return pd.DataFrame(rows, columns=["channels", "standard", "separable", "standard_ms", "separable_ms"])


def plain_loader(data: FaceDataset, recipe: Recipe, workers: int = 2) -> Any:
    """The way most code of the field feeds a network: a PIL image at a time through torchvision and a DataLoader.

    Args:
        data: Grey faces.
        recipe: Batch size and the ranges of the augmentation.
        workers: Processes of the DataLoader.

    Returns:
        A DataLoader of float (B, 1, 48, 48) in [-1, 1] and int64 (B,).
    """
    from PIL import Image
    from torchvision import transforms

    ranges = recipe.augmentation
    transform = transforms.Compose(
        [
            transforms.RandomHorizontalFlip(ranges.flip),
            transforms.RandomAffine(
                ranges.rotation, (ranges.translation, ranges.translation), (1 - ranges.zoom, 1 + ranges.zoom)
            ),
            transforms.ToTensor(),
            transforms.Normalize(0.5, 0.5),
        ]
    )

    class Faces(torch.utils.data.Dataset[tuple[Tensor, int]]):
        def __len__(self) -> int:
            return len(data)

        def __getitem__(self, index: int) -> tuple[Tensor, int]:
            return transform(Image.fromarray(np.array(data.images[index]))), int(data.labels[index])

    return torch.utils.data.DataLoader(
        Faces(), batch_size=recipe.batch_size, shuffle=True, drop_last=True, num_workers=workers
    )


def training_throughput(recipe: Recipe, data: FaceDataset, workers: int = 2) -> dict[str, float]:
    """Images a second in training, one pass each over the same faces: our pipeline against the plain one.

    Args:
        recipe: Its network, augmentation, batch size and precision; the plain pipeline trains in float32 and the
            default memory format, as it would.
        data: Faces to train on; a few thousand are enough.
        workers: Processes of the plain pipeline's DataLoader.

    Returns:
        ``ours``, ``plain``, and ``plain_data_only``: the plain pipeline without a network.
    """
    from ferstudy.models import create_model
    from ferstudy.training import batches, train_one_epoch

    device = torch.device("cpu")
    loader = plain_loader(data, recipe, workers)
    images, labels = torch.from_numpy(np.array(data.images)), torch.from_numpy(np.array(data.labels))
    count = len(labels) // recipe.batch_size * recipe.batch_size
    loss = nn.CrossEntropyLoss()

    def seconds(source: Any, memory_format: torch.memory_format, precision: torch.dtype) -> float:
        model = create_model(recipe.model, num_classes=data.num_classes, seed=0, **recipe.model_options)
        model = model.to(memory_format=memory_format)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        started = time.perf_counter()
        train_one_epoch(model, source, loss, optimizer, precision=precision)
        return time.perf_counter() - started

    plain = seconds(iter(loader), torch.contiguous_format, torch.float32)
    # Only now, as in training: the plain pipeline has the C library's own ways, unless the process trained before.
    keep_freed_memory()
    ours = seconds(batches(images, labels, recipe, 1, device), torch.channels_last, getattr(torch, recipe.precision))
    started = time.perf_counter()
    for _ in loader:
        pass
    only = time.perf_counter() - started
    return {"ours": count / ours, "plain": count / plain, "plain_data_only": count / only}


def file_sizes(model: nn.Module) -> pd.DataFrame:
    """Bytes of what training may leave of a network: weights alone, or with what an optimiser keeps of every weight.

    Args:
        model: The network; a copy is stepped once with gradients of zero, so that the optimisers have their state.

    Returns:
        A row a file: ``file``, ``bytes``, ``MB`` (10^6 bytes) and ``MiB`` (2^20 bytes).
    """
    from safetensors.torch import save

    def checkpoint(content: Any) -> int:
        buffer = io.BytesIO()
        torch.save(content, buffer)
        return buffer.tell()

    network = copy.deepcopy(model)
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    sizes = {"weights, safetensors": len(save(weights)), "weights, torch.save": checkpoint(weights)}
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizers = {
        "weights and momentum of SGD": torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9),
        "weights and both moments of Adam": torch.optim.Adam(network.parameters()),
    }
    for name, optimizer in optimizers.items():
        optimizer.step()
        sizes[f"{name}, torch.save"] = checkpoint({"weights": weights, "optimizer": optimizer.state_dict()})
    rows = [(name, size, round(size / 1e6, 2), round(size / 2**20, 2)) for name, size in sizes.items()]
    return pd.DataFrame(rows, columns=["file", "bytes", "MB", "MiB"])


@dataclass(frozen=True)
class TimeModel:
    """Time of a frame as a line in its number of faces (mobilenet_realtime, section 5.2).

    Attributes:
        frame: Milliseconds of a frame, whoever is in it.
        face: Milliseconds more for each face.
        explained: Share of the times' variance that the line explains (R squared), at most 1.
    """

    frame: float
    face: float
    explained: float = 1.0

    def milliseconds(self, faces: int) -> float:
        """Of a frame with so many faces."""
        return self.frame + faces * self.face

    def __str__(self) -> str:
        return f"{self.frame:.2f} + M × {self.face:.2f} ms"


def fit_time_model(faces: Sequence[float], milliseconds: Sequence[float]) -> TimeModel:
    """The line of least squares through times of frames.

    Args:
        faces: Faces in each frame, at least two different numbers.
        milliseconds: Time of each frame.
    """
    x, y = np.asarray(faces, np.float64), np.asarray(milliseconds, np.float64)
    face, frame = np.polyfit(x, y, 1)
    missed = float(((y - frame - face * x) ** 2).sum())
    return TimeModel(float(frame), float(face), 1 - missed / max(float(((y - y.mean()) ** 2).sum()), 1e-12))


def frame_times(pipeline: Pipeline, frames: Sequence[U8], repeats: int = 10, warmup: int = 2) -> pd.DataFrame:
    """Median milliseconds of frames by stage, taken in turns.

    Args:
        pipeline: Detector and network.
        frames: RGB (H, W, 3) pictures.
        repeats: Times that each frame is processed.
        warmup: Times before that do not count.

    Returns:
        A row a frame: ``faces`` found, ``detect``, ``prepare``, ``classify`` and their sum ``all``.
    """
    stages = ["detect", "prepare", "classify"]
    times = np.zeros((repeats, len(frames), len(stages)))
    found = [0] * len(frames)
    for turn in range(warmup + repeats):
        for k, frame in enumerate(frames):
            before = dict(pipeline.seconds)
            found[k] = len(pipeline.process(frame))
            if turn >= warmup:
                times[turn - warmup, k] = [1000 * (pipeline.seconds[stage] - before[stage]) for stage in stages]
    table = pd.DataFrame(np.median(times, axis=0), columns=stages)
    table.insert(0, "faces", found)
    return table.assign(all=np.median(times.sum(2), axis=0))
