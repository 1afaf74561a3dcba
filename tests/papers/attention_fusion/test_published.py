"""The transcription of the paper, checked against its own sums."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.models import create_model
from ferstudy.papers.attention_fusion import published as paper


def test_tables_have_every_system_and_class() -> None:
    assert set(paper.TABLE_1) == set(paper.TABLE_2) == set(paper.SYSTEMS)
    assert {len(row) for row in paper.TABLE_1.values()} == {7}
    assert {len(row) for row in paper.TABLE_2.values()} == {6}
    assert [len(table) for table in (paper.TABLE_3, paper.TABLE_4, paper.TABLE_5)] == [4, 4, 7]
    assert all(set(by_model) == set(paper.SYSTEMS) for by_model in paper.ACCURACY.values())


def test_table_2_averages_to_table_4() -> None:
    """All classes have 80 films, so Table 4 is near the mean over the classes: within 0.15 points for all four."""
    for model, row in paper.TABLE_2.items():
        assert np.mean(row) == pytest.approx(paper.ACCURACY["oulu_casia"][model], abs=0.15)


def test_lowest_accuracies_are_those_that_the_text_names() -> None:
    """Section 4.3: 89 % for contempt and 83.49 % for sad, both of SqueezeNet Complex-SE."""
    lowest = min((v, m, k) for m, row in paper.TABLE_1.items() for k, v in row._asdict().items())
    assert lowest == (89, "squeezenet_complex_se", "contempt")
    lowest = min((v, m, k) for m, row in paper.TABLE_2.items() for k, v in row._asdict().items())
    assert lowest == (83.49, "squeezenet_complex_se", "sad")


def test_layers_are_modules_of_both_networks() -> None:
    for name in ("squeezenet_se", "squeezenet_complex_se"):
        modules = dict(create_model(name).named_modules())
        assert set(paper.LAYERS.values()) <= set(modules)
    assert sum(name.startswith("fire") for name in paper.LAYERS) == 9  # section 3.5
