"""A paper as data: what it prints, entry by entry, its slips, and the recipes that stand for its systems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ferstudy.papers._claim import Claim
from ferstudy.recipes import Recipe
from ferstudy.studies.study import Study

if TYPE_CHECKING:
    import pandas as pd


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
class Erratum:
    """A slip of a paper, and the computation on its printed numbers that shows it.

    Attributes:
        id: A short name.
        says: What the paper says; its own words stand in quotation marks.
        where: Section, table, figure or equation; empty where ``says`` is enough to find it.
        finding: What its numbers say, with the names of computed values in braces.
        compute: Gives those values by name; a finding that sets two places of the text side by side needs none.
    """

    id: str
    says: str
    where: str
    finding: str
    compute: Callable[[], Mapping[str, object]] = dict

    @property
    def claim(self) -> str:
        """What the paper says, and where."""
        return f"{self.says} ({self.where})" if self.where else self.says

    def verdict(self) -> str:
        """What its numbers say, computed now."""
        return self.finding.format_map(self.compute())


def errata_table(errata: Iterable[Erratum]) -> pd.DataFrame:
    """Errata as a report shows them, a row each."""
    import pandas as pd

    rows = [(erratum.claim, erratum.verdict()) for erratum in errata]
    return pd.DataFrame(rows, columns=["the paper says", "its numbers say"])


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes:
        key: Name used everywhere, also of its folder and notebook.
        title: Title.
        authors: Authors.
        year: Year of publication as far as the text or its references tell.
        entries: What its report must show, in reading order.
        recipes: Its systems, as published and strict.
        claims: What it claims, the headline first.
        studies: Its questions, asked again at a size that two processor cores can train.
        doi: Its DOI; empty where none is known.
        code: Address of its authors' code; empty where the paper names none.
    """

    key: str
    title: str
    authors: str
    year: int
    entries: tuple[Entry, ...]
    recipes: tuple[Recipe, ...]
    claims: tuple[Claim, ...] = ()
    studies: tuple[Study, ...] = ()
    doi: str = ""
    code: str = ""

    @property
    def address(self) -> str:
        """Where it is found: by its DOI, else at its authors' code; empty where neither is known."""
        return f"https://doi.org/{self.doi}" if self.doi else self.code

    def entry(self, entry_id: str) -> Entry:
        """The entry of this id; a ``KeyError`` if there is none."""
        return {entry.id: entry for entry in self.entries}[entry_id]
