"""Recipes: values that survive a file and refuse what they do not know."""

from __future__ import annotations

import pytest

from ferstudy.errors import FerstudyError
from ferstudy.models import list_models
from ferstudy.papers import get_paper, get_recipe, list_papers, list_recipes
from ferstudy.recipes import OPTIMIZERS, SCHEDULES, Optimizer, Recipe, Schedule, from_yaml, to_yaml

RECIPES = list_recipes()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.name)
def test_yaml_round_trip(recipe: Recipe) -> None:
    assert from_yaml(to_yaml(recipe)) == recipe


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.name)
def test_names_say_model_dataset_and_variant(recipe: Recipe) -> None:
    model, dataset, variant = recipe.name.split(".")
    assert (model, dataset) == (recipe.model, recipe.dataset)
    assert recipe.model in list_models()
    assert variant
    assert recipe.cites
    assert recipe.run_name == f"{recipe.name}.s{recipe.seed}"


def test_names_are_unique() -> None:
    names = [recipe.name for recipe in RECIPES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("key", list_papers())
def test_papers_are_whole(key: str) -> None:
    paper = get_paper(key)
    ids = [entry.id for entry in paper.entries]
    assert len(ids) == len(set(ids))
    assert all(get_recipe(recipe.name) == recipe for recipe in paper.recipes)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name: str) -> None:
    assert Optimizer(name).name == name


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    assert Schedule(name).name == name


WRONG = {
    "unknown key": ("name: a\nmodel: lite_xception\nlearning_rate: 1\n", "unknown recipe key 'learning_rate'"),
    "near key": ("name: a\nmodel: m\nepoch: 1\n", "did you mean epochs"),
    "nested key": ("name: a\nmodel: m\noptimizer:\n  rate: 1\n", "unknown recipe optimizer key 'rate'"),
    "missing": ("model: m\n", "name"),
    "type": ("name: a\nmodel: m\nepochs: many\n", "recipe epochs: expected int, got 'many'"),
    "no number": ("name: a\nmodel: m\noptimizer: {lr: fast}\n", "recipe optimizer lr: expected a number, got 'fast'"),
    "bool for int": ("name: a\nmodel: m\nepochs: true\n", "expected int"),
    "range": ("name: a\nmodel: m\nepochs: 0\n", "expected epochs >= 1"),
    "protocol": ("name: a\nmodel: m\nprotocol: strickt\n", "did you mean strict"),
    "optimizer": ("name: a\nmodel: m\noptimizer: {name: sdg}\n", "did you mean sgd"),
    "crop": ("name: a\nmodel: m\naugmentation: {crop: 60}\n", "does not fit 48"),
    "no mapping": ("- a\n", "expected keys and values"),
    "no yaml": ("a: [1\n", "not readable as YAML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_recipes_are_refused(case: str) -> None:
    text, message = WRONG[case]
    with pytest.raises(FerstudyError, match=message) as caught:
        from_yaml(text)
    assert "\n" not in str(caught.value)


def test_rates_may_be_written_as_people_write_them() -> None:
    assert from_yaml("name: a\nmodel: m\noptimizer: {lr: 1e-3}\n").optimizer.lr == 0.001
    small = Recipe(name="a", model="m", optimizer=Optimizer(lr=1e-12))
    assert from_yaml(to_yaml(small)) == small


def test_but_refuses_unknown_keys() -> None:
    with pytest.raises(FerstudyError, match="unknown recipe key"):
        RECIPES[0].but(batchsize=3)
