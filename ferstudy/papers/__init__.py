"""The papers, a file each: published numbers and recipes."""

from __future__ import annotations

from ferstudy.errors import lookup
from ferstudy.papers import lite_xception
from ferstudy.papers._paper import Entry, Paper
from ferstudy.recipes import Recipe

__all__ = ["Entry", "Paper", "get_paper", "get_recipe", "list_papers", "list_recipes"]

_PAPERS = {paper.key: paper for paper in (lite_xception.PAPER,)}


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
    """The recipes of all papers, by name."""
    return sorted((recipe for paper in _PAPERS.values() for recipe in paper.recipes), key=lambda recipe: recipe.name)


def get_recipe(name: str) -> Recipe:
    """A recipe by its name.

    Raises:
        FerstudyError: No recipe has this name.
    """
    return lookup("recipe", name, {recipe.name: recipe for recipe in list_recipes()})
