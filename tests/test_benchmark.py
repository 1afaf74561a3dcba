"""Times are times, and what is counted follows the formulae."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ferstudy.benchmark import (
    batch_and_size_costs,
    convolution_costs,
    file_sizes,
    fit_time_model,
    frame_times,
    median_seconds,
    one_face_times,
    process_seconds,
)
from ferstudy.data.preparation import Preparation
from ferstudy.errors import FerstudyError
from ferstudy.models import create_model
from ferstudy.pretrained import list_pretrained
from ferstudy.vision.boxes import Box
from ferstudy.vision.pipeline import Pipeline


def test_median_seconds() -> None:
    short, long = median_seconds([lambda: time.sleep(0.001), lambda: time.sleep(0.02)], repeats=3)
    assert 0.001 <= short < 0.02 <= long


def test_convolution_costs_by_formula() -> None:
    table = convolution_costs((8, 32), size=10, repeats=1)
    for channels, standard, separable in zip(table["channels"], table["standard"], table["separable"], strict=True):
        assert standard == 100 * 9 * channels**2
        assert separable == 100 * (9 * channels + channels**2)
    assert (table[["standard_ms", "separable_ms"]] > 0).all(axis=None)


def test_one_face_times_say_what_was_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, onnx = list_pretrained()[0], tmp_path / "network.onnx"
    table = one_face_times(run, onnx, repeats=3, compiled=False).set_index("runtime")
    assert (table.loc[["torch", "ONNX Runtime"], "ms"] > 0).all()
    assert table.loc["torch.compile", "note"] == "not run: left out here"
    monkeypatch.setenv("CXX", "no-such-compiler")
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    table = one_face_times(run, onnx, repeats=1).set_index("runtime")
    assert table["ms"].isna().tolist() == [False, True, True]
    assert table.loc["torch.compile", "note"] == "not run: needs a C++ compiler"
    assert "onnxscript is not installed" in table.loc["ONNX Runtime", "note"]


def test_costs_by_batch_and_size() -> None:
    network = create_model("lite_xception", seed=0)
    table = batch_and_size_costs(network, 1, (1, 4), (24, 96), repeats=3)
    assert table.index.tolist() == [1, 4]
    assert table.columns.tolist() == [24, 96]
    # Sixteen times the pixels.
    assert (table[96] > table[24]).all()
    assert network.training


def test_seconds_of_a_process() -> None:
    seconds = process_seconds({"nothing": "pass", "sleeps": "import time; time.sleep(0.5)"})
    assert 0 < seconds["nothing"] < seconds["sleeps"]
    with pytest.raises(FerstudyError, match="ZeroDivisionError"):
        process_seconds({"fails": "1 / 0"})


def test_file_sizes_count_the_copies_of_every_weight() -> None:
    """Of a layer of a million weights: four bytes each, once, twice with momentum, three times with Adam's moments."""
    layer = nn.Linear(1000, 1000)
    sizes = file_sizes(layer).set_index("file")["bytes"]
    copies = [sizes[name] / (4 * 1_001_000) for name in sizes.index]
    assert copies == pytest.approx([1, 1, 2, 3], rel=0.002)
    assert layer.weight.grad is None


def test_the_line_of_least_squares_by_hand() -> None:
    """Through (1, 3), (2, 5), (3, 4): slope 1/2, mean 4 at 2; it explains a quarter of the variance."""
    line = fit_time_model([1, 2, 3], [3, 5, 4])
    assert (line.frame, line.face, line.explained) == pytest.approx((3, 0.5, 0.25))
    exact = fit_time_model([1, 2, 8], [46.93 + m * 11.06 for m in (1, 2, 8)])
    assert str(exact) == "46.93 + M × 11.06 ms"
    assert exact.milliseconds(1) == pytest.approx(57.99)
    assert exact.explained == pytest.approx(1)


def test_frame_times_are_those_of_the_stages() -> None:
    """A detector and a network that take a known time: the first a frame, the second a face."""

    class Slow(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            time.sleep(0.004 * len(x))
            return torch.zeros(len(x), 2)

    class Corners:
        def detect(self, image: np.ndarray) -> list[Box]:
            time.sleep(0.01)
            return [Box(0, 0, 8, 8)] * int(image[0, 0, 0])

    pipeline = Pipeline(Slow(), Preparation(size=8), ("a", "b"), Corners())
    table = frame_times(pipeline, [np.full((16, 16, 3), n, np.uint8) for n in (0, 1, 5)], repeats=3, warmup=1)
    assert table["faces"].tolist() == [0, 1, 5]
    assert (table["detect"] >= 10).all()
    assert table["classify"][0] == 0
    assert table["classify"][2] >= 20 > 15 > table["classify"][1] >= 4
    assert (table["all"] >= table[["detect", "classify"]].max(axis=1)).all()
