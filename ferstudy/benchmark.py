"""Costs: the time of an operation, a network or a program on this machine, and the size of its files.

Wall-clock times on a shared machine are noisy, so every function measures what it compares in one call, alternating,
and gives medians.
"""

from __future__ import annotations

import copy
import io
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from ferstudy.data.base import U8
from ferstudy.errors import FerstudyError
from ferstudy.memory import keep_freed_memory
from ferstudy.models.lite_xception import SeparableConv
from ferstudy.models.summary import multiply_adds

if TYPE_CHECKING:
    from ferstudy.runs import Run
    from ferstudy.vision.pipeline import Pipeline


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


def one_face_times(run: Run, onnx: Path, repeats: int = 10, compiled: bool = True) -> pd.DataFrame:
    """Milliseconds for one face on one thread, through torch, ``torch.compile`` and ONNX Runtime, in alternation.

    Args:
        run: A run with weights.
        onnx: Where its network is exported to, for ONNX Runtime; ends in ``.onnx``.
        repeats: Passes behind each median.
        compiled: Whether to compile, which takes the better part of a minute.

    Returns:
        A row a runtime: ``runtime``, ``ms``, NaN where it was not run, and ``note``, why not.
    """
    from ferstudy.onnx_export import INPUT, export_onnx
    from ferstudy.vision.runtime import open_session

    model = run.load_model().to(memory_format=torch.channels_last)
    preparation = run.recipe.preparation
    side = run.recipe.augmentation.crop or preparation.size
    x = torch.randn(1, preparation.channels, side, side)
    operations: dict[str, Callable[[], Any]] = {"torch": lambda: model(x)}
    notes = dict.fromkeys(("torch", "torch.compile", "ONNX Runtime"), "")
    compiler = shutil.which(os.environ.get("CXX", "g++")) or shutil.which("clang++")
    if not compiled or compiler is None:
        notes["torch.compile"] = "not run: " + ("left out here" if not compiled else "needs a C++ compiler")
    else:
        fast = torch.compile(model)
        operations["torch.compile"] = lambda: fast(x)
    try:
        export_onnx(run, onnx)
        session = open_session(onnx)
        operations["ONNX Runtime"] = lambda: session.run(None, {INPUT: x.numpy()})
    except FerstudyError as error:
        notes["ONNX Runtime"] = f"not run: {error}"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            seconds = dict(zip(operations, median_seconds(list(operations.values()), repeats), strict=True))
    finally:
        torch.set_num_threads(threads)
    rows = [(name, 1000 * seconds.get(name, math.nan), note) for name, note in notes.items()]
    return pd.DataFrame(rows, columns=["runtime", "ms", "note"])


def batch_and_size_costs(
    model: nn.Module, channels: int, batches: Sequence[int], sizes: Sequence[int], repeats: int = 5
) -> pd.DataFrame:
    """Milliseconds a face by faces a pass and by their size, all in alternation, on all of torch's threads.

    Args:
        model: A network that takes any size; left in the mode it was in, channels last.
        channels: Colour channels of its input.
        batches: Faces a pass.
        sizes: Heights and widths in pixels.
        repeats: Passes behind each median.

    Returns:
        Index: faces a pass; a column a size.
    """
    keep_freed_memory()
    was_training = model.training
    model.eval().to(memory_format=torch.channels_last)
    cases = [(n, size) for n in batches for size in sizes]
    faces = [torch.randn(n, channels, s, s).contiguous(memory_format=torch.channels_last) for n, s in cases]
    with torch.inference_mode():
        seconds = median_seconds([lambda x=x: model(x) for x in faces], repeats, warmup=1)  # type: ignore[misc]
    model.train(was_training)
    table = pd.DataFrame(
        [(n, s, 1000 * value / n) for (n, s), value in zip(cases, seconds, strict=True)],
        columns=["faces", "size", "ms"],
    )
    return table.pivot_table(index="faces", columns="size", values="ms")


def process_seconds(programs: Mapping[str, str], repeats: int = 1) -> dict[str, float]:
    """Median seconds of a fresh Python process for some programs, in alternation.

    Args:
        programs: Name to Python source.
        repeats: Processes behind each median.

    Raises:
        FerstudyError: A program fails.
    """

    def start(source: str) -> None:
        done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
        if done.returncode:
            raise FerstudyError(f"a timed program failed: {done.stderr.strip().splitlines()[-1]}")

    operations = [lambda source=source: start(source) for source in programs.values()]
    return dict(zip(programs, median_seconds(operations, repeats, warmup=0), strict=True))


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
