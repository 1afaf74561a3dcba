"""Rates are rates, and the plain pipeline gives what ours gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ferstudy.benchmark import median_seconds
from ferstudy.data import FaceDataset
from ferstudy.data.preparation import Preparation, prepare
from ferstudy.recipes import Recipe
from ferstudy.throughput import plain_loader, throughput


def test_plain_loader_gives_what_ours_gives(dots: FaceDataset, tiny: Recipe) -> None:
    x, y = next(iter(plain_loader(dots, tiny, workers=0)))
    assert x.shape == (28, 1, 48, 48)
    assert x.min() >= -1
    assert x.max() <= 1
    assert set(y.tolist()) <= set(range(7))


@pytest.mark.parametrize("training", [True, False])
def test_throughput(training: bool, dots: FaceDataset, tiny: Recipe) -> None:
    rates = throughput(tiny, dots, training, workers=0, repeats=1)
    assert set(rates) == {"ours", "plain", "network", "our_data", "plain_data", "product"}
    assert all(rate > 0 for rate in rates.values())
    # A pipeline alone is faster than with a network behind it.
    assert rates["our_data"] > rates["ours"]


def test_throughput_in_colour(dots: FaceDataset, tiny: Recipe) -> None:
    colour = tiny.but(model="squeezenet_se", preparation=Preparation(channels=3), batch_size=4, images=8)
    rates = throughput(colour, dots.select(np.arange(8)), workers=0, repeats=1)
    assert rates["ours"] > 0
    x, _ = next(iter(plain_loader(dots, colour, workers=0, training=False)))
    assert x.shape == (4, 3, 48, 48)


def test_the_plain_pipeline_scores_unchanged_faces_in_order(dots: FaceDataset, tiny: Recipe) -> None:
    x, y = next(iter(plain_loader(dots, tiny, workers=0, training=False)))
    expected = prepare(torch.from_numpy(np.array(dots.images[:28])), tiny.preparation)
    torch.testing.assert_close(x, expected, atol=1e-6, rtol=0)
    assert y.tolist() == dots.labels[:28].tolist()


def test_the_peak_is_that_of_a_matrix_product(dots: FaceDataset, tiny: Recipe) -> None:
    """Numpy's product of matrices as large takes as long, within the noise of a shared machine."""
    found = throughput(tiny, dots, training=False, workers=0, repeats=3)["product"]
    a = np.ones((1024, 1024), np.float32)
    (seconds,) = median_seconds([lambda: a @ a], 3)
    assert 0.05 < found * seconds / (2 * 1024**3) < 20
