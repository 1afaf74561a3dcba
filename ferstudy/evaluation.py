"""Numbers from predictions: pure functions on arrays.

Conventions: rows of a confusion matrix are true classes, columns predicted ones; rates are shares, 0 to 1; a class
without images has recall 0 and a class never predicted has precision 0, as scikit-learn's ``zero_division=0``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Metrics:
    """What a set of predictions is worth.

    Attributes:
        images: Number scored.
        accuracy: Share classified correctly.
        interval: 95 % Wilson interval of the accuracy.
        top2: Share whose class is among the two likeliest.
        loss: Mean cross-entropy in nats.
        ece: Expected calibration error, 15 equal-width bins.
        macro_f1, weighted_f1: F1 averaged over classes, equally or by their images.
        macro_recall: Mean recall, also called balanced or unweighted average accuracy.
        precision, recall, f1, support: By class, in label order.
        confusion: (K, K) counts, rows true, columns predicted.
    """

    images: int
    accuracy: float
    interval: tuple[float, float]
    top2: float
    loss: float
    ece: float
    macro_f1: float
    weighted_f1: float
    macro_recall: float
    precision: list[float]
    recall: list[float]
    f1: list[float]
    support: list[int]
    confusion: list[list[int]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, rates rounded to six places."""
        return {key: _rounded(value) for key, value in asdict(self).items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, (list, tuple)):
        return [_rounded(v) for v in value]
    return value


def softmax(logits: Floats) -> npt.NDArray[np.float64]:
    """Probabilities (N, K) of logits (N, K)."""
    from scipy.special import softmax as scipy_softmax

    return np.asarray(scipy_softmax(np.asarray(logits, np.float64), axis=1))


def metrics_of(logits: Floats, targets: Ints) -> Metrics:
    """All metrics of logits (N, K) against targets (N,).

    Raises:
        FerstudyError: No image, shapes that do not match, or logits that are not finite.
    """
    from sklearn import metrics as sk

    if logits.ndim != 2 or len(logits) != len(targets) or not len(targets):
        raise FerstudyError(
            f"expected logits (N, K) and targets (N,) with N > 0, got {logits.shape} and {targets.shape}"
        )
    if not np.isfinite(logits).all():
        raise FerstudyError("the logits hold NaN or infinity; the network that made them is damaged")
    classes = np.arange(logits.shape[1])
    probabilities = softmax(logits)
    predicted = logits.argmax(1)
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        targets, predicted, labels=classes, zero_division=0
    )
    correct = int((predicted == targets).sum())
    return Metrics(
        images=len(targets),
        accuracy=correct / len(targets),
        interval=wilson(correct, len(targets)),
        top2=float(sk.top_k_accuracy_score(targets, probabilities, k=2, labels=classes)) if len(classes) > 2 else 1.0,
        loss=float(sk.log_loss(targets, probabilities, labels=classes)),
        ece=expected_calibration_error(probabilities, targets),
        macro_f1=float(f1.mean()),
        weighted_f1=float(np.average(f1, weights=support)),
        macro_recall=float(recall.mean()),
        precision=precision.tolist(),
        recall=recall.tolist(),
        f1=f1.tolist(),
        support=support.tolist(),
        confusion=sk.confusion_matrix(targets, predicted, labels=classes).tolist(),
    )


def wilson(correct: int, images: int) -> tuple[float, float]:
    """95 % Wilson score interval of a share (E. B. Wilson, 1927)."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(correct, images, alpha=0.05, method="wilson")
    return float(low), float(high)


def reliability(probabilities: Floats, targets: Ints, bins: int = 15) -> list[tuple[int, float, float]]:
    """Images, mean confidence and accuracy in equal-width bins of the top probability; empty bins are (0, nan, nan)."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == targets
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    rows = []
    for b in range(bins):
        here = place == b
        n = int(here.sum())
        rows.append((n, float(confidence[here].mean()), float(right[here].mean())) if n else (0, np.nan, np.nan))
    return rows


def expected_calibration_error(probabilities: Floats, targets: Ints, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over the bins, weighted by images (C. Guo et al., 2017)."""
    rows = reliability(probabilities, targets, bins)
    return float(sum(n * abs(confidence - accuracy) for n, confidence, accuracy in rows if n) / len(targets))


@dataclass(frozen=True)
class McNemar:
    """Two systems on the same images.

    Attributes:
        only_first: Images that only the first classifies correctly.
        only_second: Images that only the second does.
        p_value: Two-sided exact binomial probability of a split as uneven as this one.
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first: Ints, second: Ints, targets: Ints) -> McNemar:
    """McNemar's exact test of two predictions (N,) against the same targets (N,).

    Raises:
        FerstudyError: The three are not of one length.
    """
    from scipy.stats import binomtest

    if not len(first) == len(second) == len(targets):
        raise FerstudyError(f"McNemar's test needs the same images: got {len(first)}, {len(second)} and {len(targets)}")
    a, b = first == targets, second == targets
    only_first, only_second = int((a & ~b).sum()), int((~a & b).sum())
    discordant = only_first + only_second
    p_value = float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
    return McNemar(only_first, only_second, p_value)


def average_probabilities(members: Sequence[Floats]) -> npt.NDArray[np.float64]:
    """The unweighted mean of several networks' probabilities for the same images: logits (N, K) in, (N, K) out."""
    shapes = {member.shape for member in members}
    if len(shapes) != 1:
        raise FerstudyError(f"an ensemble needs logits of one shape, got {sorted(shapes)}")
    return np.mean([softmax(member) for member in members], axis=0)


def confident_errors(logits: Floats, targets: Ints) -> npt.NDArray[np.int64]:
    """Positions of the wrongly classified images, the surest first: where labels are suspected first.

    Args:
        logits: (N, K).
        targets: (N,).
    """
    probabilities = softmax(logits)
    wrong = np.flatnonzero(probabilities.argmax(1) != targets)
    return np.asarray(wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")], np.int64)


def first_right(logits: Floats, targets: Ints) -> npt.NDArray[np.int64]:
    """Positions of the first rightly classified image of each class, in the order of the classes.

    Args:
        logits: (N, K).
        targets: (N,).

    Returns:
        At most K positions: a class of which no image is right has none.
    """
    right = np.flatnonzero(logits.argmax(1) == targets)
    return np.asarray(right[np.unique(targets[right], return_index=True)[1]], np.int64)


@dataclass(frozen=True)
class Spread:
    """How deep features lie by class.

    Attributes:
        within: Mean distance of a feature from the mean of its class.
        between: Mean distance of the class means from each other.
    """

    within: float
    between: float

    @property
    def ratio(self) -> float:
        """``within`` over ``between``: the smaller, the tighter the classes for their distance."""
        return self.within / max(self.between, 1e-12)


def class_spread(features: Floats, labels: Ints) -> Spread:
    """Spread of deep features (N, D) with labels (N,), in the features' own units.

    Raises:
        FerstudyError: Fewer than two classes have images.
    """
    present = np.unique(labels)
    if len(present) < 2:
        raise FerstudyError(f"spread of classes: expected images of at least 2 classes, got {len(present)}")
    means = np.stack([features[labels == k].mean(0) for k in present])
    within = np.linalg.norm(features - means[np.searchsorted(present, labels)], axis=1)
    first, second = np.triu_indices(len(present), 1)
    return Spread(float(within.mean()), float(np.linalg.norm(means[first] - means[second], axis=1).mean()))
