"""The paper's recipes against its text."""

from __future__ import annotations

import pytest

from ferstudy.data.protocols import get_protocol
from ferstudy.models import create_model
from ferstudy.models.attention_fusion import READINGS
from ferstudy.papers import get_recipe
from ferstudy.papers.attention_fusion import published as paper
from ferstudy.papers.attention_fusion import recipes, studies
from ferstudy.recipes import Recipe

RECIPES = {recipe.name: recipe for recipe in recipes.RECIPES}


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_found_and_build_their_network(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe is RECIPES[name]
    assert recipe.model in paper.SYSTEMS
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    assert recipe.cites


@pytest.mark.parametrize("name", [name for name in RECIPES if name.endswith((".published", ".strict"))])
def test_recipes_are_what_section_4_2_says(name: str) -> None:
    recipe = RECIPES[name]
    assert (recipe.optimizer.name, recipe.optimizer.weight_decay) == ("sgd", 5e-5)
    assert (recipe.batch_size, recipe.seed) == (96, 777)
    assert recipe.schedule.name == "plateau"  # "change the learning rate based on the accuracy of the validation set"
    assert (recipe.preparation.channels, recipe.preparation.scaling) == (3, "standardise")  # RGB; section 3.4
    assert recipe.augmentation.rotation == 15  # section 3.3
    assert recipe.augmentation.vertical_flip > 0
    assert recipe.augmentation.contrast > 0


def test_fer2013_is_cropped_to_86_of_96_and_votes() -> None:
    recipe = get_recipe("squeezenet_se.fer2013.published")
    assert (recipe.preparation.size, recipe.augmentation.crop, recipe.augmentation.crops) == (96, 86, "ten")
    assert "eleven" in recipe.tta
    assert (recipe.protocol, recipe.folds) == ("strict", 0)


def test_films_are_cut_by_mtcnn_with_20_pixels_and_folded_by_identity() -> None:
    for dataset, share in (("ck_plus", 0.10), ("oulu_casia", 0.15)):
        published, strict = (get_recipe(f"inception_resnet_v1.{dataset}.{kind}") for kind in ("published", "strict"))
        assert published.dataset_options["faces"]["detector"] == "mtcnn"
        assert published.dataset_options["faces"]["margin"] == 20
        assert published.dataset_options["faces"]["size"] == published.preparation.size == 128
        folding = get_protocol(published.protocol).folding
        assert (folding.count, folding.order, folding.validation) == (10, "ascending", share)
        assert get_protocol(published.protocol).flaws == ("validation",)
        assert get_protocol(strict.protocol).flaws == ()
        assert published == strict.but(name=published.name, protocol=published.protocol, cites=published.cites)
    assert get_recipe("squeezenet_se.oulu_casia.published").dataset_options["first_frame"] == 7
    assert get_recipe("squeezenet_se.ck_plus.published").dataset_options["frames"] == "last3"


def test_the_ensemble_joins_the_members_trained_by_this_file() -> None:
    recipe = get_recipe("attention_fusion.fer2013.published")
    assert recipe.freeze == ("members",)
    runs = recipe.init.split(" + ")
    assert runs == [get_recipe(f"{member}.fer2013.published").run_name for member in paper.MEMBERS]
    # Section 3.6: E1 to E3 in this order.
    with_members = create_model("attention_fusion")
    assert [name for name, _ in with_members.get_submodule("members").named_children()] == list(paper.MEMBERS)


def test_the_study_asks_every_reading_of_the_network() -> None:
    assert studies.READINGS == READINGS
