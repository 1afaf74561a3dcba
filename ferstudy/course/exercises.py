"""The checker of the exercises: an answer in, right or wrong out, and a hint where it is wrong.

Nothing is compared with a list of solutions: every checker computes what is right, from the library that the lesson
works with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from ferstudy.course.networks import classifier
from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.synthetic import PROTOTYPES, render
from ferstudy.errors import FerstudyError, lookup
from ferstudy.evaluation import mcnemar, wilson

Checker = Callable[..., str]
EXERCISES: dict[str, Checker] = {}


@dataclass(frozen=True)
class Verdict:
    """What became of an answer.

    Attributes:
        exercise: Its number.
        right: Whether it is right; ``None`` while there is no answer.
        hint: What to look at again, where it is wrong.
    """

    exercise: str
    right: bool | None
    hint: str = ""

    def __str__(self) -> str:
        if self.right is None:
            return f"exercise {self.exercise}: no answer yet"
        return f"exercise {self.exercise}: {'right' if self.right else f'not yet. {self.hint}'}"

    def _repr_html_(self) -> str:
        colour = {True: "#00664d", False: "#a34700", None: "#5b6470"}[self.right]
        return f'<p style="border-left: 5px solid {colour}; padding-left: .6rem">{escape(str(self))}</p>'


def check(exercise: str, answer: Any, *facts: Any) -> Verdict:
    """Check an answer.

    Args:
        exercise: Lesson and number, such as ``01.2``.
        answer: ``None`` while there is none.
        facts: What the exercise hands on from the lesson, where it does.

    Raises:
        FerstudyError: There is no such exercise.
    """
    checker = lookup("exercise", exercise, EXERCISES)
    if answer is None:
        return Verdict(exercise, None)
    try:
        hint = checker(answer, *facts)
    except (TypeError, ValueError, KeyError, AttributeError, FerstudyError) as error:
        hint = f"This is not the kind of answer that is asked for ({error})."
    return Verdict(exercise, not hint, hint)


def _exercise(number: str) -> Callable[[Checker], Checker]:
    def register(checker: Checker) -> Checker:
        EXERCISES[number] = checker
        return checker

    return register


def _near(answer: float, right: float, tolerance: float, hint: str) -> str:
    return "" if math.isfinite(answer) and abs(answer - right) <= tolerance else hint


def _said(units: Mapping[int, float], person: int) -> dict[str, float]:
    """What the course's network says of a drawn face."""
    return dict(zip(CLASSES, classifier()(render(units, 48, person)[None])[0].tolist(), strict=True))


@_exercise("00.1")
def _label(answer: str, faces: Sequence[Any]) -> str:
    """The label that the network gives to a photo's face."""
    return "" if answer == faces[0].label else "Read `found[0].label`."


@_exercise("01.1")
def _fear_from_surprise(answer: set[int]) -> str:
    """The units that make fear of surprise."""
    missing = set(PROTOTYPES["fear"]) - set(PROTOTYPES["surprise"])
    return "" if set(answer) == missing else "Compare the two rows of the table of prototypes: what is only in fear's?"


@_exercise("01.2")
def _two_unit_smile(answer: Mapping[int, float]) -> str:
    """A smile of person 3 with two units."""
    if not 0 < len(answer) <= 2:
        return "Use one or two action units."
    happy = _said(answer, 3)["happy"]
    return "" if happy >= 0.9 else f"The network says happy with {100 * happy:.0f} % only; which muscle pulls the lips?"


@_exercise("01.3")
def _unsure(answer: Mapping[int, float]) -> str:
    """A face of person 0 whose likeliest class has less than half."""
    top = max(_said(answer, 0).values())
    return "" if top < 0.5 else f"Its likeliest class still has {100 * top:.0f} %. Weaken or mix expressions."


@_exercise("02.1")
def _noisy_ceiling(answer: float) -> str:
    """What is measured of 80 % true accuracy when 10 % of labels are evenly wrong among seven classes."""
    hint = "Right and well labelled: 0.8 × 0.9. Then add the errors that meet a wrong label by chance: 0.2 × 0.1 / 6."
    return _near(float(answer), 0.8 * 0.9 + 0.2 * 0.1 / 6, 0.001, hint)


@_exercise("02.2")
def _fear_votes(answer: str, shares: Any) -> str:
    """What FER+'s voters most often see in faces that FER2013 calls fear."""
    seen = CLASSES[int(np.asarray(shares)[CLASSES.index("fear")].argmax())]
    return "" if answer == seen else "Look along the row of fear: the largest share is not on the diagonal."


@_exercise("02.3")
def _pairs(answer: float, pooled: Any) -> str:
    """Agreement of pairs on the first face."""
    votes = pooled.votes[0]
    right = (votes * (votes - 1)).sum() / max(1, votes.sum() * (votes.sum() - 1))
    return _near(
        float(answer), float(right), 0.005, "Of n votes, k for a class make k (k - 1) agreeing pairs of n (n - 1)."
    )


