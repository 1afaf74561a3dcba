"""The papers, a folder each: published numbers, recipes and errata."""

from __future__ import annotations

from ferstudy.data import dataset_info, list_datasets
from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.errors import lookup
from ferstudy.papers import attention_fusion, lite_xception, mobilenet_realtime, residual_masking, small_cnn
from ferstudy.papers._claim import Claim
from ferstudy.papers._paper import Entry, Erratum, Paper, errata_table
from ferstudy.recipes import Optimizer, Recipe
from ferstudy.studies.study import Study

__all__ = [
    "Claim",
    "Entry",
    "Erratum",
    "Paper",
    "errata_table",
    "get_paper",
    "get_recipe",
    "get_study",
    "list_papers",
    "list_recipes",
    "list_studies",
]

_PAPERS = {
    paper.key: paper
    for paper in (
        attention_fusion.PAPER,
        lite_xception.PAPER,
        mobilenet_realtime.PAPER,
        residual_masking.PAPER,
        small_cnn.PAPER,
    )
}


def list_papers() -> list[str]:
    """Keys of the papers."""
    return sorted(_PAPERS)


def get_paper(key: str) -> Paper:
    """A paper by its key.

    Raises:
        FerstudyError: No paper has this key.
    """
    return lookup("paper", key, _PAPERS)


def list_recipes() -> list[Recipe]:
    """The recipes of all papers and of their studies, by name."""
    recipes = [recipe for paper in _PAPERS.values() for recipe in paper.recipes]
    studied = [recipe for study in list_studies() for recipe in study.arms.values()]
    return sorted({recipe.name: recipe for recipe in (*recipes, *studied)}.values(), key=lambda recipe: recipe.name)


def list_studies() -> list[Study]:
    """The studies of all papers, in order of value."""
    return sorted((study for paper in _PAPERS.values() for study in paper.studies), key=lambda study: study.rank)


def get_study(name: str) -> Study:
    """A study by its name.

    Raises:
        FerstudyError: No study has this name.
    """
    return lookup("study", name, {study.name: study for study in list_studies()})


def get_recipe(name: str) -> Recipe:
    """A recipe by its name, or ``MODEL.DATASET`` for a first try of any network on any dataset.

    Raises:
        FerstudyError: No recipe, model or dataset has this name.
    """
    model, _, dataset = name.partition(".")
    if dataset in list_datasets():
        return first_try(model, dataset)
    return lookup("recipe", name, {recipe.name: recipe for recipe in list_recipes()})


def first_try(model: str, dataset: str) -> Recipe:
    """A recipe that no paper names: any network at its own input size, a mild augmentation and a one-cycle rate.

    Datasets without official splits are scored in five random parts of whole people.

    Raises:
        FerstudyError: No model or dataset has this name.
    """
    from ferstudy.models import model_info

    info, splits = model_info(model), dataset_info(dataset).splits
    official = {"Training", "PublicTest", "PrivateTest"} <= set(splits)
    return Recipe(
        name=f"{model}.{dataset}",
        model=model,
        dataset=dataset,
        protocol="strict" if official else "random5_subject",
        preparation=Preparation(size=info.input_size, channels=info.channels),
        augmentation=Augmentation(flip=0.5, rotation=10, translation=0.05, zoom=0.1),
        optimizer=Optimizer("adamw", lr=1e-3, weight_decay=0.05),
        precision="bfloat16",
        cites="of no paper: a first try",
    )
