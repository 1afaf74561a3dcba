"""A claim of a paper as data: what it says, its printed number, and which recorded runs it is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reaches:
    """An accuracy that a network, or the average of several, is said to reach.

    Attributes:
        percent: The printed accuracy.
        runs: Name of the recorded run that is held against it; of several the probabilities are averaged.
        tta: Views at test time.
        splits: Splits that are scored together; those that the run's protocol reports where none are named.
    """

    percent: float
    runs: tuple[str, ...]
    tta: str = "single"
    splits: tuple[str, ...] = ()

    @property
    def printed(self) -> str:
        return f"{self.percent:.2f} %"


@dataclass(frozen=True)
class Ahead:
    """Systems that are said to be ahead of others, held against the runs of a study.

    Attributes:
        study: Its name.
        pairs: Labels of the better and the worse arm; what the study compares, the first being the better, where none
            are named.
        points: The printed difference in percentage points, ``None`` where none is printed.
    """

    study: str
    pairs: tuple[tuple[str, str], ...] = ()
    points: float | None = None

    @property
    def printed(self) -> str:
        return "ahead" if self.points is None else f"{self.points:+.2f} points"


@dataclass(frozen=True)
class Extremes:
    """The classes that are said to be recognised best and worst.

    Attributes:
        run: Name of the recorded run whose recalls are held against them.
        best, worst: Class names as in our datasets; empty where the claim names none.
        printed: What the paper prints.
    """

    run: str
    best: str
    worst: str
    printed: str


@dataclass(frozen=True)
class Counts:
    """A number that follows from the description of a system, such as that of its parameters.

    Attributes:
        value: The printed number.
        step: The last printed digit's worth: 488.7 K has 100.
        compute: Gives ours.
    """

    value: float
    step: float
    compute: Callable[[], float]

    @property
    def printed(self) -> str:
        return f"{self.value:,.0f}"


@dataclass(frozen=True)
class Missing:
    """A claim that nothing at hand can test.

    Attributes:
        printed: What the paper prints.
        what: What would be needed, in words that go on after "it needs".
    """

    printed: str
    what: str


@dataclass(frozen=True)
class Claim:
    """A claim of a paper. Its verdict follows from its test by the rule of :mod:`ferstudy.reports.verdicts`.

    Attributes:
        entry: Id of the catalogue entry that it belongs to.
        says: What the paper claims, in a few words.
        did: What we did about it, in a few words.
        test: What it is held against.
        scale: What is smaller than in the paper, or left out; empty where nothing is. Of a study it is the study's.
    """

    entry: str
    says: str
    did: str
    test: Reaches | Ahead | Extremes | Counts | Missing
    scale: str = ""
