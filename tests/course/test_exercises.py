"""The checker tells wrong answers from right ones; the lessons' own solutions are checked where they are executed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ferstudy.course import check, define
from ferstudy.course.exercises import EXERCISES
from ferstudy.errors import FerstudyError

MAP = np.arange(16.0).reshape(4, 4)
SHARES = np.eye(7)
POOL = SimpleNamespace(votes=np.array([[3, 1, 0, 0, 0, 0, 0]]))
# Exercise to a right answer, some wrong ones, and what the lesson hands on.
ANSWERS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "00.1": ("happy", ["sad", 3], [[SimpleNamespace(label="happy")]]),
    "01.1": ({4, 7, 20}, [{4, 7}, {1, 2, 4, 5, 7, 20, 26}, 4], []),
    "01.2": ({6: 0.5, 12: 0.8}, [{}, {4: 1.0}, {6: 1, 12: 1, 25: 1}, {99: 1.0}, {12: 2.0}], []),
    "01.3": ({1: 1.0, 2: 1.0, 5: 0.5}, [{12: 1.0}, {}], []),
    "02.1": (0.72333, [0.72, 0.8, "much"], []),
    "02.2": ("fear", ["happy"], [SHARES]),
    "02.3": (0.5, [0.75, 1], [POOL]),
    "03.1": ((18432, 2336), [(18432, 2048), (288, 2336), 5], []),
    "03.2": (1.9459, [0.143, float("nan")], []),
    "03.3": (11, [12, 44], []),
    "04.1": (384, [396, 32], []),
    "04.2": (2.0, [0.02, 1.0], [[0.64, 0.66, 0.65]]),
    "05.1": (32_270, [3_589, 330_000], []),
    "05.2": (0.0569, [0.04, 0.2], []),
    "05.3": (2.5, [0.025], [0.675, 0.65]),
    "06.1": (MAP, [MAP + 1, MAP[:2], "map"], [MAP]),
    "06.2": (92 / 120, [0.5], [MAP]),
    "07.1": (9, [13, 10], []),
    "07.2": (7, [6, 8], []),
    "08.1": ((True, False, False), [(True, False, True), ()], []),
    "08.2": (0.4559, [0.465], []),
}


def test_every_exercise_is_tried_here() -> None:
    assert set(ANSWERS) == set(EXERCISES)


@pytest.mark.parametrize("number", ANSWERS)
def test_right_and_wrong(number: str) -> None:
    right, wrong, facts = ANSWERS[number]
    assert check(number, right, *facts).right is True
    assert check(number, None, *facts).right is None
    for answer in wrong:
        verdict = check(number, answer, *facts)
        assert verdict.right is False
        assert len(verdict.hint) > 20
        assert verdict.hint in str(verdict)


def test_names_that_do_not_exist() -> None:
    with pytest.raises(FerstudyError, match="unknown exercise"):
        check("09.9", 1)
    with pytest.raises(FerstudyError, match="unknown term 'epoc'; did you mean epoch"):
        define("epoc")
    assert str(define("epoch")) == "epoch: One pass over all training faces."
