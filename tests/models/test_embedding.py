"""Deep features: what enters the last layer, before any dropout, of every registered network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ferstudy.models import create_model, model_info
from ferstudy.models.embedding import Embedding, last_linear
from tests.models.test_models import BUILDS, images


@pytest.mark.parametrize("name", BUILDS)
def test_in_evaluation_it_is_what_enters_the_last_layer(name: str) -> None:
    model = create_model(name, seed=0).eval()
    seen: list[torch.Tensor] = []
    last_linear(model).register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    with Embedding(model) as embedding, torch.no_grad():
        model(images(name, 2, model_info(name).channels))
    assert embedding.value is not None
    torch.testing.assert_close(embedding.value, seen[-1])
    assert embedding.value.shape == (2, embedding.dimension)


def test_a_dropout_in_front_of_the_last_layer_is_passed_over() -> None:
    """In training, where half of the values are dropped, none is missing from the features."""
    model = nn.Sequential(nn.Linear(4, 64), nn.Dropout(0.5), nn.Linear(64, 3)).train()
    x = torch.ones(8, 4)
    with Embedding(model) as embedding:
        model(x)
    assert embedding.value is not None
    torch.testing.assert_close(embedding.value, model[0](x))
