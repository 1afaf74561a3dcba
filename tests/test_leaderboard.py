"""Rankings, fronts and ensembles on cases that can be checked by eye."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.errors import FerstudyError
from ferstudy.leaderboard import (
    Scores,
    changes,
    discordance,
    ensembles,
    gain_table,
    neighbours,
    pareto_front,
    ranking,
    seeds,
)

TARGETS = np.array([0, 1, 0, 1, 0, 1, 0, 1])


def scores(right: int, sure: float = 2.0) -> Scores:
    """Logits that classify the first ``right`` of eight images correctly."""
    sign = np.where(np.arange(8) < right, 1, -1) * np.where(TARGETS == 1, 1, -1)
    return np.stack([-sign * sure, sign * sure], 1) / 2, TARGETS


SYSTEMS = {"half": scores(4), "most": scores(7), "some": scores(6)}


def test_the_best_comes_first_with_its_interval() -> None:
    frame = ranking(SYSTEMS)
    assert list(frame["system"]) == ["most", "some", "half"]
    assert list(frame["accuracy"]) == [87.5, 75.0, 50.0]
    # Wilson's interval of 4 of 8, by its formula with z = 1.96.
    assert frame.loc[2, ["low", "high"]].tolist() == pytest.approx([21.52, 78.48], abs=0.01)


def test_neighbours_are_compared_on_the_images_that_they_differ_in() -> None:
    frame = neighbours(SYSTEMS)
    assert frame[["better", "worse"]].to_numpy().tolist() == [["most", "some"], ["some", "half"]]
    assert frame["only better right"].tolist() == [1, 2]
    assert frame["only worse right"].tolist() == [0, 0]
    assert frame["p"].tolist() == [1.0, 0.5]


def test_changes_are_set_against_their_base() -> None:
    frame = changes("some", SYSTEMS).set_index("system")
    assert list(frame.index) == ["most", "some", "half"]
    assert frame["points"].tolist() == [12.5, 0.0, -25.0]
    assert frame["only it right"].tolist() == [1, 0, 0]
    assert frame["only base right"].tolist() == [0, 0, 2]
    assert np.isnan(frame.loc["some", "p"])
    assert frame["p"].drop("some").tolist() == [1.0, 0.5]
    # Holm: the smaller of two twice, the larger no smaller than that.
    assert frame["p after Holm"].drop("some").tolist() == [1.0, 1.0]
    assert np.isnan(frame.loc["some", "p after Holm"])


def test_discordance_is_the_share_that_one_of_two_gets_right() -> None:
    assert discordance(SYSTEMS) == (1 / 8, 3 / 8)
    with pytest.raises(FerstudyError, match="two systems or more, got 1"):
        discordance({"half": SYSTEMS["half"]})


def test_a_gain_means_more_the_fewer_images_differ() -> None:
    frame = gain_table({"two": 20, "none": 0, "too many": 50}, images=10, shares=(0.4, 0.8, 0.1))
    assert frame["images"].tolist() == [2, 0, 5]
    # One against three heads in four throws: 10 of 16; three against five in eight: 2 x 93 of 256.
    assert frame.loc[0, ["p, 40.0 % differ", "p, 80.0 % differ"]].tolist() == pytest.approx([0.62, 0.73])
    assert np.isnan(frame["p, 10.0 % differ"][0])
    assert (frame.iloc[1, 3:] == 1).all()
    assert frame.loc[2, ["p, 40.0 % differ", "p, 10.0 % differ"]].isna().all()


def test_seeds_are_grouped_by_recipe() -> None:
    systems = {"a.data.b.s0": scores(4), "a.data.b.s1": scores(6), "a.data.b.s12": scores(8), "c.data.d.s0": scores(7)}
    (row,) = seeds(systems).to_dict("records")
    assert (row["recipe"], row["seeds"]) == ("a.data.b", 3)
    assert (row["mean"], row["lowest"], row["highest"], row["standard deviation"]) == (75.0, 50.0, 100.0, 25.0)
    # They differ in two, two and four of eight answers.
    assert row["differing answers"] == pytest.approx(100 * (2 + 2 + 4) / 24, abs=0.01)


def test_front_of_cost_and_accuracy() -> None:
    #                 cheap and bad, dear and good, dominated, twice the same
    cost, accuracy = [1, 9, 9, 3, 3, 2], [50, 90, 80, 70, 70, 40]
    assert pareto_front(cost, accuracy).tolist() == [True, True, False, True, True, False]


def test_ensembles_average_probabilities_in_the_order_of_the_selection() -> None:
    # The sure one outvotes two unsure ones where they disagree.
    selection = {"unsurer": scores(4, 0.25), "sure": scores(6, 8.0), "unsure": scores(5, 0.5)}
    scored = {"unsurer": scores(8, 0.25), "sure": scores(3, 8.0), "unsure": scores(5, 0.5)}
    frame = ensembles(selection, scored)
    assert list(frame["joins"]) == ["sure", "unsure", "unsurer"]
    assert list(frame["networks"]) == [1, 2, 3]
    assert frame["alone"].tolist() == [37.5, 62.5, 100.0]
    assert frame["selection"].tolist() == [75.0, 75.0, 75.0]
    assert frame["accuracy"].tolist() == [37.5, 37.5, 37.5]
    assert frame["p"].tolist() == [1.0, 1.0, 1.0]
    swapped = ensembles(selection, {"unsurer": scored["sure"], "sure": scored["unsurer"], "unsure": scored["unsure"]})
    assert swapped["accuracy"].tolist() == [100.0, 62.5, 37.5]
    assert swapped["only first right"].tolist() == [0, 3, 5]
    assert swapped["only mean right"].tolist() == [0, 0, 0]
    # Two-sided, of three and of five heads in a row.
    assert swapped["p"].tolist() == [1.0, 0.25, 0.062]
