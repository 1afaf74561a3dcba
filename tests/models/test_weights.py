"""Weights as a file holds them: rounded kernels, exact vectors, and the network's own back in place."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ferstudy.models import create_model, list_models, model_info
from ferstudy.models.weights import as_stored, read_weights, stored

SMALL = [name for name in list_models() if model_info(name).parameters < 2_000_000]


@pytest.mark.parametrize("name", SMALL)
def test_a_file_is_half_as_large_and_reads_as_float32(name: str, tmp_path: Path) -> None:
    exact = create_model(name, seed=0).state_dict()
    for label, state in (("exact", exact), ("stored", stored(exact))):
        save_file({k: v.contiguous() for k, v in state.items()}, tmp_path / label)
    assert (tmp_path / "stored").stat().st_size < 0.62 * (tmp_path / "exact").stat().st_size
    for key, value in read_weights(tmp_path / "stored").items():
        assert value.dtype == exact[key].dtype
        if value.ndim < 2:
            assert torch.equal(value, exact[key])
        # float16 has ten bits after the point.
        torch.testing.assert_close(value, exact[key], rtol=2**-11, atol=2**-25)


def test_a_network_gets_its_own_weights_back() -> None:
    model = create_model("lite_xception", seed=0)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with as_stored(model) as state:
        held = model.state_dict()
        assert all(torch.equal(held[k], state[k].to(held[k].dtype)) for k in held)
        assert not all(torch.equal(held[k], before[k]) for k in held)
    after = model.state_dict()
    assert all(torch.equal(after[k], before[k]) for k in before)
