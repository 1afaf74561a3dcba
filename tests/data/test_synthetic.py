"""Synthetic faces: deterministic, anatomical, hard enough, and writable in the layouts of the real dataset."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from ferstudy.data import FaceDataset, load_dataset
from ferstudy.data.layouts import FER2013_LAYOUTS, write_fer2013
from ferstudy.data.synthetic import ACTION_UNITS, PROTOTYPES, make, prototype, render, sequences
from ferstudy.data.synthetic.action_units import intensities
from ferstudy.data.synthetic.parameters import draw_conditions, draw_identities
from ferstudy.data.synthetic.renderer import render_faces
from ferstudy.errors import FerstudyError

# Friesen and Ekman, EMFACS-7, 1983.
EMFACS = {
    "happiness": {6, 12}, "sadness": {1, 4, 15}, "surprise": {1, 2, 5, 26}, "fear": {1, 2, 4, 5, 7, 20, 26},
    "anger": {4, 5, 7, 23}, "disgust": {9, 15, 16}, "contempt": {12, 14}, "neutral": set(),
}  # fmt: skip
UPPER, LOWER = {1, 2, 4, 5, 7}, {12, 15, 16, 20, 23, 25, 26}


def test_seed_decides_everything() -> None:
    first, again, other = make(60, 20, 20), make(60, 20, 20), make(60, 20, 20, seed=1)
    assert first.fingerprint == again.fingerprint != other.fingerprint
    np.testing.assert_array_equal(first.images, again.images)


@pytest.mark.parametrize("size", [24, 48, 97, 224])
def test_any_size(size: int) -> None:
    data = make(6, 2, 2, size=size)
    assert data.images.shape == (10, size, size)
    assert data.images.dtype == np.uint8
    assert data.images.std((1, 2)).min() > 8


def test_batches_change_no_pixel() -> None:
    rng = np.random.default_rng(0)
    who, how = draw_identities(30, rng), draw_conditions(30, rng)
    units = np.repeat(intensities(prototype("fear"))[None], 30, 0)
    np.testing.assert_array_equal(
        render_faces(who, how, units, 48, batch=30), render_faces(who, how, units, 48, batch=7)
    )


def test_counts_classes_and_people() -> None:
    data = make(700, 140, 140)
    assert data.counts().sum(1).tolist() == [700, 140, 140]
    assert (data.counts()[0] > 20).all()
    assert data.subjects is not None
    people = [set(data.subjects[data.usage == k]) for k in range(3)]
    assert not people[0] & people[1]
    assert not people[0] & people[2]
    assert not people[1] & people[2]
    assert not data.real


def test_label_noise_is_the_stated_share() -> None:
    clean, noisy = make(3000, 0, 0, size=24, label_noise=0), make(3000, 0, 0, size=24, label_noise=0.2)
    np.testing.assert_array_equal(clean.images, noisy.images)
    share = (clean.labels != noisy.labels).mean()
    assert abs(share - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 3000)


def test_prototypes_are_those_of_emfacs() -> None:
    assert {name: set(units) for name, units in PROTOTYPES.items()} == EMFACS


def test_contempt_is_one_sided() -> None:
    face = render(prototype("contempt"), 96).astype(int)
    change = np.abs(face - render({}, 96).astype(int))
    left, right = change[:, :44].sum(), change[:, 52:].sum()
    assert max(left, right) > 3 * min(left, right)


@pytest.mark.parametrize("unit", ACTION_UNITS)
def test_each_unit_moves_its_own_part_of_the_face(unit: int) -> None:
    change = np.abs(render({unit: 1.0}, 96, identity=3).astype(int) - render({}, 96, identity=3).astype(int))
    assert change.max() > 20, "the unit shows"
    upper, lower = change[:40].sum(), change[58:].sum()
    if unit in UPPER:
        assert lower == 0
    if unit in LOWER:
        assert upper == 0


@pytest.mark.parametrize("emotion", sorted(set(PROTOTYPES) - {"neutral"}))
def test_stronger_is_farther_from_neutral(emotion: str) -> None:
    neutral = render({}, 96).astype(float)
    distances = [np.abs(render(prototype(emotion, s), 96) - neutral).mean() for s in (0.25, 0.5, 0.75, 1.0)]
    assert distances == sorted(distances)


def test_sequences_go_from_neutral_to_apex() -> None:
    films = sequences(people=3, frames=6, size=48)
    assert films.images.shape == (18, 6, 48, 48)
    assert set(films.subjects) == {0, 1, 2}
    distance = np.abs(films.images - films.images[:, :1].astype(float)).mean((2, 3))
    assert (distance[:, 0] == 0).all()
    assert (distance[:, -1] > distance[:, 2]).mean() > 0.9
    again = sequences(people=3, frames=6, size=48)
    np.testing.assert_array_equal(films.images, again.images)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 23},
        {"size": 225},
        {"train": -1},
        {"label_noise": 1.5},
        {"difficulty": 3},
        {"train": 0, "public": 0, "private": 0},
    ],
    ids=str,
)
def test_impossible_datasets_are_refused(wrong: dict) -> None:
    with pytest.raises(FerstudyError, match="expected"):
        make(**wrong)


def test_impossible_expressions_are_refused() -> None:
    for units in ({99: 1.0}, {12: 1.5}, {12: (0.1, 0.2, 0.3)}):
        with pytest.raises(FerstudyError):
            render(units)  # type: ignore[arg-type]
    with pytest.raises(FerstudyError, match="unknown option|unexpected keyword"):
        load_dataset("synthetic", faces=3)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "zipped"])
@pytest.mark.parametrize("layout", FER2013_LAYOUTS)
def test_layouts_are_read_back(layout: str, zipped: bool, tmp_path: Path) -> None:
    data = make(30, 10, 10)
    back = load_dataset("fer2013", root=write_fer2013(data, tmp_path, layout, zipped=zipped))
    assert back.fingerprint
    # What does not say its splits, and has not the official numbers of images by which they could be told.
    unknown = {"train_test_csv": 20, "folders_pooled": 20, "folders_train_val_test": 10, "parquet_splits": 10}
    if layout in unknown:
        assert len(back.split("Test")) == unknown[layout]
        assert (back.usage != 0).sum() == 20
    elif layout == "folders_train_validation":
        assert {back.splits[k] for k in back.usage} == {"Training", "Validation"}
    else:
        np.testing.assert_array_equal(back.usage, data.usage)
    order = np.lexsort(back.images.reshape(50, -1).T), np.lexsort(data.images.reshape(50, -1).T)
    np.testing.assert_array_equal(back.images[order[0]], data.images[order[1]])
    np.testing.assert_array_equal(back.labels[order[0]], data.labels[order[1]])


def linear_accuracy(data: FaceDataset) -> float:
    """Logistic regression on standardised pixels."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test = data.split("Training"), data.split("PrivateTest")
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=60))
    classifier.fit(train.images.reshape(len(train), -1), train.labels)
    return float(classifier.score(test.images.reshape(len(test), -1), test.labels))


def test_pixels_alone_tell_little() -> None:
    """A linear classifier is above chance and far below what the labels allow."""
    accuracy = linear_accuracy(make(2100, 0, 420))
    assert 0.2 < accuracy < 0.7


def test_drawing_is_fast() -> None:
    make(50, 0, 0)
    # Of this process alone: other tests run beside it.
    started = time.process_time()
    make(600, 0, 0)
    assert 600 / (time.process_time() - started) > 400
