"""What the lite_xception paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ferstudy.data.fer2013 import CLASSES, OFFICIAL
from ferstudy.models import model_info
from ferstudy.papers._paper import Erratum
from ferstudy.papers.lite_xception import published as paper
from ferstudy.papers.residual_masking import published as residual_masking

# Under the paper's names in the order of FER2013's csv: scared is fear, surprised is surprise.
_OURS = dict(zip(paper.CLASSES, CLASSES, strict=True))


def count_names() -> pd.DataFrame:
    """Which class each printed test count really belongs to: the pooled official test counts, matched by number."""
    pooled = dict(zip(OFFICIAL[1:3].sum(0).tolist(), CLASSES, strict=True))
    rows = [
        {"printed name": name, "printed count": count, "class with that pooled count": pooled[count]}
        for name, count in paper.TEST_COUNTS.items()
    ]
    return pd.DataFrame(rows).assign(agrees=lambda t: t["printed name"].map(_OURS) == t["class with that pooled count"])


def implied_accuracy(renamed: bool) -> float:
    """Accuracy in percent that Table 3's recalls imply, weighted by the test counts.

    Args:
        renamed: Weigh each class by the count that is really its own, not by the one printed beside its name.
    """
    recalls = np.array([paper.TABLE_3[name].recall for name in paper.CLASSES])
    counts = np.array(list(paper.TEST_COUNTS.values()))
    if renamed:
        by_class = dict(zip(CLASSES, OFFICIAL[1:3].sum(0), strict=True))
        counts = np.array([by_class[_OURS[name]] for name in paper.CLASSES])
    return float(100 * (recalls * counts).sum() / counts.sum())


def table_3_checks() -> pd.DataFrame:
    """Table 3 against the definitions: 1 - precision, 1 - accuracy, 2PR/(P+R), and equation (6) as printed."""
    rows = []
    for name, row in paper.TABLE_3.items():
        product = row.precision * row.recall
        rows.append(
            {
                "class": name,
                "misclassification": row.misclassification,
                "1 - precision": round(1 - row.precision, 2),
                "1 - accuracy": round(1 - row.accuracy, 2),
                "F1 printed": row.f1,
                "2PR / (P + R)": round(2 * product / (row.precision + row.recall), 2),
                "equation (6)": round(2 * product / product, 2),
            }
        )
    return pd.DataFrame(rows)


def _wrong_names() -> dict[str, object]:
    names = count_names()
    wrong = names.loc[~names["agrees"], "class with that pooled count"]
    return {"wrong": len(wrong), "owners": ", ".join(wrong)}


def _rows(column: str, expected: str, tolerance: float = 0.005) -> int:
    """Rows of Table 3 in which a column is what is expected of it, to rounding."""
    checks = table_3_checks()
    return int(((checks[column] - checks[expected]).abs() < tolerance).sum())


_LEAST, _MOST = min(paper.TEST_COUNTS.values()), max(paper.TEST_COUNTS.values())


def _lower() -> dict[str, object]:
    gaps = [row.accuracy - paper.ACCURACY for row in paper.TABLE_4 if row.accuracy != paper.ACCURACY]
    return {"least": min(gaps), "most": max(gaps)}


def _shared_with_residual_masking() -> dict[str, object]:
    theirs = {(row.name.casefold(), row.millions, row.accuracy) for row in residual_masking.TABLE_2}
    ours = {(row.name.replace(" ", "_").casefold(), row.millions, row.accuracy) for row in paper.TABLE_4}
    return {"same": len(ours & theirs)}


ERRATA = (
    Erratum(
        "test_images",
        says=f"tested on {paper.TEST_IMAGES_SAID:,} images",
        where="section 3",
        finding="its class counts sum to {images:,} = PublicTest + PrivateTest",
        compute=lambda: {"images": sum(paper.TEST_COUNTS.values())},
    ),
    Erratum(
        "test_counts",
        says="counts 1233, 1247, 831 for sad, surprised, neutral",
        where="section 3",
        finding="{wrong} of 7 names do not fit: the counts are those of {owners}",
        compute=_wrong_names,
    ),
    Erratum(
        "accuracy",
        says=f"accuracy {paper.ACCURACY} %",
        where="Table 4",
        finding="Table 3's recalls give {as_printed:.2f} % with the counts as printed and {renamed:.2f} % with each "
        "class's own count; the recalls' rounding allows 0.5 either way",
        compute=lambda: {"as_printed": implied_accuracy(False), "renamed": implied_accuracy(True)},
    ),
    Erratum(
        "misclassification",
        says="a column 'Misclassification'",
        where="Table 3, equation 3",
        finding="it equals 1 - precision in {precision} of 7 rows and 1 - accuracy in {accuracy}",
        compute=lambda: {
            "precision": _rows("misclassification", "1 - precision"),
            "accuracy": _rows("misclassification", "1 - accuracy"),
        },
    ),
    Erratum(
        "class_accuracy",
        says="a column 'Accuracy' by class",
        where="Table 3, equation 2",
        finding="it repeats the recall in all {rows} rows; equation (2) would also count true negatives",
        compute=lambda: {"rows": sum(row.accuracy == row.recall for row in paper.TABLE_3.values())},
    ),
    Erratum(
        "f1",
        says="F1 = 2PR / (P x R)",
        where="equation 6",
        finding="that is {value:g} for every class; the table follows 2PR / (P + R) in {rows} of 7 rows",
        compute=lambda: {
            "value": table_3_checks()["equation (6)"].unique().item(),
            "rows": _rows("F1 printed", "2PR / (P + R)", tolerance=0.015),
        },
    ),
    Erratum(
        "parameters",
        says=f"{paper.PARAMETERS / 1000} K parameters",
        where="Table 4",
        finding="Table 1 with depthwise separable blocks, global average pooling and a fully connected layer has "
        "{parameters:,}",
        compute=lambda: {"parameters": model_info("lite_xception").parameters},
    ),
    Erratum(
        "equally",
        says="test images 'divided equally into 7 classes'",
        where="section 3",
        finding="its own counts run from {least:,} to {most:,}, {times:.0f} times as many",
        compute=lambda: {"least": _LEAST, "most": _MOST, "times": _MOST / _LEAST},
    ),
    Erratum(
        "specificity",
        says="'high accuracy, precision, recall and specificity'",
        where="abstract, section 3",
        finding="Table 3 has {columns}; specificity is nowhere defined or printed",
        compute=lambda: {"columns": ", ".join(paper.ClassScores._fields)},
    ),
    Erratum(
        "slightly_lower",
        says="'slightly lower in terms of accuracy'",
        where="section 4",
        finding="{least:.1f} to {most:.1f} points lower than the five of Table 4",
        compute=_lower,
    ),
    Erratum(
        "table_4_source",
        says="'the results claimed from the papers' of five networks",
        where="Table 4, [12] to [16]",
        finding="parameters and accuracies of {same} of 5 stand, digit for digit, in Table II of the Residual Masking "
        "paper, which trained and scored all of them by one protocol (PrivateTest, random views); the papers cited, "
        "such as those of VGG and ResNet, are not about FER2013",
        compute=_shared_with_residual_masking,
    ),
)
