"""What the mobilenet_realtime paper's printed percentages can be shares of."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd

from ferstudy.data import ck_plus, jaffe
from ferstudy.evaluation import wilson
from ferstudy.papers._shares import denominators, numerators
from ferstudy.papers.mobilenet_realtime import published as paper

# Section 5: a dataset is split into five groups, one of which validates.
PARTS = 5


def images_of_errors(percent: float, errors: int, most: int = 2_000) -> int:
    """Images of which so many errors give a printed accuracy; the first of them where several do."""
    return next(n for n in range(errors + 1, most) if n - errors in numerators(percent, n))


def row_counts(shares: Iterable[float], most: int = 100) -> tuple[int, int]:
    """Fewest images that a printed row of a confusion matrix can be of, and how many of them were wrong.

    Args:
        shares: The row in percent, the true class's own share largest.
        most: Largest number of images considered.

    Returns:
        Images and errors; one image and no error for a row of 100.
    """
    # The printed 1.56 beside 98.46 is no share of what 98.46 is one of: only the largest must fit.
    largest = max(shares)
    images = denominators(largest, range(1, most + 1))[0]
    return images, images - numerators(largest, images)[0]


def ck_plus_images(setup: str) -> int:
    """Images of a configuration of Table 5 by CK+'s own counts: a neutral one a film, one or three of each emotion.

    Args:
        setup: Key of ``TABLE_5``.
    """
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    contempt = films["contempt"] if setup.startswith(("8", "7_no_neutral")) else 0
    neutral = sum(films.values()) if setup.startswith(("8", "7_no_contempt")) else 0
    emotions = sum(films.values()) - films["contempt"] + contempt
    return emotions * (3 if setup.endswith("last3") else 1) + neutral


def fractions() -> pd.DataFrame:
    """Every printed accuracy on CK+, JAFFE and FER-2013 as a share of images.

    Returns:
        Columns ``where``, ``printed %``, ``images of the protocol`` (all that the text says are scored, a fifth where
        it says one of five groups), ``possible`` (whether some number of right answers of so many images gives the
        printed number), ``nearest possible`` (the share of the nearest number of images that does), and its 95 % Wilson
        interval in percent. Of a number with a +-, the lower end has a row of its own.
    """
    rows = []
    for where, percent, images, part in _printed_accuracies():
        expected = [images // PARTS, -(-images // PARTS)] if part else [images]
        fits = denominators(percent, expected)
        nearest = min(denominators(percent, range(2, 2 * images + 2)), key=lambda n: min(abs(n - e) for e in expected))
        n = fits[0] if fits else nearest
        k = numerators(percent, n)[0]
        low, high = wilson(k, n)
        rows.append(
            {
                "where": where,
                "printed %": round(percent, 2),
                "images of the protocol": " or ".join(str(e) for e in dict.fromkeys(expected)),
                "possible": bool(fits),
                "nearest possible": f"{k}/{n}",
                "95 % interval": f"{100 * low:.1f} to {100 * high:.1f}",
            }
        )
    return pd.DataFrame(rows)


def _printed_accuracies() -> list[tuple[str, float, int, bool]]:
    """Where, percent, images of the dataset, and whether one of five parts is scored."""
    six, all_jaffe = ck_plus_images("6_last"), sum(jaffe.OFFICIAL)
    not_neutral = all_jaffe - jaffe.OFFICIAL[jaffe.CLASSES.index("neutral")]
    on_ck_plus, on_jaffe = paper.TABLE_2["ck_plus"], paper.TABLE_2["jaffe"]
    one_stage, spread = on_ck_plus.one_stage
    scores = [
        ("Table 2, CK+, one stage", one_stage, six, True),
        ("Table 2, CK+, one stage, lower end", one_stage - spread, six, True),
        ("Table 2, CK+, two stages", on_ck_plus.two_stages.value, six, True),
        ("Table 2, JAFFE, one stage", on_jaffe.one_stage.value, all_jaffe, True),
        ("Table 2, JAFFE, two stages", on_jaffe.two_stages.value, all_jaffe, True),
        ("Table 3, JAFFE, centre loss", paper.TABLE_3["jaffe"].centre, all_jaffe, True),
    ]
    for setup, row in paper.TABLE_5.items():
        where, images = f"Table 5, CK+, {paper.FIGURE_6_NAMES[setup]}", ck_plus_images(setup)
        if row.accuracy < 100:
            scores.append((where, row.accuracy, images, True))
        if row.spread:
            scores.append((f"{where}, lower end", row.accuracy - row.spread, images, True))
    scores += [
        ("section 6, JAFFE to CK+", paper.CROSS["jaffe_to_ck_plus"], six, False),
        ("section 6, CK+ to JAFFE", paper.CROSS["ck_plus_to_jaffe"], not_neutral, False),
    ]
    for split, percent in paper.STAGE_ONE.items():
        scores.append((f"section 5.1.1, FER-2013, {split}", percent, paper.FER2013_IMAGES[split], False))
    return scores


def validated_images_6() -> list[tuple[int, int]]:
    """Numbers of disgust and sad images that 6-S-NC's printed precision allows.

    Its matrix has one wrong answer in each of these columns and none elsewhere, so the mean precision of the six
    classes is (4 + d/(d + 1) + s/(s + 1)) / 6.

    Returns:
        Pairs of disgust and sad images, at most 59 and 28 as CK+ has.
    """
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    printed = paper.TABLE_5["6_last"].precision
    return [
        (d, s)
        for d in range(1, films["disgust"] + 1)
        for s in range(1, films["sad"] + 1)
        if abs(100 * (4 + Fraction(d, d + 1) + Fraction(s, s + 1)) / 6 - printed) <= 0.005
    ]


def validated_images_jaffe() -> dict[str, list[tuple[int, int]]]:
    """Numbers of images of four classes that JAFFE's printed recall and precision allow.

    Two of 42 images are wrong: a disgust one taken for fear and a sad one for happy (5.1.3 and section 6). So the mean
    recall of the seven classes is (5 + (d - 1)/d + (s - 1)/s) / 7 of d disgust and s sad images, and the mean precision
    (5 + f/(f + 1) + h/(h + 1)) / 7 of f fear and h happy ones.

    Returns:
        ``disgust and sad`` and ``fear and happy``: pairs in ascending order, at most as many as JAFFE has of a class.
    """
    most = range(1, max(jaffe.OFFICIAL) + 1)

    def fits(shares: tuple[Fraction, Fraction], printed: float) -> bool:
        return abs(100 * (5 + sum(shares, Fraction())) / 7 - Fraction(str(printed))) <= Fraction(5, 1000)

    pairs = [(a, b) for a in most for b in most if a <= b]
    return {
        "disgust and sad": [
            (a, b) for a, b in pairs if fits((Fraction(a - 1, a), Fraction(b - 1, b)), paper.JAFFE.recall)
        ],
        "fear and happy": [
            (a, b) for a, b in pairs if fits((Fraction(a, a + 1), Fraction(b, b + 1)), paper.JAFFE.precision)
        ],
    }


def table_5_checks() -> pd.DataFrame:
    """Table 5 against Figure 6 and the definitions.

    Returns:
        A row a configuration: the printed recall and the mean diagonal of the printed matrix (NaN where it is a picture
        only); the printed F1, and 2PR/(P+R) of the printed averages; the fewest errors that the matrix needs, and the
        accuracy of so many errors in the nearest possible number of images.
    """
    rows = []
    for setup, scores in paper.TABLE_5.items():
        row = {
            "setup": paper.FIGURE_6_NAMES[setup],
            "recall (published)": scores.recall,
            "mean diagonal": np.nan,
            "F1 (published)": scores.f1,
            "2PR / (P + R)": round(2 * scores.precision * scores.recall / (scores.precision + scores.recall), 2),
            "fewest errors": np.nan,
            "images so": np.nan,
        }
        if setup in paper.FIGURE_6:
            matrix = paper.FIGURE_6[setup].rows
            errors = sum(row_counts(percentages)[1] for percentages in matrix)
            row["mean diagonal"] = round(float(np.mean([matrix[k][k] for k in range(len(matrix))])), 2)
            row["fewest errors"] = errors
            row["images so"] = images_of_errors(scores.accuracy, errors)
        rows.append(row)
    return pd.DataFrame(rows)


def matrix_sums() -> pd.DataFrame:
    """Rows of the printed matrices that do not sum to 100 % beyond rounding."""
    rows = []
    for setup, (classes, matrix) in paper.FIGURE_6.items():
        for name, shares in zip(classes, matrix, strict=True):
            if abs(sum(shares) - 100) > 0.005 * sum(share > 0 for share in shares):
                rows.append((paper.FIGURE_6_NAMES[setup], name, round(sum(shares), 2)))
    return pd.DataFrame(rows, columns=["setup", "class", "sum %"])
