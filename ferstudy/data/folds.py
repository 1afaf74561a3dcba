"""Foldings: index sets that say which images train, which choose the epoch and which score.

Three values cover every published protocol:

- :class:`OfficialSplits`: the owners' own splits, one fold;
- :class:`Folds`: k parts of people, films or images, each of which scores once;
- :class:`ClassRanges`: k parts by position within each class, as a widely copied CK+ script does it.

What a folding lets through is computed from its fields (``flaws``), so none can hide it: a folding by people cannot
share a person between training and scoring, and one by images says that it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ferstudy.data.base import I64, FaceDataset
from ferstudy.errors import FerstudyError, lookup

# What published protocols do that makes their numbers better than the network is.
FLAWS = {
    "subject": "the same people may be trained on and scored",
    "film": "frames of one film may be trained on and scored",
    "selection": "the scored images also choose the epoch",
    "validation": "the same people may be trained on and choose the epoch",
    "coverage": "some images are never scored and some twice",
}
UNITS = ("image", "film", "subject")
ORDERS = ("ascending", "interleaved", "random")
# The name under which folds store the predictions of their scored images.
SCORED = "Test"


@dataclass(frozen=True, eq=False)
class Fold:
    """Index sets of one training: positions in the dataset, ascending.

    Attributes:
        number: From 1.
        train: What the weights are fitted to.
        select: What chooses the epoch (and stops training, and lowers the rate). Empty where the paper trains for a
            fixed number of epochs: then the last epoch counts.
        score: What the chosen epoch is scored on, by the split name under which predictions are stored.
    """

    number: int
    train: I64
    select: I64
    score: Mapping[str, I64]


@dataclass(frozen=True)
class OfficialSplits:
    """The owners' splits by their use, one fold.

    Attributes:
        train: Splits that the weights are fitted to.
        select: Splits that choose the epoch; none for a fixed number of epochs.
        score: Splits that the chosen epoch is scored on, each apart.
        reported: Splits whose images together give the headline number.
        drawn: So many of the training images, drawn at random from their rows: only they train; 0 for all.
        rest: Whether all others train in place of those that are drawn.
        seed: Of the draw.
    """

    train: tuple[str, ...]
    select: tuple[str, ...]
    score: tuple[str, ...]
    reported: tuple[str, ...]
    drawn: int = 0
    rest: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.drawn < 0 or self.seed < 0 or (self.rest and not self.drawn):
            raise FerstudyError(
                f"splits: expected drawn >= 0, seed >= 0 and a rest only of a draw, got {self.drawn}, {self.seed} and "
                f"rest {self.rest}"
            )

    @property
    def flaws(self) -> tuple[str, ...]:
        return ("selection",) if set(self.select) & set(self.reported) else ()

    def trained(self, images: int) -> int:
        """How many of so many training images train."""
        return images - self.drawn if self.rest else self.drawn or images

    def folds(self, data: FaceDataset) -> tuple[Fold, ...]:
        """The one fold.

        Raises:
            FerstudyError: A split is not in this copy of the dataset, or has too few images to draw from.
        """
        present = {data.splits[i] for i in np.unique(data.usage)}
        missing = sorted({*self.train, *self.select, *self.score} - present)
        if missing:
            pooled = " (its test images are pooled, so they cannot be told apart)" if "Test" in present else ""
            raise FerstudyError(
                f"needs {', '.join(missing)}, which this copy of {data.name} lacks{pooled}; "
                "use a copy that carries the official splits"
            )

        def positions(names: tuple[str, ...]) -> I64:
            return _positions(np.isin(data.usage, [data.splits.index(name) for name in names]))

        score = {name: positions((name,)) for name in self.score}
        return (Fold(1, self._drawn(data, positions(self.train)), positions(self.select), score),)

    def _drawn(self, data: FaceDataset, train: I64) -> I64:
        """The positions that train, of those of the training splits; by rows, so that their order decides nothing."""
        if not self.drawn:
            return train
        if len(train) <= self.drawn:
            raise FerstudyError(
                f"needs more than {self.drawn} images of {' + '.join(self.train)}; this copy of {data.name} has "
                f"{len(train)}"
            )
        rows = np.random.default_rng(self.seed).choice(np.sort(data.rows[train]), self.drawn, replace=False)
        return train[np.isin(data.rows[train], rows) != self.rest]

    def __str__(self) -> str:
        train = " + ".join(self.train)
        if self.drawn:
            train = f"{'all but ' if self.rest else ''}{self.drawn} images of {train}, drawn with seed {self.seed}"
        chosen = f"select on {' + '.join(self.select)}" if self.select else "keep the last epoch"
        return f"train on {train}, {chosen}, score on {' + '.join(self.reported)}"


@dataclass(frozen=True)
class Folds:
    """k parts of whole units, each of which scores the network that the other parts trained.

    Everything follows from the identifiers of people, films and rows and from the seed: not from the order of the rows.

    Attributes:
        count: Number of parts.
        unit: What no part shares with another: ``image``, ``film`` (an image where there are only still images) or
            ``subject``.
        order: ``ascending`` neighbouring identifiers are in one part; ``interleaved`` every k-th is; ``random``.
        validation: Share of the training images that chooses the epoch; 0 for papers that let the scored part choose.
        validation_unit: In what units the validation images are drawn from the training part.
        seed: Of the random order and of the validation images.
    """

    count: int
    unit: str = "subject"
    order: str = "ascending"
    validation: float = 0.1
    validation_unit: str = "subject"
    seed: int = 0
    reported: ClassVar[tuple[str, ...]] = (SCORED,)

    def __post_init__(self) -> None:
        lookup("unit of folds", self.unit, dict.fromkeys(UNITS))
        lookup("unit of folds", self.validation_unit, dict.fromkeys(UNITS))
        lookup("order of folds", self.order, dict.fromkeys(ORDERS))
        if self.count < 2 or not 0 <= self.validation < 1 or self.seed < 0:
            raise FerstudyError(
                "folds: expected count >= 2, validation in [0, 1) and seed >= 0, "
                f"got {self.count}, {self.validation} and {self.seed}"
            )

    @property
    def flaws(self) -> tuple[str, ...]:
        shared = {"subject": self.unit != "subject", "film": self.unit == "image", "selection": not self.validation}
        shared["validation"] = bool(self.validation) and self.validation_unit != "subject"
        return tuple(name for name, is_so in shared.items() if is_so)

    def folds(self, data: FaceDataset) -> tuple[Fold, ...]:
        """The folds, 1 to ``count``.

        Raises:
            FerstudyError: The dataset does not know its people, or has fewer units than parts.
        """
        of_image = _units(data, self.unit)
        units = np.unique(of_image)
        if len(units) < self.count:
            raise FerstudyError(f"needs at least {self.count} {self.unit}s; this copy of {data.name} has {len(units)}")
        if self.order == "random":
            units = np.random.default_rng(self.seed).permutation(units)
        if self.order == "interleaved":
            parts = [units[k :: self.count] for k in range(self.count)]
        else:
            parts = np.array_split(units, self.count)
        return tuple(self._fold(data, number, np.isin(of_image, part)) for number, part in enumerate(parts, 1))

    def _fold(self, data: FaceDataset, number: int, scored: npt.NDArray[np.bool_]) -> Fold:
        score, rest = _positions(scored), _positions(~scored)
        if not self.validation:
            return Fold(number, rest, score, {SCORED: score})
        chosen = self._validation(_units(data, self.validation_unit)[rest], np.random.default_rng((self.seed, number)))
        return Fold(number, rest[~chosen], rest[chosen], {SCORED: score})

    def _validation(self, of_image: I64, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        """Mask of the images drawn: whole units at random until their images are nearest to the wanted share."""
        units, sizes = np.unique(of_image, return_counts=True)
        if len(units) < 2:
            raise FerstudyError(f"needs at least 2 {self.validation_unit}s to train and validate, found {len(units)}")
        order = rng.permutation(len(units))
        reached = np.cumsum(sizes[order])[:-1]  # one unit at least is left to train on
        drawn = 1 + int(np.abs(reached - self.validation * len(of_image)).argmin())
        return np.isin(of_image, units[order[:drawn]])

    def __str__(self) -> str:
        how = {"ascending": "in ascending order", "interleaved": "dealt out in ascending order", "random": "at random"}
        chosen = "select on that part too"
        if self.validation:
            chosen = f"select on {100 * self.validation:g} % of the training images, drawn by {self.validation_unit}"
        return f"{self.count} parts by {self.unit} {how[self.order]}: train on all but one, {chosen}, score on that one"


@dataclass(frozen=True)
class ClassRanges:
    """The folds of a widely copied CK+ script: a run of neighbouring films of every class, by position.

    Images lie in the order of class, person and film. Fold k takes, from the k-th multiple on, a fixed number of films
    of each class; the last fold takes the last ones instead. The numbers do not divide the classes evenly, so some
    films are never scored, some twice, and a range that runs over its class reaches into the next. The scored part
    chooses the epoch. On other numbers of films the tested numbers are scaled, at least 1.

    Attributes:
        count: Number of folds.
        films: Films of each class, in label order.
        tested: Films of each class that a fold scores.
    """

    count: int
    films: tuple[int, ...]
    tested: tuple[int, ...]
    reported: ClassVar[tuple[str, ...]] = (SCORED,)
    flaws: ClassVar[tuple[str, ...]] = ("subject", "selection", "coverage")

    def folds(self, data: FaceDataset) -> tuple[Fold, ...]:
        """The folds, 1 to ``count``.

        Raises:
            FerstudyError: The dataset does not know its people or films, or has other classes.
        """
        if data.num_classes != len(self.films):
            raise FerstudyError(f"needs {len(self.films)} classes; {data.name} is given with {data.num_classes}")
        people, of_image = _units(data, "subject"), _units(data, "film")
        _, first = np.unique(of_image, return_index=True)
        order = first[np.lexsort((of_image[first], people[first], data.labels[first]))]
        line = of_image[order]  # the films of all classes, one class after the other
        sizes = np.bincount(data.labels[order], minlength=data.num_classes)
        ends = np.cumsum(sizes)
        tested = np.maximum(1, np.rint(sizes * np.array(self.tested) / np.array(self.films))).astype(int)
        folds = []
        for number in range(1, self.count + 1):
            starts = ends - tested if number == self.count else ends - sizes + (number - 1) * tested
            chosen = [line[start : start + some] for start, some in zip(starts, tested, strict=True)]
            scored = np.isin(of_image, np.concatenate(chosen))
            score = _positions(scored)
            folds.append(Fold(number, _positions(~scored), score, {SCORED: score}))
        return tuple(folds)

    def __str__(self) -> str:
        return (
            f"{self.count} folds of neighbouring films of every class: train on all but one, select on that one too, "
            "score on that one"
        )


def _positions(mask: npt.NDArray[np.bool_]) -> I64:
    return np.flatnonzero(mask).astype(np.int64)


def _units(data: FaceDataset, unit: str) -> I64:
    """The identifier of each image's person, film or row, (N,)."""
    if unit == "subject":
        if data.subjects is None:
            raise FerstudyError(f"needs to know who is in each image, which this copy of {data.name} does not say")
        return data.subjects
    return data.rows if unit == "image" or data.sequences is None else data.sequences
