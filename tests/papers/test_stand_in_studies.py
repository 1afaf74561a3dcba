"""The studies on stand-ins: what they promise of the papers, and that each can be trained without the data."""

from __future__ import annotations

import pytest
import torch

from ferstudy.data.layouts import LAYOUTS
from ferstudy.data.protocols import get_protocol
from ferstudy.models.weights import build_network
from ferstudy.papers import get_paper, get_study, list_papers
from ferstudy.recipes import Recipe, from_yaml, to_yaml
from ferstudy.studies import Study, queue

STUDIES = [s for key in list_papers() for s in get_paper(key).studies if any(r.stand_in for r in s.arms.values())]
RECIPES = {recipe.name: recipe for study in STUDIES for recipe in study.arms.values()}


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_a_study_is_of_stand_ins_only_and_says_so(study: Study) -> None:
    assert study.name.endswith("_stand_in")
    assert "synthetic" in study.question
    assert study.scale
    assert all(recipe.stand_in for recipe in study.arms.values())
    (paper,) = (get_paper(key) for key in list_papers() if study in get_paper(key).studies)
    assert set(study.entries) <= {entry.id for entry in paper.entries}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_the_numbers_of_its_datasets(name: str) -> None:
    recipe = RECIPES[name]
    needed = get_protocol(recipe.protocol).datasets or (recipe.dataset,)
    assert set(needed) <= set(recipe.dataset_options["stand_in"]) <= set(LAYOUTS)
    assert from_yaml(to_yaml(recipe)) == recipe
    with torch.device("meta"):
        build_network(recipe, 7)


def test_runs_that_others_start_from_come_first() -> None:
    order = [recipe.run_name for recipe in queue(STUDIES, {})]
    starts = [(order.index(recipe.run_name), order.index(recipe.init)) for recipe in RECIPES.values() if recipe.init]
    assert starts
    assert all(first < later for later, first in starts)


def test_identities_have_as_many_steps_as_what_they_are_compared_with() -> None:
    """CK+'s ten folds train on nine tenths of 981 images, less a tenth that validates: 795 of them, 24 steps of 32."""

    def steps(recipe: Recipe, images: int) -> int:
        return recipe.epochs * (images // recipe.batch_size)

    arms = get_study("identities_stand_in").arms
    # 118 people, seven films, of which five train: four pictures a film with the neutral one.
    identities = steps(arms["identities, ArcFace"], 118 * 5 * 4)
    after = steps(arms["expressions after identities"], 795)
    alone = steps(arms["expressions from the seed, equal steps"], 795)
    assert abs(identities + after - alone) / alone < 0.02
