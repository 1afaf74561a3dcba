"""The paper's recipes against its text."""

from __future__ import annotations

import pytest

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.protocols import get_protocol
from ferstudy.models import count_parameters, create_model
from ferstudy.papers import get_recipe
from ferstudy.papers.small_cnn import published as paper
from ferstudy.papers.small_cnn import recipes
from ferstudy.recipes import Optimizer, Recipe, Schedule, from_yaml, to_yaml
from ferstudy.training import train
from tests.conftest import make_dots

PROPOSED = 784_263


def test_table_1_is_our_network() -> None:
    assert int(paper.TABLE_1["Parameters"].replace(",", "")) == paper.PARAMETERS == PROPOSED
    assert count_parameters(create_model("small_cnn")) == PROPOSED
    assert f"{paper.FILE_MEGABYTES} (MB)" == paper.TABLE_1["File size"]
    recipe = get_recipe("small_cnn.fer2013.published")
    assert (recipe.optimizer.name, recipe.optimizer.lr, recipe.batch_size) == ("sgd", 0.01, 64)
    assert (recipe.epochs, recipe.schedule.name, recipe.loss.name) == (158, "constant", "cross_entropy")


def test_vggnet_is_trained_as_section_2_3_says() -> None:
    """300 epochs, momentum 0.9, weight decay 0.0001, 0.01 times 0.75 after 5 epochs without gain, ten-crop."""
    recipe = get_recipe("vggnet.fer2013.published")
    assert recipe.epochs == 300
    assert recipe.optimizer == Optimizer("sgd", lr=0.01, weight_decay=1e-4, momentum=0.9, nesterov=True)
    assert recipe.schedule == Schedule("plateau", factor=0.75, patience=5)
    assert "ten_crop" in recipe.tta
    strict = get_recipe("vggnet.fer2013.strict")
    assert strict.but(name=recipe.name, protocol=recipe.protocol, cites=recipe.cites) == recipe


def test_the_optimiser_study_is_seven_rules_at_two_rates() -> None:
    assert len(recipes.OPTIMIZER_STUDY) == 14
    assert len(paper.OPTIMIZERS_NAMED) == 7
    for (label, rate), recipe in recipes.OPTIMIZER_STUDY.items():
        assert recipe.optimizer.lr == {"constant": 0.001, "decaying": 0.01}[rate]
        assert recipe.schedule.name == {"constant": "constant", "decaying": "plateau"}[rate]
        assert recipe.optimizer.weight_decay == 1e-4
        assert recipe.optimizer.momentum == 0.9
        assert recipe.epochs == 300
        assert (recipe.optimizer.name == "sgd") == label.startswith("SGD")
        assert (recipe.optimizer.name == "sgd" and recipe.optimizer.nesterov) == ("Nesterov" in label)
    assert len({(r.optimizer, r.schedule) for r in recipes.OPTIMIZER_STUDY.values()}) == 14


def test_the_schedule_study_is_six_schedules_of_the_best_optimiser() -> None:
    best = recipes.OPTIMIZER_STUDY["SGD + Nesterov", "decaying"]
    assert [r.schedule.name for r in recipes.SCHEDULE_STUDY.values()] == [
        "plateau", "constant", "cosine", "cosine_restarts", "onecycle", "step"
    ]  # fmt: skip
    assert {recipe.optimizer for recipe in recipes.SCHEDULE_STUDY.values()} == {best.optimizer}
    assert recipes.SCHEDULE_STUDY["Reduce on plateau"] is best


def test_fine_tuning_starts_from_the_best_run() -> None:
    """50 epochs from 0.0001 with two schedules, on Training and on Training with the validation images."""
    assert list(recipes.TUNING_STUDY) == [(row.images, row.schedule) for row in paper.FIGURE_7[1:]]
    for (images, _), recipe in recipes.TUNING_STUDY.items():
        assert (recipe.epochs, recipe.optimizer.lr) == (50, 1e-4)
        assert recipe.init == "vggnet.fer2013.published.s0"
        assert get_protocol(recipe.protocol).selects == (images == "regular split")
        assert get_protocol(recipe.protocol).reported == get_protocol("swapped").reported
    strict = [recipe for recipe in recipes.RECIPES if ".strict_tuned_" in recipe.name]
    assert [recipe.protocol for recipe in strict] == ["strict", "strict", "train_val", "train_val"]
    assert {recipe.init for recipe in strict} == {"vggnet.fer2013.strict.s0"}


def test_the_survey_networks_as_sections_2_1_and_2_2_describe_them() -> None:
    names = ("alexnet.fer2013.published", "fernet.fer2013.published", "fernet.fer2013.source")
    alexnet, own, source = (get_recipe(name) for name in names)
    assert alexnet.preparation.size == 227
    assert alexnet.augmentation == own.augmentation == Augmentation(flip=0)
    assert (own.preparation.size, source.preparation.size) == (48, 256)
    assert own.optimizer.name == source.optimizer.name == "adam"
    assert own.patience > 0
    assert source.augmentation.vertical_flip
    assert source.augmentation.noise
    assert [recipe.model for recipe in recipes.DEEP_STUDY] == ["deep_vgg", "deep_inception", "deep_resnet"]


@pytest.mark.parametrize("recipe", recipes.RECIPES, ids=lambda recipe: recipe.name)
def test_every_recipe_is_named_cited_and_survives_a_file(recipe: Recipe) -> None:
    assert recipe.name.startswith(f"{recipe.model}.fer2013.")
    assert recipe.cites
    assert from_yaml(to_yaml(recipe)) == recipe


@pytest.mark.parametrize("images", ["regular split", "training and validation"])
def test_a_narrow_vggnet_runs_the_study(images: str, tmp_path: object) -> None:
    """The chain of recipes works end to end: the best run, then its tuning by name."""
    small = {"dataset": "dots", "epochs": 1, "model_options": {"width": 1 / 16}, "batch_size": 21, "tta": ("single",)}
    train(get_recipe("vggnet.fer2013.published").but(**small), data=make_dots(3), out=str(tmp_path))
    tuned = train(recipes.TUNING_STUDY[images, "Cosine"].but(**small), data=make_dots(3), out=str(tmp_path))
    assert list(tuned.metrics)[-1] == "PublicTest.single"
    assert ("PrivateTest.single" in tuned.metrics) == (images == "regular split")
