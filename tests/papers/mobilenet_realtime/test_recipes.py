"""The paper's recipes against its text."""

from __future__ import annotations

import pytest

from ferstudy.data.protocols import get_protocol
from ferstudy.papers import get_recipe, list_recipes
from ferstudy.papers.mobilenet_realtime import published as paper
from ferstudy.papers.mobilenet_realtime import recipes
from ferstudy.recipes import Optimizer, Schedule, from_yaml, to_yaml

SETUPS = list(paper.TABLE_5)


def test_stage_one_is_what_section_5_says() -> None:
    recipe = get_recipe("mobilenet_v1.fer2013.published")
    assert recipe.optimizer == Optimizer("sgd", lr=0.01, weight_decay=0.00004, momentum=0.9, nesterov=False)
    assert recipe.schedule == Schedule("step", factor=0.94, patience=15)
    assert recipe.batch_size == 64
    assert recipe.preparation.size == 48
    assert recipe.preparation.scaling == "symmetric"
    assert (recipe.augmentation.flip, recipe.augmentation.area) == (0.5, 0.85)
    assert recipe.protocol == "strict"
    assert recipe.loss.centre == 0


def test_stage_two_is_what_sections_3_and_5_say() -> None:
    for recipe in recipes.RECIPES:
        if "fer2013" in recipe.name:
            continue
        assert recipe.optimizer.lr == 0.045
        assert (recipe.loss.centre != 0) == (not recipe.name.split(".")[2].startswith(("softmax", "one_stage")))
        if recipe.loss.centre:
            assert (recipe.loss.centre, recipe.loss.centre_rate) == (0.001, 0.001)
        if "one_stage" in recipe.name:
            assert recipe.init == ""
        else:
            assert recipe.init == "mobilenet_v1.fer2013.published.s0"
            assert recipe.reinitialise == ("fc",)
        assert recipe.dataset_options["faces"] == {"detector": "haar", "size": 48}
        assert get_protocol(recipe.protocol).flaws == () or ".strict" not in recipe.name
    forms = [get_recipe(f"mobilenet_v1.jaffe.{name}").loss.centre_form for name in ("published", "cited")]
    assert forms == ["printed", "cited"]


@pytest.mark.parametrize("setup", SETUPS)
def test_every_configuration_has_both_protocols(setup: str) -> None:
    published, strict = (get_recipe(f"mobilenet_v1.ck_plus.{name}_{setup}") for name in ("published", "strict"))
    assert published.protocol == f"ck_plus_{setup}"
    assert published.dataset_options["frames"] == setup.split("_")[-1]
    assert strict == published.but(name=strict.name, protocol=f"ck_plus_{setup}_subject", cites=strict.cites)


def test_recipes_survive_being_written() -> None:
    assert {recipe.name for recipe in recipes.RECIPES} <= {recipe.name for recipe in list_recipes()}
    for recipe in recipes.RECIPES:
        assert from_yaml(to_yaml(recipe)) == recipe
