"""The paper's errata, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.data.fer2013 import OFFICIAL
from ferstudy.papers.small_cnn import errata
from ferstudy.papers.small_cnn import published as paper


def test_the_public_confusion_matrix_is_of_public_test() -> None:
    matrix = np.array(paper.VGGNET_CONFUSION)
    assert matrix.sum(1).tolist() == OFFICIAL[1].tolist()
    assert matrix.sum(1).tolist() != OFFICIAL[2].tolist()
    assert round(100 * np.trace(matrix) / matrix.sum(), 2) == 73.28
    assert errata.vggnet_test_split() == "PublicTest"


def test_fernet_counts_by_hand() -> None:
    counts = errata.fernet_counts()
    assert counts["difference"].tolist() == [-900, 4, 0, 0, 0, 9, 0]
    assert counts["Training, by the header"].tolist() == [4965, 3995, 436, 4097, 7215, 4830, 3171]
    assert errata.official_differences("JAFFE") == {"fear": -1}
    assert errata.official_differences("RAF") == {"surprise": -156}


@pytest.mark.parametrize(
    ("printed", "correct", "how"),
    [(73.28, 2630, "rounded"), (73.06, 2622, "rounded"), (71.63, 2571, "cut off"), (68.52, 2459, "no share")],
)
def test_printed_accuracies_as_shares(printed: float, correct: int, how: str) -> None:
    """2571 / 3589 = 71.6356 %, 2459 / 3589 = 68.5149 % and 2460 / 3589 = 68.5428 %."""
    found, share, word = errata.attainable(printed)
    assert (found, word) == (correct, how)
    assert share == pytest.approx(100 * correct / 3589)


def test_the_gap_between_the_splits_by_the_formula() -> None:
    """z of two shares of 3,589: 112 images apart, pooled share 5030 / 7178."""
    pooled = 5030 / 7178
    z = (112 / 3589) / (pooled * (1 - pooled) * 2 / 3589) ** 0.5
    gap, chance = errata.split_gap()
    assert z == pytest.approx(2.886, abs=0.001)
    assert gap == pytest.approx(3.11)
    assert chance == pytest.approx(0.0039, abs=0.0001)


def test_errata_say_what_was_computed() -> None:
    table = errata.errata()
    said = dict(zip(table["the paper says"], table["its numbers say"], strict=True))
    assert len(table) == len(said) == 15
    assert said["'six different algorithms of optimizers' (section 2.3)"].startswith("7 are named")
    assert said["tuning brings 73.06 % to 73.28 % (Fig. 7)"].startswith("8 images of 3,589")
    assert "0.42 points less" in said["'both models in two variation perform better after training' (Fig. 7)"]
    assert "12.3 bytes" in said["784,263 parameters in 9.62 MB, trained with SGD (Table 1)"]
