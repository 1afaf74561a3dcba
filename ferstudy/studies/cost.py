"""What a run costs before it is trained: multiply-adds from the recipe alone, hours from a rate measured here.

Nothing of a dataset is read: the numbers of images are those that its owners state.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import nn

from ferstudy.data import dataset_info
from ferstudy.data.folds import Folds, OfficialSplits
from ferstudy.data.protocols import get_protocol
from ferstudy.data.transforms import views
from ferstudy.errors import FerstudyError
from ferstudy.inference import default_device
from ferstudy.memory import keep_freed_memory
from ferstudy.models import summary
from ferstudy.models.weights import build_network
from ferstudy.recipes import Recipe
from ferstudy.training import train_one_epoch

# Where hours have to be the same on every machine, on a page say: 100 GFLOP/s, what a core without AMX reaches.
STATED_RATE = 50e9
# A backward pass takes about two forward passes.
_PASSES = 3
# How long the rate is measured.
_SECONDS = 2.0


class Sizes(NamedTuple):
    """Images that a run trains on, selects with and scores, of all its folds together."""

    train: int
    select: int
    score: int


class Cost(NamedTuple):
    """Multiply-adds of a run in convolutions and linear layers.

    Attributes:
        training: Of all epochs, the selection after each included.
        scoring: Of all views of all scored images.
    """

    training: float
    scoring: float

    def left(self, share: float) -> float:
        """What is left after a share of the epochs."""
        return self.training * (1 - share) + self.scoring


def sizes_of(recipe: Recipe) -> Sizes:
    """How many images a recipe takes, by the stated counts of its dataset.

    Raises:
        FerstudyError: The dataset's owners state no counts.
    """
    protocol = get_protocol(recipe.protocol)
    counts, folding = _counts(recipe), protocol.folding
    most = recipe.images or sum(counts.values())
    if isinstance(folding, OfficialSplits):
        missing = {*folding.train, *folding.select, *folding.score} - set(counts)
        if missing:
            raise FerstudyError(f"{recipe.dataset}: it is not stated how many images {', '.join(sorted(missing))} has")
        train, select = (sum(counts[name] for name in names) for names in (folding.train, folding.select))
        score = sum(min(counts[name], most) for name in folding.score)
        return Sizes(min(folding.trained(train), most), min(select, most), score)
    images = sum(counts.values())
    folds = min(recipe.folds or folding.count, folding.count)
    scored = images / folding.count
    share = folding.validation if isinstance(folding, Folds) else 0.0
    limit = recipe.images or images

    def of_all_folds(part: float) -> int:
        return round(folds * min(part, limit))

    # Without a validation part the scored one selects.
    return Sizes(
        train=of_all_folds((1 - share) * (images - scored)),
        select=of_all_folds(share * (images - scored) if share else scored),
        score=of_all_folds(scored),
    )


def _counts(recipe: Recipe) -> Mapping[str, int]:
    """Stated numbers of images by split; of a protocol that joins datasets by their names."""
    joined = get_protocol(recipe.protocol).datasets
    if joined:
        return {name: dataset_info(name).images for name in joined}
    info = dataset_info(recipe.dataset)
    if not info.counts:
        if not info.images:
            raise FerstudyError(f"{recipe.dataset}: it is not stated how many images it has")
        return {"All": info.images}
    counts = dict(zip(info.splits, info.counts, strict=True))
    # Synthetic faces are as many as the recipe asks for.
    asked = {"Training": "train", "PublicTest": "public", "PrivateTest": "private"}
    return {split: recipe.dataset_options.get(asked.get(split, ""), count) for split, count in counts.items()}


def cost_of(recipe: Recipe) -> Cost:
    """Multiply-adds of a recipe's run, folds, augmentation, selection and scoring included.

    Raises:
        FerstudyError: The dataset's owners state no counts.
    """
    sizes = sizes_of(recipe)
    side = recipe.augmentation.crop or recipe.preparation.size
    step = _PASSES * _multiply_adds(recipe, side) * recipe.augmentation.copies * (2 if recipe.optimizer.sam else 1)
    selection = _view_cost(recipe, recipe.select_tta) * sizes.select
    scoring = sum(_view_cost(recipe, tta) for tta in recipe.tta) * sizes.score
    return Cost(recipe.epochs * (step * sizes.train + selection), scoring)


def _view_cost(recipe: Recipe, tta: str) -> float:
    """Multiply-adds of all views of one image."""
    face = torch.zeros(1, 1, recipe.preparation.size, recipe.preparation.size)
    return sum(_multiply_adds(recipe, view.shape[-1]) for view in views(face, tta, recipe.augmentation.crop))


def _multiply_adds(recipe: Recipe, side: int) -> int:
    protocol = get_protocol(recipe.protocol)
    classes = len(protocol.selection.classes or dataset_info((protocol.datasets or (recipe.dataset,))[0]).classes)
    options = tuple(sorted((key, repr(value)) for key, value in recipe.model_options.items()))
    key = (recipe.model, options, recipe.preparation.channels, side, classes)
    if key not in _KNOWN:
        # A network of shapes without weights: counting takes milliseconds.
        with torch.device("meta"):
            network = build_network(recipe, classes)
        _KNOWN[key] = summary.multiply_adds(network, (recipe.preparation.channels, side, side))
    return _KNOWN[key]


_KNOWN: dict[tuple[object, ...], int] = {}


@lru_cache(maxsize=1)
def measured_rate() -> float:
    """Multiply-adds a second of training here, in float32: one core of a CPU, or the GPU where there is one.

    Measured once a session, in about two seconds, on a small network of 3 x 3 convolutions and batch norm. Networks of
    depthwise convolutions reach less of a processor; what bfloat16 brings is not in it. On a CPU the core's own time
    counts, so that other work on the machine does not.
    """
    keep_freed_memory()
    device, threads = default_device(), torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        widths = (1, 32, 64, 64)
        layers = [
            nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
            for a, b in pairwise(widths)
        ]
        network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], 7))
        x = torch.randn(64, 1, 24, 24).contiguous(memory_format=torch.channels_last).to(device)
        y = torch.randint(7, (64,)).to(device)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    work = _PASSES * summary.multiply_adds(network, (1, 24, 24)) * len(x)
    optimizer, loss = torch.optim.SGD(network.parameters(), lr=1e-3), nn.CrossEntropyLoss()
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    torch.set_num_threads(1)
    try:
        train_one_epoch(network, iter([(x, y)] * 2), loss, optimizer)
        steps, started = 0, clock()
        while clock() - started < _SECONDS:
            train_one_epoch(network, iter([(x, y)] * 2), loss, optimizer)
            steps += 2
        return work * steps / (clock() - started)
    finally:
        torch.set_num_threads(threads)
