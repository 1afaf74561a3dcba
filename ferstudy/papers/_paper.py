"""A paper as data: what it prints, entry by entry, and the recipes that stand for its systems."""

from __future__ import annotations

from dataclasses import dataclass

from ferstudy.recipes import Recipe


@dataclass(frozen=True)
class Entry:
    """A table, figure or claim of a paper that its report must show.

    Attributes:
        id: ``T1`` for a table, ``F1`` for a figure, ``X1`` for a claim in the text, a word for what we add.
        title: What it shows.
        published: The paper's own number or finding in a few words, empty where it prints none.
    """

    id: str
    title: str
    published: str = ""


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes:
        key: Name used everywhere, also of its module and notebook.
        title: Title.
        authors: Authors.
        year: Year of publication as far as the text or its references tell.
        entries: What its report must show, in reading order.
        recipes: Its systems, as published and strict.
    """

    key: str
    title: str
    authors: str
    year: int
    entries: tuple[Entry, ...]
    recipes: tuple[Recipe, ...]

    def entry(self, entry_id: str) -> Entry:
        """The entry of this id; a ``KeyError`` if there is none."""
        return {entry.id: entry for entry in self.entries}[entry_id]
