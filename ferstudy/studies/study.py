"""A study: one question of a paper, the recipes that answer it, and what is smaller than in the paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ferstudy.errors import FerstudyError, lookup
from ferstudy.recipes import Recipe
from ferstudy.runs import Run


class Arm(NamedTuple):
    """One run of a study: the label of what is compared, and the recipe with its seed."""

    label: str
    recipe: Recipe


@dataclass(frozen=True)
class Study:
    """One question of one paper, answered by runs that are trained once and recorded.

    Attributes:
        name: Name used everywhere.
        rank: Its place in the order of value, from 1; runs of the first are trained first.
        entries: Ids of the catalogue entries that it answers.
        question: What it asks, in a sentence.
        arms: Label to recipe, of seed 0.
        seeds: How many seeds each arm is trained with; a number for all, or one for each label.
        best: How many arms are trained with more seeds, chosen by their accuracy on the selection split once all arms
            are finished.
        best_seeds: How many more.
        compared: Pairs of labels that are tested against each other on the same images.
        scale: What is smaller than in the paper, in words; empty where nothing is.
    """

    name: str
    rank: int
    entries: tuple[str, ...]
    question: str
    arms: Mapping[str, Recipe]
    seeds: int | Mapping[str, int] = 1
    best: int = 0
    best_seeds: int = 0
    compared: tuple[tuple[str, str], ...] = ()
    scale: str = ""

    def __post_init__(self) -> None:
        for pair in self.compared:
            for label in pair:
                lookup(f"arm of study {self.name}", label, self.arms)
        if not isinstance(self.seeds, int) and set(self.seeds) != set(self.arms):
            raise FerstudyError(f"study {self.name}: expected a number of seeds for each of {', '.join(self.arms)}")

    def seeds_of(self, label: str) -> int:
        """How many seeds an arm is trained with, whatever it reaches."""
        return self.seeds if isinstance(self.seeds, int) else self.seeds[label]

    def arm(self, label: str, seed: int) -> Arm:
        """One arm with one seed; an arm that starts from another run starts from that of its own seed.

        Raises:
            FerstudyError: No arm has this label.
        """
        recipe = lookup(f"arm of study {self.name}", label, self.arms)
        first = f".s{recipe.seed}"
        starts = [name.removesuffix(first) + f".s{recipe.seed + seed}" if name.endswith(first) else name
                  for name in recipe.init.split(" + ")]  # fmt: skip
        return Arm(label, recipe.but(seed=recipe.seed + seed, init=" + ".join(starts)))

    def planned(self, finished: Mapping[str, Run]) -> list[Arm]:
        """All runs of the study, first seeds first.

        Args:
            finished: Runs by name; they decide which arms are the best.
        """
        most = max(map(self.seeds_of, self.arms))
        planned = [self.arm(label, seed) for seed in range(most) for label in self.arms if seed < self.seeds_of(label)]
        for label in self.best_arms(finished):
            known = self.seeds_of(label)
            planned += [self.arm(label, seed) for seed in range(known, known + self.best_seeds)]
        return planned

    def best_arms(self, finished: Mapping[str, Run]) -> list[str]:
        """The arms that get more seeds, the best first; none before all have been trained once."""
        runs = {label: finished.get(self.arm(label, 0).recipe.run_name) for label in self.arms}
        reached = {label: run.selection_accuracy for label, run in runs.items() if run is not None}
        if len(reached) < len(self.arms):
            return []
        return sorted(reached, key=lambda label: -reached[label])[: self.best]

    def runs(self, finished: Mapping[str, Run]) -> dict[str, list[Run]]:
        """The finished runs of each arm, by seed; empty lists where nothing is finished yet."""
        by_label: dict[str, list[Run]] = {label: [] for label in self.arms}
        for label, recipe in self.planned(finished):
            if recipe.run_name in finished:
                by_label[label].append(finished[recipe.run_name])
        return by_label


def queue(studies: Iterable[Study], finished: Mapping[str, Run]) -> list[Recipe]:
    """What is left to train, in order of value: first seeds of all studies by rank, then second seeds, and so on.

    A run that another one starts from comes before it. A run that several studies share comes once.
    """
    chosen: dict[str, tuple[tuple[int, int, int], Recipe]] = {}
    for study in studies:
        for place, (label, recipe) in enumerate(study.planned(finished)):
            nth = recipe.seed - study.arms[label].seed
            chosen.setdefault(recipe.run_name, ((nth, study.rank, place), recipe))
    ordered = [recipe for _, recipe in sorted(chosen.values(), key=lambda item: item[0])]
    return _starts_first([recipe for recipe in ordered if recipe.run_name not in finished])


def _starts_first(recipes: Sequence[Recipe]) -> list[Recipe]:
    """The recipes in their order, but none before one that it starts from."""
    by_name = {recipe.run_name: recipe for recipe in recipes}
    placed: dict[str, Recipe] = {}

    def place(recipe: Recipe) -> None:
        for start in recipe.init.split(" + "):
            if start in by_name and start not in placed:
                place(by_name[start])
        placed.setdefault(recipe.run_name, recipe)

    for recipe in recipes:
        place(recipe)
    return list(placed.values())
