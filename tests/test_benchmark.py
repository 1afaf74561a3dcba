"""Times are times, and what is counted follows the formulae."""

from __future__ import annotations

import time

import pytest
from torch import nn

from ferstudy.benchmark import convolution_costs, file_sizes, median_seconds, plain_loader, training_throughput
from ferstudy.data import FaceDataset
from ferstudy.recipes import Recipe


def test_median_seconds() -> None:
    short, long = median_seconds([lambda: time.sleep(0.001), lambda: time.sleep(0.02)], repeats=3)
    assert 0.001 <= short < 0.02 <= long


def test_convolution_costs_by_formula() -> None:
    table = convolution_costs((8, 32), size=10, repeats=1)
    for channels, standard, separable in zip(table["channels"], table["standard"], table["separable"], strict=True):
        assert standard == 100 * 9 * channels**2
        assert separable == 100 * (9 * channels + channels**2)
    assert (table[["standard_ms", "separable_ms"]] > 0).all(axis=None)


def test_plain_loader_gives_what_ours_gives(dots: FaceDataset, tiny: Recipe) -> None:
    x, y = next(iter(plain_loader(dots, tiny, workers=0)))
    assert x.shape == (28, 1, 48, 48)
    assert x.min() >= -1
    assert x.max() <= 1
    assert set(y.tolist()) <= set(range(7))


def test_training_throughput(dots: FaceDataset, tiny: Recipe) -> None:
    rates = training_throughput(tiny, dots, workers=0)
    assert set(rates) == {"ours", "plain", "plain_data_only"}
    assert all(rate > 0 for rate in rates.values())


def test_file_sizes_count_the_copies_of_every_weight() -> None:
    """Of a layer of a million weights: four bytes each, once, twice with momentum, three times with Adam's moments."""
    layer = nn.Linear(1000, 1000)
    sizes = file_sizes(layer).set_index("file")["bytes"]
    copies = [sizes[name] / (4 * 1_001_000) for name in sizes.index]
    assert copies == pytest.approx([1, 1, 2, 3], rel=0.002)
    assert layer.weight.grad is None
