"""The paper's recipes against its text."""

from __future__ import annotations

import pytest

from ferstudy.data.protocols import get_protocol
from ferstudy.models import model_info
from ferstudy.papers import get_recipe
from ferstudy.papers.residual_masking import published as paper
from ferstudy.papers.residual_masking import recipes
from ferstudy.recipes import Recipe

RECIPES = {recipe.name: recipe for recipe in recipes.RECIPES}
PUBLISHED = [recipe for recipe in recipes.RECIPES if recipe.dataset != "synthetic"]


@pytest.mark.parametrize("recipe", PUBLISHED, ids=lambda recipe: recipe.name)
def test_recipes_are_section_4b(recipe: Recipe) -> None:
    """All networks are trained in "the same setting environment"."""
    assert (recipe.preparation.size, recipe.preparation.channels) == (224, 3)
    assert (recipe.augmentation.flip, recipe.augmentation.rotation) == (0.5, 30)
    assert (recipe.epochs, recipe.patience, recipe.batch_size) == (50, 8, 48)
    assert (recipe.optimizer.lr, recipe.optimizer.weight_decay) == (1e-4, 1e-3)
    assert (recipe.schedule.name, recipe.schedule.factor, recipe.schedule.patience) == ("plateau", 0.1, 2)
    assert recipe.schedule.floor == 1e-6
    assert (recipe.optimizer.name, recipe.tta) == ("radam", ("single", "random"))
    if "public code adds" in recipe.cites:
        for said in ("momentum 0.9", "decoupled", "0.000001", "drawn for each image", "probabilities are averaged"):
            assert said in recipe.cites
    assert get_protocol(recipe.protocol).flaws == ()
    assert recipe.init == ("imagenet" if model_info(recipe.model).imagenet else "")


def test_every_row_has_its_recipe() -> None:
    for row in paper.TABLE_2:
        assert f"{row.model}.fer2013.published" in RECIPES
    for row in paper.TABLE_4:
        assert RECIPES[f"{row.model}.vemo.published"].protocol == "vemo_splits"
    ensemble = [recipe for recipe in PUBLISHED if "one of the seven" in recipe.cites]
    # With CBAM, EfficientNet and the network itself, which are rows of Table II, they are seven.
    assert len(ensemble) + 3 == paper.ENSEMBLE_SIZE
    masked, unmasked = (
        dict(get_recipe(f"resmasking.synthetic.{name}").model_options) for name in ("lesson", "unmasked")
    )
    assert unmasked == {**masked, "masking": False}
