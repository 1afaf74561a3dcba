"""Shared fixtures: tiny datasets, a cache of the test session's own, and the real data where it is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ferstudy.data import FaceDataset, find_root, load_dataset
from ferstudy.data.cache import content_fingerprint
from ferstudy.data.fer2013 import CLASSES, SPLITS
from ferstudy.recipes import Optimizer, Recipe

ROOT = Path(__file__).resolve().parent.parent


def find_chromium() -> str | None:
    """A Chromium on this machine."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests out of the user's cache; the real data is parsed once a session."""
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def make_dots(per_class: int = 12, seed: int = 0) -> FaceDataset:
    """An easy stand-in for faces: seven patterns of bright bars, noisy, in the three official splits."""
    rng = np.random.default_rng(seed)
    splits = 3
    labels = np.tile(np.arange(7), per_class * splits)
    usage = np.repeat(np.arange(splits), 7 * per_class).astype(np.uint8)
    images = rng.integers(0, 80, (len(labels), 48, 48))
    for i, label in enumerate(labels):
        images[i, 6 * label : 6 * label + 8] += 150
    images = images.astype(np.uint8)
    return FaceDataset(
        name="dots",
        classes=CLASSES,
        images=images,
        labels=labels.astype(np.int64),
        usage=usage,
        splits=SPLITS[:3],
        rows=np.arange(len(labels), dtype=np.int64),
        fingerprint=content_fingerprint(images, labels, usage),
        real=False,
    )


@pytest.fixture
def dots() -> FaceDataset:
    return make_dots()


@pytest.fixture
def tiny() -> Recipe:
    """A recipe of seconds."""
    return Recipe(
        name="lite_xception.dots.tiny",
        model="lite_xception",
        optimizer=Optimizer("adamw", lr=5e-3),
        epochs=3,
        batch_size=28,
        ema=0.9,
        tta=("single", "flip"),
    )


@pytest.fixture(scope="session")
def real_fer2013(tmp_path_factory: pytest.TempPathFactory) -> FaceDataset:
    if find_root("fer2013") is None:
        pytest.skip("the real FER2013 was not found; set FERSTUDY_DATA to its folder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FERSTUDY_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        return load_dataset("fer2013")
