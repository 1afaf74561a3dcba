"""What a run costs is known from its recipe alone."""

from __future__ import annotations

import pytest

from ferstudy.data import load_dataset
from ferstudy.data.augmentation import Augmentation
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.models import create_model, summary
from ferstudy.papers import list_studies
from ferstudy.recipes import Optimizer, Recipe
from ferstudy.studies import cost
from ferstudy.studies.cost import cost_of, measured_rate, sizes_of

FACES = {"train": 60, "public": 20, "private": 30}
SMALL = Recipe("lite_xception.synthetic.cost", "lite_xception", "synthetic", dataset_options=FACES, epochs=4)


@pytest.mark.parametrize("protocol", ["strict", "pooled", "train_val", "development", "random5"])
@pytest.mark.parametrize("changes", [{}, {"images": 25}])
def test_sizes_are_those_of_the_folds(protocol: str, changes: dict[str, int]) -> None:
    from ferstudy.training import few

    recipe = SMALL.but(protocol=protocol, **changes)
    folds = [few(fold, recipe) for fold in get_protocol(protocol).folds(load_dataset("synthetic", **FACES))]
    expected = (
        sum(len(f.train) for f in folds),
        sum(len(f.select) for f in folds),
        sum(len(part) for f in folds for part in f.score.values()),
    )
    assert sizes_of(recipe) == expected


def test_fer2013s_counts_need_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERSTUDY_DATA", "/nowhere")
    assert sizes_of(Recipe("lite_xception.fer2013.x", "lite_xception")) == (28_709, 3_589, 7_178)
    with pytest.raises(FerstudyError, match="not stated how many images"):
        sizes_of(SMALL.but(dataset="folder", protocol="random5", dataset_options={}))


def test_the_cost_by_hand() -> None:
    """3 passes of 60 and one of 20 images in each of 4 epochs, then 1 + 2 + 10 views of 50."""
    face = summary.multiply_adds(create_model("lite_xception"), (1, 48, 48))
    assert cost_of(SMALL) == (4 * (3 * 60 + 20) * face, 13 * 50 * face)
    assert cost_of(SMALL).left(0.75) == (3 * 60 + 20 + 13 * 50) * face
    twice = SMALL.but(optimizer=Optimizer(sam=0.05))
    assert cost_of(twice).training == 4 * (6 * 60 + 20) * face
    cropped = SMALL.but(augmentation=Augmentation(crop=40))
    crop = summary.multiply_adds(create_model("lite_xception"), (1, 40, 40))
    assert cost_of(cropped) == (4 * (3 * 60 + 20) * crop, 13 * 50 * crop)


def test_every_study_has_a_cost() -> None:
    for study in list_studies():
        for recipe in study.arms.values():
            if "stand_in" in recipe.dataset_options:
                # How many pictures its faces are written as is the writer's to say, not the owners'.
                continue
            assert cost_of(recipe).training > 1e12


def test_the_rate_is_that_of_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the order of what processors do, and measured once a session."""
    monkeypatch.setattr(cost, "_SECONDS", 0.2)
    measured_rate.cache_clear()
    try:
        assert 1e8 < measured_rate() < 1e15
        assert measured_rate() == measured_rate()
    finally:
        measured_rate.cache_clear()
