"""What the lite_xception paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ferstudy.data.fer2013 import CLASSES, OFFICIAL
from ferstudy.papers.lite_xception import published as paper

# Under the paper's names in the order of FER2013's csv: scared is fear, surprised is surprise.
_OURS = dict(zip(paper.CLASSES, CLASSES, strict=True))


def count_names() -> pd.DataFrame:
    """Which class each printed test count really belongs to: the pooled official test counts, matched by number."""
    pooled = dict(zip(OFFICIAL[1:3].sum(0).tolist(), CLASSES, strict=True))
    rows = [
        {"printed name": name, "printed count": count, "class with that pooled count": pooled[count]}
        for name, count in zip(paper.CLASSES, paper.TEST_COUNTS, strict=True)
    ]
    return pd.DataFrame(rows).assign(agrees=lambda t: t["printed name"].map(_OURS) == t["class with that pooled count"])


def implied_accuracy(renamed: bool) -> float:
    """Accuracy in percent that Table 3's recalls imply, weighted by the test counts.

    Args:
        renamed: Weigh each class by the count that is really its own, not by the one printed beside its name.
    """
    recalls = np.array([paper.TABLE_3[name][3] for name in paper.CLASSES])
    counts = np.array(paper.TEST_COUNTS)
    if renamed:
        by_class = dict(zip(CLASSES, OFFICIAL[1:3].sum(0), strict=True))
        counts = np.array([by_class[_OURS[name]] for name in paper.CLASSES])
    return float(100 * (recalls * counts).sum() / counts.sum())


def table_3_checks() -> pd.DataFrame:
    """Table 3 against the definitions: 1 - precision, 1 - accuracy, 2PR/(P+R), and equation (6) as printed."""
    rows = []
    for name, (accuracy, missed, precision, recall, f1) in paper.TABLE_3.items():
        rows.append(
            {
                "class": name,
                "misclassification": missed,
                "1 - precision": round(1 - precision, 2),
                "1 - accuracy": round(1 - accuracy, 2),
                "F1 printed": f1,
                "2PR / (P + R)": round(2 * precision * recall / (precision + recall), 2),
                "equation (6)": round(2 * recall * precision / (recall * precision), 2),
            }
        )
    return pd.DataFrame(rows)


def errata() -> pd.DataFrame:
    """The paper's slips: what it says, what the numbers say, and the computation's verdict."""
    checks = table_3_checks()
    names = count_names()
    wrong = int((~names["agrees"]).sum())
    column = (checks["misclassification"] - checks["1 - precision"]).abs() < 0.005
    f1 = (checks["F1 printed"] - checks["2PR / (P + R)"]).abs() < 0.015
    rows = [
        (
            "tested on 3,589 images (section 3)",
            f"its class counts sum to {sum(paper.TEST_COUNTS):,} = PublicTest + PrivateTest",
        ),
        (
            "counts 1233, 1247, 831 for sad, surprised, neutral (section 3)",
            f"{wrong} of 7 names do not fit: the counts are those of "
            + ", ".join(names.loc[~names["agrees"], "class with that pooled count"]),
        ),
        (
            "accuracy 64.53 % (Table 4)",
            f"Table 3's recalls give {implied_accuracy(False):.2f} % with the counts as printed and "
            f"{implied_accuracy(True):.2f} % with each class's own count; the recalls' rounding allows 0.5 either way",
        ),
        (
            "a column 'Misclassification' (Table 3, equation 3)",
            f"it equals 1 - precision in {int(column.sum())} of 7 rows and 1 - accuracy in "
            f"{int(((checks['misclassification'] - checks['1 - accuracy']).abs() < 0.005).sum())}",
        ),
        (
            "a column 'Accuracy' by class (Table 3, equation 2)",
            "it repeats the recall in all 7 rows; equation (2) would also count true negatives",
        ),
        (
            "F1 = 2PR / (P x R) (equation 6)",
            f"that is 2 for every class; the table follows 2PR / (P + R) in {int(f1.sum())} of 7 rows",
        ),
        (
            "488.7 K parameters (Table 4)",
            "Table 1 with depthwise separable blocks, global average pooling and a fully connected layer has 49,783",
        ),
    ]
    return pd.DataFrame(rows, columns=["the paper says", "its numbers say"])
