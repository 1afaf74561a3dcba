"""Runs in the order of their accuracy, with what each costs and which differences mean anything."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ferstudy.errors import FerstudyError
from ferstudy.evaluation import average_probabilities, mcnemar, metrics_of

# Logits (N, K) or probabilities, and targets (N,), of one system on images that all systems were scored on.
Scores = tuple[npt.NDArray[np.floating], npt.NDArray[np.integer]]


def ranking(systems: Mapping[str, Scores]) -> pd.DataFrame:
    """Systems by accuracy, the best first.

    Returns:
        Columns ``system``, ``accuracy``, ``low``, ``high`` (%, 95 % Wilson interval), ``macro F1``, ``images``.
    """
    rows = []
    for name, (logits, targets) in systems.items():
        metrics = metrics_of(logits, targets)
        low, high = metrics.interval
        rows.append((name, 100 * metrics.accuracy, 100 * low, 100 * high, metrics.macro_f1, metrics.images))
    frame = pd.DataFrame(rows, columns=["system", "accuracy", "low", "high", "macro F1", "images"])
    return frame.sort_values(["accuracy", "system"], ascending=[False, True], kind="stable", ignore_index=True).round(
        {"accuracy": 2, "low": 2, "high": 2, "macro F1": 3}
    )


def neighbours(systems: Mapping[str, Scores]) -> pd.DataFrame:
    """McNemar's exact test of each system against the next one in the ranking, on the same images.

    Returns:
        Columns ``better``, ``worse``, ``only better right``, ``only worse right``, ``p``; a row fewer than systems.
    """
    order = list(ranking(systems)["system"])
    rows = []
    for better, worse in itertools.pairwise(order):
        (first, targets), (second, _) = systems[better], systems[worse]
        test = mcnemar(first.argmax(1), second.argmax(1), targets)
        rows.append((better, worse, test.only_first, test.only_second, float(f"{test.p_value:.2g}")))
    return pd.DataFrame(rows, columns=["better", "worse", "only better right", "only worse right", "p"])


def changes(base: str, systems: Mapping[str, Scores]) -> pd.DataFrame:
    """What each system does better or worse than one of them on the same images, in the order of their accuracy.

    Args:
        base: The system that the others are changes of.
        systems: All, that one too.

    Returns:
        Columns of :func:`ranking`, then ``points`` over the base, ``only it right``, ``only base right`` and ``p``
        (McNemar's exact test; NaN for the base itself).
    """
    frame = ranking(systems)
    reference, targets = systems[base]
    tests = [mcnemar(systems[name][0].argmax(1), reference.argmax(1), targets) for name in frame["system"]]
    frame["points"] = [round(100 * (t.only_first - t.only_second) / len(targets), 2) for t in tests]
    frame["only it right"] = [t.only_first for t in tests]
    frame["only base right"] = [t.only_second for t in tests]
    frame["p"] = [float(f"{t.p_value:.2g}") for t in tests]
    frame.loc[frame["system"] == base, "p"] = np.nan
    return frame


def discordance(systems: Mapping[str, Scores]) -> tuple[float, float]:
    """The least and the largest share of images that exactly one of two systems classifies correctly, over all pairs.

    Raises:
        FerstudyError: Fewer than two systems, or systems scored on different numbers of images.
    """
    if len(systems) < 2:
        raise FerstudyError(f"discordance: expected two systems or more, got {len(systems)}")
    tests = [
        mcnemar(first.argmax(1), second.argmax(1), targets)
        for (first, targets), (second, _) in itertools.combinations(systems.values(), 2)
    ]
    images = len(next(iter(systems.values()))[1])
    shares = [(test.only_first + test.only_second) / images for test in tests]
    return min(shares), max(shares)


def gain_table(gains: Mapping[str, float], images: int, shares: Sequence[float]) -> pd.DataFrame:
    """What a printed gain means: McNemar's test of it, had the two systems differed on as many images as ours do.

    A paper that prints two accuracies leaves open on how many images its systems differ, and with it the test. The
    fewer differ, the more a gain says.

    Args:
        gains: What is gained to the gain in percentage points.
        images: Images scored.
        shares: Shares of them that exactly one of two systems classifies correctly, such as :func:`discordance` gives.

    Returns:
        A row a gain: ``gain``, ``points``, ``images``, and ``p, N % differ`` for every share: McNemar's exact
        probability; NaN where the gain alone is more images than differ.
    """
    from scipy.stats import binomtest

    rows = []
    for name, points in gains.items():
        gained = round(points * images / 100)
        row: dict[str, object] = {"gain": name, "points": round(points, 2), "images": gained}
        for share in shares:
            lost = (round(share * images) - abs(gained)) // 2
            differ = 2 * lost + abs(gained)
            p_value = np.nan if lost < 0 else float(binomtest(lost, differ).pvalue) if differ else 1.0
            row[f"p, {100 * share:.1f} % differ"] = float(f"{p_value:.2g}")
        rows.append(row)
    return pd.DataFrame(rows)


def seeds(systems: Mapping[str, Scores]) -> pd.DataFrame:
    """How much the seed alone decides: recipes of which several seeds were run.

    Args:
        systems: Run name, ``recipe.sSEED``, to its scores.

    Returns:
        Columns ``recipe``, ``seeds``, ``mean``, ``lowest``, ``highest`` (accuracy, %), ``standard deviation`` (points,
        of a sample) and ``differing answers`` (%, of two seeds on one image, averaged over the pairs).
    """
    groups: dict[str, list[str]] = {}
    for name in systems:
        groups.setdefault(name.rpartition(".s")[0], []).append(name)
    rows = []
    for recipe, names in sorted(groups.items()):
        if len(names) > 1:
            answers = [systems[name][0].argmax(1) for name in names]
            right = [100 * (a == systems[name][1]).mean() for a, name in zip(answers, names, strict=True)]
            apart = [100 * (a != b).mean() for a, b in itertools.combinations(answers, 2)]
            values = (np.mean(right), min(right), max(right), np.std(right, ddof=1), np.mean(apart))
            rows.append((recipe, len(names), *(round(float(v), 2) for v in values)))
    columns = ["recipe", "seeds", "mean", "lowest", "highest", "standard deviation", "differing answers"]
    return pd.DataFrame(rows, columns=columns)


def pareto_front(cost: Sequence[float], accuracy: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Which systems no other beats: none is as cheap and more accurate, or cheaper and as accurate.

    Args:
        cost: (N,) what is to be small.
        accuracy: (N,) what is to be large.

    Returns:
        (N,) mask.
    """
    price, worth = np.asarray(cost, float), np.asarray(accuracy, float)
    cheaper, dearer = price[None] <= price[:, None], price[None] < price[:, None]
    better, strictly = worth[None] >= worth[:, None], worth[None] > worth[:, None]
    return np.asarray(~((cheaper & strictly) | (dearer & better)).any(1))


def ensembles(selection: Mapping[str, Scores], systems: Mapping[str, Scores]) -> pd.DataFrame:
    """Mean probabilities of the best system, the best two, three, ... and what each mean adds to the best one alone.

    Args:
        selection: The systems on the images that chose their epochs. They order the members too, and their accuracy
            may choose the size of the ensemble: the images that are scored then choose nothing.
        systems: The same systems on the images that are scored.

    Returns:
        A row a system that joins the mean: ``joins``, ``networks`` (in the mean), ``alone`` (accuracy of the one that
        joins, %), ``selection`` (of the mean, on those images, %), ``accuracy``, ``low``, ``high`` (of the mean, %),
        ``only first right``, ``only mean right`` and ``p`` (McNemar's exact test of the mean against the first).
    """
    order = list(ranking(selection)["system"])
    first, targets = systems[order[0]]
    rows = []
    for count, name in enumerate(order, start=1):
        chosen, scored = (
            average_probabilities([group[member][0] for member in order[:count]]) for group in (selection, systems)
        )
        metrics = metrics_of(scored, targets)
        test = mcnemar(first.argmax(1), scored.argmax(1), targets)
        alone, chooses = metrics_of(*systems[name]).accuracy, metrics_of(chosen, selection[name][1]).accuracy
        shares = (alone, chooses, metrics.accuracy, *metrics.interval)
        p_value = float(f"{test.p_value:.2g}")
        rows.append((name, count, *(round(100 * v, 2) for v in shares), test.only_first, test.only_second, p_value))
    columns = ["joins", "networks", "alone", "selection", "accuracy", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "only first right", "only mean right", "p"])