@_exercise("03.1")
def _convolution_weights(answer: Sequence[int]) -> str:
    """Weights of a standard and a separable 3 x 3 convolution from 32 to 64 channels, without bias."""
    standard, separable = answer
    if standard != 9 * 32 * 64:
        return "The standard one has a 3 × 3 filter for each pair of an input and an output channel."
    return "" if separable == 9 * 32 + 32 * 64 else "The separable one: 3 × 3 a channel, then 1 × 1 for each pair."


@_exercise("03.2")
def _first_loss(answer: float) -> str:
    """The loss of a network that knows nothing, of seven classes, in nats."""
    return _near(
        float(answer), math.log(7), 0.01, "It gives each class 1/7. The loss is the negative logarithm of that."
    )


@_exercise("03.3")
def _map_side(answer: int) -> str:
    """Side of the map that two unpadded 3 x 3 convolutions and two poolings of half make of 48 pixels."""
    return "" if answer == (48 - 2 - 2) // 2 // 2 else "Each unpadded convolution takes a pixel from every side."


@_exercise("04.1")
def _steps(answer: int) -> str:
    """Steps of 12 epochs of 2,100 faces in batches of 64, the incomplete last one left out."""
    return "" if answer == 12 * (2100 // 64) else "How many whole batches are there in an epoch?"


@_exercise("04.2")
def _range(answer: float, accuracies: Sequence[float]) -> str:
    """Distance of the best seed from the worst, in points."""
    right = 100 * (max(accuracies) - min(accuracies))
    return _near(float(answer), right, 0.01, "The largest accuracy less the smallest, times 100.")


@_exercise("05.1")
def _images_needed(answer: float) -> str:
    """Images for a 95 % interval of half a point on each side at 70 %."""
    low, high = wilson(round(0.7 * answer), round(answer))
    half = 50 * (high - low)
    return "" if 0.49 <= half <= 0.5 else f"With so many the half-width is {half:.2f} points; it falls as 1 / √images."


@_exercise("05.2")
def _discordant(answer: float) -> str:
    """McNemar's p-value of 60 against 40."""
    targets = np.zeros(100, int)
    first = (np.arange(100) >= 60).astype(int)
    right = mcnemar(first, 1 - first, targets).p_value
    return _near(float(answer), right, 0.002, "`scipy.stats.binomtest(60, 100).pvalue`: how uneven are 100 fair coins?")


@_exercise("05.3")
def _bought(answer: float, chosen: float, honest: float) -> str:
    """What choosing on the scored split gains, in points."""
    return _near(
        float(answer), 100 * (chosen - honest), 0.005, "The accuracy so chosen less the honest one, in points."
    )


@_exercise("06.1")
def _map(answer: Any, library: Any) -> str:
    """Grad-CAM by hand, before ReLU."""
    ours, theirs = np.asarray(answer, float), np.asarray(library, float)
    if ours.shape != theirs.shape:
        return f"The library's map is {theirs.shape}, this one {ours.shape}."
    return "" if np.allclose(ours, theirs, atol=1e-4) else "Weigh each channel by the mean of its gradient, then sum."


@_exercise("06.2")
def _lower_half(answer: float, cam: Any) -> str:
    """Share of a map in the lower half of the face."""
    values = np.asarray(cam, float)
    right = values[len(values) // 2 :].sum() / values.sum()
    return _near(float(answer), float(right), 0.005, "The sum of the lower rows over the sum of all.")


@_exercise("07.1")
def _faces_at_25(answer: int) -> str:
    """Faces in a frame at 25 frames a second, if a frame costs 12 ms and each face 3 ms."""
    return "" if answer == (1000 // 25 - 12) // 3 else "A frame has 1000 / 25 milliseconds, and detection takes its 12."


@_exercise("07.2")
def _lag(answer: int) -> str:
    """Frames until a moving average of weight 0.3 has passed 90 % of a step."""
    right = math.ceil(math.log(0.1) / math.log(0.7))
    return "" if answer == right else "After n frames 0.7ⁿ of the old value is left."


@_exercise("08.1")
def _possible(answer: Sequence[bool]) -> str:
    """Which printed percentages can be shares of so many images."""
    cases = ((64.53, 7178), (70.00, 55), (68.52, 3589))
    right = [any(round(100 * n / images, 2) == printed for n in range(images + 1)) for printed, images in cases]
    return (
        "" if list(answer) == right else "Try every count of right answers: which shares round to the printed number?"
    )


@_exercise("08.2")
def _f1(answer: float) -> str:
    """The F-score of precision 0.53 and recall 0.40."""
    return _near(float(answer), 2 * 0.53 * 0.4 / (0.53 + 0.4), 0.005, "It is the harmonic mean, not the middle.")
