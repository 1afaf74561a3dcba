"""Losses against closed forms, finite differences and other ways of computing the same."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from ferstudy.errors import FerstudyError
from ferstudy.losses import ArcFace, CentreLoss, CosineLinear, Loss, MultiTarget, build_loss


def test_cross_entropy_by_hand() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]))
    targets = torch.tensor([0, 2])
    assert build_loss(Loss())(logits, targets).item() == pytest.approx(-(math.log(0.5) + math.log(0.7)) / 2)
    # Smoothed by s: (1 - s) of the target's and s of the mean over all classes.
    even = -(math.log(0.5) + 2 * math.log(0.25) + math.log(0.1) + math.log(0.2) + math.log(0.7)) / 6
    smoothed = build_loss(Loss(), label_smoothing=0.3)(logits, targets).item()
    assert smoothed == pytest.approx(0.7 * -(math.log(0.5) + math.log(0.7)) / 2 + 0.3 * even, rel=1e-6)
    weighted = build_loss(Loss(), weights=torch.tensor([3.0, 1.0, 1.0]))(logits, targets).item()
    assert weighted == pytest.approx(-(3 * math.log(0.5) + math.log(0.7)) / 4, rel=1e-6)


def test_soft_labels_are_the_expected_cross_entropy() -> None:
    logits = torch.randn(5, 8, generator=torch.Generator().manual_seed(0))
    votes = torch.rand(5, 8, generator=torch.Generator().manual_seed(1))
    votes /= votes.sum(1, keepdim=True)
    by_hand = -(votes * (logits - logits.exp().sum(1, keepdim=True).log())).sum(1).mean()
    torch.testing.assert_close(build_loss(Loss())(logits, votes), by_hand)


def test_multi_target_takes_the_likeliest_of_the_right_classes() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]))
    right = torch.tensor([[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
    assert MultiTarget()(logits, right).item() == pytest.approx(-(math.log(0.3) + math.log(0.2)) / 2)
    one = torch.tensor([1, 0])
    torch.testing.assert_close(MultiTarget()(logits, one), build_loss(Loss())(logits, one))


def test_centre_loss_as_printed_and_as_cited() -> None:
    """Distances 5 and 13 from the centres: equation (1) gives (5 + 13) / 2, the squared form (25 + 169) / 2."""
    features = torch.tensor([[3.0, 4.0], [6.0, 14.0]])
    for form, value in (("printed", 9.0), ("cited", 97.0)):
        loss = CentreLoss(2, 2, form=form)
        loss.centres[1] = torch.tensor([1.0, 2.0])
        assert loss(features, torch.tensor([0, 1])).item() == pytest.approx(value)


def test_centres_move_as_equation_2_says() -> None:
    loss = CentreLoss(3, 1, rate=0.5)
    loss.centres[:] = torch.tensor([[0.0], [10.0], [7.0]])
    loss.update(torch.tensor([[4.0], [8.0], [4.0]]), torch.tensor([0, 0, 1]))
    # Class 0: ((0 - 4) + (0 - 8)) / (1 + 2) = -4; class 1: (10 - 4) / 2 = 3; class 2 was not in the batch.
    assert loss.centres.ravel().tolist() == pytest.approx([2.0, 8.5, 7.0])


@pytest.mark.parametrize("form", ["printed", "cited"])
def test_centre_loss_gradient(form: str) -> None:
    loss = CentreLoss(3, 4, form=form).double()
    loss.centres += torch.randn(3, 4, dtype=torch.double)
    features = torch.randn(6, 4, dtype=torch.double, requires_grad=True)
    targets = torch.tensor([0, 1, 2, 0, 1, 2])
    assert torch.autograd.gradcheck(lambda x: loss(x, targets), features)
    on_centre = loss.centres[targets].clone().requires_grad_()
    loss(on_centre, targets).backward()
    assert on_centre.grad is not None
    assert on_centre.grad.abs().max() == 0


def _unit(*degrees: float) -> torch.Tensor:
    radians = torch.deg2rad(torch.tensor(degrees, dtype=torch.double))
    return torch.stack([radians.cos(), radians.sin()], 1)


def test_arcface_by_angles() -> None:
    """A feature at 20 degrees from its class and 70 from the other: the margin of 30 makes that 50."""
    head = CosineLinear(2, 2, scale=8.0).double()
    with torch.no_grad():
        head.weight.copy_(5 * _unit(0, 90))
    logits = head(3 * _unit(20))
    torch.testing.assert_close(logits, 8 * torch.cos(torch.deg2rad(torch.tensor([[20.0, 70.0]], dtype=torch.double))))
    loss = ArcFace(8.0, math.radians(30))(logits, torch.tensor([0]))
    right, other = 8 * math.cos(math.radians(50)), 8 * math.cos(math.radians(70))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(other - right)))


def test_arcface_penalty_keeps_growing_past_half_a_turn() -> None:
    loss = ArcFace(1.0, 0.5)
    angles = torch.linspace(0.01, math.pi - 0.01, 200)
    values = [loss(torch.stack([a.cos(), torch.tensor(0.0)])[None], torch.tensor([0])).item() for a in angles]
    assert all(later > earlier for earlier, later in itertools.pairwise(values))


def test_arcface_gradient_and_no_margin() -> None:
    head, targets = CosineLinear(5, 4, scale=10.0).double(), torch.tensor([0, 1, 2, 3, 0, 1])
    features = torch.randn(6, 5, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: ArcFace(10.0, 0.3)(head(x), targets), features)
    torch.testing.assert_close(
        ArcFace(10.0, 0.0)(head(features), targets), torch.nn.functional.cross_entropy(head(features), targets)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "centre"}, "unknown loss"),
        ({"centre_form": "squared"}, "unknown form"),
        ({"centre": -1.0}, "centre >= 0"),
        ({"margin": 2.0}, "radians"),
        ({"scale": 0.0}, "scale > 0"),
    ],
)
def test_mistakes_are_explained(change: dict[str, object], message: str) -> None:
    with pytest.raises(FerstudyError, match=message):
        Loss(**change)  # type: ignore[arg-type]
