"""Mixed batches: what is mixed, by how much, and that the seed decides everything."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from ferstudy.data.mixing import MIXES, mix
from ferstudy.errors import FerstudyError

N = 400
# Image k is k everywhere, and its target is one-hot at k: what was mixed can be read off.
X = torch.arange(float(N)).view(N, 1, 1, 1).expand(N, 2, 16, 16)
TARGETS = torch.eye(N)


def rng(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", MIXES)
def test_targets_are_mixed_as_the_images_are(kind: str) -> None:
    x, targets = mix(X, TARGETS, kind, 1.0, rng())
    assert x.shape == X.shape
    torch.testing.assert_close(targets.sum(1), torch.ones(N))
    torch.testing.assert_close(x.mean((1, 2, 3)), targets @ torch.arange(float(N)), rtol=1e-4, atol=1e-3)
    assert ((targets > 0).sum(1) <= 2).all()


def test_mixup_blends_every_pixel_by_a_beta_share() -> None:
    x, targets = mix(X, TARGETS, "mixup", 0.4, rng())
    assert (x == x[:, :1, :1, :1]).all()
    kept = targets.diagonal()[targets.diagonal() < 1].numpy()
    assert stats.kstest(kept, stats.beta(0.4, 0.4).cdf).pvalue > 0.01


def test_cutmix_pastes_one_rectangle_of_the_stated_area() -> None:
    x, targets = mix(X, TARGETS, "cutmix", 1.0, rng())
    pasted = x[:, 0] != torch.arange(float(N)).view(N, 1, 1)
    for mask, kept in zip(pasted, targets.diagonal(), strict=True):
        rows, columns = mask.any(1), mask.any(0)
        assert torch.equal(mask, rows[:, None] & columns[None])
        # A rectangle has no holes.
        for line in (rows, columns):
            assert (line.int().diff().abs().sum() + line[0].int() + line[-1].int()) <= 2
        if mask.any():
            assert 1 - mask.float().mean().item() == pytest.approx(kept.item(), abs=1e-6)
    assert pasted.float().mean((1, 2)).std() > 0.1


@pytest.mark.parametrize("kind", MIXES)
def test_the_seed_decides_everything(kind: str) -> None:
    np.random.seed(0)  # noqa: NPY002  (the global state is what must play no part)
    first = mix(X, TARGETS, kind, 0.2, rng())
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(9)
    for one, other in zip(first, mix(X, TARGETS, kind, 0.2, rng()), strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(first[0], mix(X, TARGETS, kind, 0.2, rng(2))[0])


def test_soft_targets_stay_probabilities() -> None:
    soft = torch.rand(N, 7, generator=rng()).softmax(1)
    _, targets = mix(X, soft, "mixup", 1.0, rng())
    torch.testing.assert_close(targets.sum(1), torch.ones(N))


def test_impossible_mixes_are_refused() -> None:
    with pytest.raises(FerstudyError, match="did you mean mixup"):
        mix(X, TARGETS, "mixupp", 1.0, rng())
    with pytest.raises(FerstudyError, match="alpha > 0"):
        mix(X, TARGETS, "mixup", 0.0, rng())
