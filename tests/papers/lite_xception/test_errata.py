"""The paper's errata, by hand."""

from __future__ import annotations

import pytest

from ferstudy.papers import Erratum
from ferstudy.papers.lite_xception import errata

# Recalls .61 .55 .37 .89 .5 .74 .65 times the counts of section 3, with the last three under their names and exchanged.
FIRST_FOUR = 0.61 * 958 + 0.55 * 111 + 0.37 * 1024 + 0.89 * 1774
KNOWN = {
    "test_images": {"images": 3_589 + 3_589},
    # By the challenge: neutral 607 + 626, sad 653 + 594, surprise 415 + 416.
    "test_counts": {"wrong": 3, "owners": "neutral, sad, surprise"},
    "accuracy": {
        "as_printed": pytest.approx((FIRST_FOUR + 0.5 * 1233 + 0.74 * 1247 + 0.65 * 831) / 71.78),
        "renamed": pytest.approx((FIRST_FOUR + 0.5 * 1247 + 0.74 * 831 + 0.65 * 1233) / 71.78),
    },
    # Precisions .51 .65 .51 .81 .54 .77 .62 beside .49 .35 .49 .19 .46 .23 .38; accuracies .61 .55 .37 .89 .5 .74 .65.
    "misclassification": {"precision": 7, "accuracy": 0},
    "class_accuracy": {"rows": 7},
    "f1": {"value": 2, "rows": 7},
    # Weights of the layers of Table 1, with depthwise separable blocks.
    "parameters": {"parameters": 49_783},
    "equally": {"least": 111, "most": 1774, "times": pytest.approx(15.98, abs=0.01)},
    "specificity": {"columns": "accuracy, misclassification, precision, recall, f1"},
    "slightly_lower": {"least": pytest.approx(70.80 - 64.53), "most": pytest.approx(73.39 - 64.53)},
    "table_4_source": {"same": 5},
}


@pytest.mark.parametrize("erratum", errata.ERRATA, ids=lambda erratum: erratum.id)
def test_each_erratum_computes_what_is_known(erratum: Erratum) -> None:
    assert erratum.compute() == KNOWN[erratum.id]


def test_implied_accuracy_by_hand() -> None:
    """Recalls .61 .55 .37 .89 .5 .74 .65 over 958, 111, 1024, 1774 and the last three counts, misnamed or not."""
    first_four = 0.61 * 958 + 0.55 * 111 + 0.37 * 1024 + 0.89 * 1774
    printed = first_four + 0.5 * 1233 + 0.74 * 1247 + 0.65 * 831
    renamed = first_four + 0.5 * 1247 + 0.74 * 831 + 0.65 * 1233
    assert errata.implied_accuracy(renamed=False) == pytest.approx(100 * printed / 7178)
    assert errata.implied_accuracy(renamed=True) == pytest.approx(100 * renamed / 7178)
    assert errata.implied_accuracy(renamed=True) == pytest.approx(64.68, abs=0.005)


def test_three_names_do_not_fit() -> None:
    names = errata.count_names()
    assert names.loc[~names["agrees"], "printed name"].tolist() == ["sad", "surprised", "neutral"]
    assert names.loc[~names["agrees"], "class with that pooled count"].tolist() == ["neutral", "sad", "surprise"]


def test_equation_6_is_two_for_every_class() -> None:
    assert (errata.table_3_checks()["equation (6)"] == 2).all()
