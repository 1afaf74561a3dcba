"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import itertools

import pytest

from ferstudy.data.fer2013 import OFFICIAL
from ferstudy.models import list_models, model_info
from ferstudy.papers.residual_masking import published as paper


def test_image_counts_sum() -> None:
    """VEMO's two parts make its whole; FER2013's splits do not, by the validation images."""
    vemo, fer = paper.VEMO_IMAGES, paper.FER2013_IMAGES
    assert vemo["collected"] + vemo["labelled by professionals [25]"] == vemo["all"] == 36_470
    official = OFFICIAL[:3].sum(1).tolist()
    assert [fer["training"], fer["test"]] == [official[0], official[2]]
    assert fer["training"] + fer["validation"] + fer["test"] - fer["all"] == 3_859 - official[1] == 270


def test_table_1_halves_and_doubles() -> None:
    shapes = [row.output for row in paper.TABLE_1]
    for (channels, height, width), (wider, lower, narrower) in itertools.pairwise(shapes[2:6]):
        assert (wider, lower, narrower) == (2 * channels, height // 2, width // 2)
    assert len(paper.TABLE_1) == len(paper.TABLE_1_MODULES)


def test_table_2_ascends_and_names_our_networks() -> None:
    accuracies = [row.accuracy for row in paper.TABLE_2]
    assert accuracies == sorted(accuracies)
    assert len(paper.TABLE_2) == 11
    for row in paper.TABLE_2:
        assert row.model in list_models()
        assert model_info(row.model).published_parameters == pytest.approx(1e6 * row.millions)


def test_the_tables_agree_on_the_papers_own_network() -> None:
    assert paper.TABLE_2[-1].accuracy == paper.TABLE_3[-1].single == 74.14
    assert len(paper.TABLE_3) == 10
    # "higher than the well-known classification systems", section V.
    assert max(row.ensemble or 0 for row in paper.TABLE_3) == paper.TABLE_3[-1].ensemble == 76.82
    assert [row.accuracy for row in paper.TABLE_4] == [60.82, 63.94, 64.84, 65.94]
