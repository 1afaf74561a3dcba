"""Augmentation on batches: what each range does, and that the seed decides everything."""

from __future__ import annotations

import math

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as TF

from ferstudy.data.augmentation import TTA, Augmentation
from ferstudy.data.transforms import (
    affine,
    augment,
    combine,
    erase,
    random_crop,
    resized_crop,
    views,
)
from ferstudy.errors import FerstudyError

X = torch.rand(32, 1, 48, 48, generator=torch.Generator().manual_seed(0))
EVERYTHING = Augmentation(0.5, 15, 0.1, 0.2, 44, 0.1, 0.2, 0.5)


def rng(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_seed_decides_everything() -> None:
    torch.testing.assert_close(augment(X, EVERYTHING, rng()), augment(X, EVERYTHING, rng()), rtol=0, atol=0)
    assert not torch.equal(augment(X, EVERYTHING, rng(1)), augment(X, EVERYTHING, rng(2)))


def test_global_randomness_plays_no_part() -> None:
    torch.manual_seed(5)
    first = augment(X, EVERYTHING, rng())
    torch.manual_seed(6)
    torch.testing.assert_close(first, augment(X, EVERYTHING, rng()), rtol=0, atol=0)


def test_range_and_shape_hold() -> None:
    out = augment(X, EVERYTHING, rng())
    assert out.shape == (32, 1, 44, 44)
    assert out.min() >= 0
    assert out.max() <= 1


def test_nothing_asked_nothing_done() -> None:
    assert torch.equal(augment(X, Augmentation(flip=0), rng()), X)


def test_flip_mirrors_whole_images() -> None:
    out = augment(X, Augmentation(flip=0.5), rng())
    mirrored = [torch.equal(o, x.flip(-1)) for o, x in zip(out, X, strict=True)]
    kept = [torch.equal(o, x) for o, x in zip(out, X, strict=True)]
    assert all(m or k for m, k in zip(mirrored, kept, strict=True))
    assert 0 < sum(mirrored) < 32


def test_affine_of_nothing_is_the_identity() -> None:
    torch.testing.assert_close(affine(X, Augmentation(flip=0), rng()), X, atol=1e-5, rtol=0)


def test_affine_with_certain_flip_is_the_mirror() -> None:
    torch.testing.assert_close(affine(X, Augmentation(flip=1), rng()), X.flip(-1), atol=1e-5, rtol=0)


def test_translation_stays_in_its_range() -> None:
    dot = torch.zeros(64, 1, 48, 48)
    dot[..., 22:26, 22:26] = 1
    moved = affine(dot, Augmentation(flip=0, translation=0.25), rng())
    ys = torch.arange(48.0).view(1, 1, 48, 1)
    centre = (moved * ys).sum((1, 2, 3)) / moved.sum((1, 2, 3))
    assert (centre - 23.5).abs().max() <= 0.25 * 48 + 0.1
    assert (centre - 23.5).abs().max() > 6


def test_crops_are_pieces_of_the_image() -> None:
    for piece, image in zip(random_crop(X, 40, rng()), X, strict=True):
        windows = image[0].unfold(0, 40, 1).unfold(1, 40, 1)
        assert (windows == piece).all(-1).all(-1).any()


def test_erasing_is_a_rectangle_of_the_stated_area() -> None:
    out = erase(X, 1.0, rng())
    share = (out != X).float().mean((1, 2, 3))
    assert (share < 0.24).all()
    assert (share > 0.003).all()
    assert torch.equal(erase(X, 0.0, rng()), X)


@pytest.mark.parametrize(
    ("augmentation", "next_draw", "mean", "std", "pixel"),
    [
        (Augmentation(), 0.8300299048423767, 0.5004238486, 0.2878589928, 0.5650252700),
        (Augmentation(0.5, 10, 0.05, 0.1), 0.12635940313339233, 0.5005102158, 0.1946462095, 0.3321998715),
        (EVERYTHING, 0.2525836229324341, 0.5097963810, 0.2008550614, 0.6681299210),
    ],
)
def test_recorded_runs_stay_reproducible(
    augmentation: Augmentation, next_draw: float, mean: float, std: float, pixel: float
) -> None:
    # Written down from the implementation that the first recorded runs were made with.
    generator = rng()
    out = augment(X, augmentation, generator)
    assert torch.rand(1, generator=generator).item() == next_draw
    assert out.mean().item() == pytest.approx(mean, abs=1e-5)
    assert out.std().item() == pytest.approx(std, abs=1e-5)
    assert out[3, 0, 20, 20].item() == pytest.approx(pixel, abs=1e-4)


def test_rotation_is_torchvisions() -> None:
    angles = (torch.rand(32, generator=rng()) * 2 - 1) * 30  # the first draw
    out = affine(X, Augmentation(flip=0, rotation=30, fill="zeros"), rng())
    for image, angle, ours in zip(X, angles, out, strict=True):
        theirs = TF.rotate(image, angle.item(), InterpolationMode.BILINEAR)
        torch.testing.assert_close(ours, theirs, atol=2e-4, rtol=0)
    assert (out[:, :, 0, 0] == 0).any()
    assert (affine(X + 0.1, Augmentation(flip=0, rotation=30), rng()) > 0).all()


def test_vertical_flip_turns_whole_images_over() -> None:
    out = augment(X, Augmentation(flip=0, vertical_flip=0.5), rng())
    turned = [torch.equal(o, x.flip(-2)) for o, x in zip(out, X, strict=True)]
    kept = [torch.equal(o, x) for o, x in zip(out, X, strict=True)]
    assert all(t != k for t, k in zip(turned, kept, strict=True))
    assert 0 < sum(turned) < 32


def test_parts_of_the_affine_change_are_chosen_independently() -> None:
    # A shift moves the dot, a zoom changes its mass; for some images both, one or neither.
    many = torch.zeros(2000, 1, 48, 48)
    many[..., 22:26, 22:26] = 1
    out = affine(many, Augmentation(flip=0, translation=0.2, zoom=0.2, chance=0.5), rng())
    ys = torch.arange(48.0).view(1, 1, 48, 1)
    mass = out.sum((1, 2, 3))
    shifted = ((out * ys).sum((1, 2, 3)) / mass - 23.5).abs() > 0.01
    zoomed = (mass - 16).abs() > 0.05
    for both in (shifted & zoomed, shifted & ~zoomed, ~shifted & zoomed, ~shifted & ~zoomed):
        assert both.float().mean().item() == pytest.approx(0.25, abs=0.04)


def test_a_resized_crop_is_a_box_of_the_stated_area_and_aspect() -> None:
    # Where pixels come from is what a ramp shows; away from the border, where the ramp is repeated.
    side = 64
    ramp = (torch.arange(side) + 0.5) / side
    x = torch.stack([ramp.expand(side, side), ramp.view(-1, 1).expand(side, side)]).expand(500, 2, side, side)
    out = resized_crop(x, 0.85, rng())
    width = (out[:, 0, 32, 40] - out[:, 0, 32, 24]) * side / 16
    height = (out[:, 1, 40, 32] - out[:, 1, 24, 32]) * side / 16
    area, aspect = width * height, width / height
    assert area.min() >= 0.85 - 1e-3
    assert area.max() <= 1 + 1e-3
    assert area.max() - area.min() > 0.13
    assert max(width.max(), height.max()) <= 1 + 1e-3
    assert aspect.min() >= 0.85 - 1e-3
    assert aspect.max() <= 1 / 0.85 + 1e-3
    left = out[:, 0, 32, 32] - width / 2
    assert left.min() >= -0.01
    assert (left + width).max() <= 1.02
    torch.testing.assert_close(resized_crop(X, 1.0, rng()), X, atol=1e-5, rtol=0)


def test_noise_has_its_deviation_and_is_grey() -> None:
    grey = torch.full((16, 3, 48, 48), 0.5)
    out = augment(grey, Augmentation(flip=0, noise=0.05), rng())
    assert out.std().item() == pytest.approx(0.05, rel=0.02)
    assert out.mean().item() == pytest.approx(0.5, abs=1e-3)
    torch.testing.assert_close(out[:, 0], out[:, 2], rtol=0, atol=0)
    assert not torch.equal(out[0], out[1])


def test_a_random_one_of_torchvisions_ten_crops() -> None:
    many = X.repeat(8, 1, 1, 1)
    out = augment(many, Augmentation(flip=0, crop=40, crops="ten"), rng())
    theirs = torch.stack(TF.ten_crop(many, [40, 40]))  # (10, B, 1, 40, 40)
    found = (theirs == out).flatten(2).all(2)
    assert (found.sum(0) == 1).all()
    assert (found.sum(1) > 10).all()


def test_all_ten_crops_of_an_image_follow_each_other() -> None:
    wanted = Augmentation(flip=0, crop=40, crops="all_ten")
    out = augment(X, wanted, rng())
    assert wanted.copies == 10
    assert out.shape == (320, 1, 40, 40)
    theirs = torch.stack(TF.ten_crop(X, [40, 40]), 1)  # (B, 10, 1, 40, 40)
    for ours, ten in zip(out.view(32, 10, 1, 40, 40), theirs, strict=True):
        assert all(any(torch.equal(one, other) for other in ten) for one in ours)
        assert len({one.numpy().tobytes() for one in ours}) == 10
    erased = augment(X, Augmentation(flip=0, crop=40, crops="all_ten", erasing=0.5), rng())
    changed = (erased != out).flatten(1).any(1).view(32, 10).sum(1)
    assert changed.float().mean().item() == pytest.approx(5, abs=0.7)
    assert len(set(changed.tolist())) > 3


@pytest.mark.parametrize(
    ("tta", "count"), [("single", 1), ("flip", 2), ("ten_crop", 10), ("random", 10), ("eleven", 11)]
)
@pytest.mark.parametrize("crop", [0, 40])
def test_views(tta: str, count: int, crop: int) -> None:
    out = views(X, tta, crop)
    side = crop or 48
    assert len(out) == count
    assert all(view.shape == (32, 1, side, side) for view in out)
    if tta in ("flip", "ten_crop", "eleven"):
        torch.testing.assert_close(out[1], out[0].flip(-1))


def test_ten_crop_is_torchvisions() -> None:
    theirs = TF.ten_crop(X, [40, 40])
    ours = views(X, "ten_crop", 40)
    for view in theirs:
        assert any(torch.equal(view, mine) for mine in ours)


def test_eleven_is_ten_crops_and_the_whole_image() -> None:
    large = torch.rand(2, 3, 96, 96, generator=rng())
    out = views(large, "eleven", 86)
    for ours, theirs in zip(out[:10], views(large, "ten_crop", 86), strict=True):
        assert torch.equal(ours, theirs)
    torch.testing.assert_close(out[10], TF.resize(large, [86, 86]))
    # Without a crop in training: 86 of 96 pixels, back at 96, and the image as it is.
    out = views(large, "eleven")
    torch.testing.assert_close(out[0], TF.resize(large[..., :86, :86], [96, 96], antialias=False))
    assert torch.equal(out[10], large)


def test_random_views_are_drawn_by_the_place_and_differ_from_face_to_face() -> None:
    together = views(X, "random")
    alone = views(X[5:6], "random", first=5)
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one[5:6], other, atol=1e-6, rtol=0)
    twins = views(X[:1].expand(2, -1, -1, -1), "random")
    assert not any(torch.equal(view[0], view[1]) for view in twins)
    assert len({view.numpy().tobytes() for view in together}) == 10
    # Each is a rotation of 30 degrees at most of the image or its mirror.
    mark = torch.zeros(1, 1, 49, 49)
    mark[..., 5:8, 23:26] = 1  # above the centre, by 18 pixels
    at = torch.arange(49.0) - 24
    for view in views(mark, "random"):
        dx = (view * at).sum() / view.sum()
        dy = (view * at.view(-1, 1)).sum() / view.sum()
        assert math.hypot(dx, dy) == pytest.approx(18, abs=0.5)
        assert abs(math.degrees(math.atan2(dx, -dy))) <= 30.5


def test_eleven_views_vote_and_the_mean_decides_between_equal_votes() -> None:
    # Views vote 0, 0, 1, 1, 2; class 1 has the higher mean of the two with two votes, class 2 the highest of all.
    logits = torch.tensor([[3.0, 0, 0], [3, 0, 0], [0, 4, 0], [0, 4, 0], [0, 0, 90]])[:, None]
    votes = combine(logits, "eleven")
    assert votes.shape == (1, 3)
    torch.testing.assert_close(votes.floor(), torch.tensor([[2.0, 2, 1]]))
    assert votes.argmax() == 1
    assert combine(logits, "ten_crop").argmax() == 2
    torch.testing.assert_close(combine(logits, "ten_crop"), logits.mean(0))
    # No tie-break outweighs a vote.
    many = torch.randn(11, 500, 7, generator=rng())
    counts = torch.stack([(many.argmax(-1) == k).sum(0) for k in range(7)], -1)
    chosen = combine(many, "eleven").argmax(-1)
    assert (counts.gather(1, chosen[:, None])[:, 0] == counts.max(1).values).all()


def test_random_views_average_probabilities() -> None:
    logits = torch.randn(10, 4, 7, generator=rng())
    torch.testing.assert_close(combine(logits, "random").exp(), logits.softmax(-1).mean(0))


def test_every_name_is_a_view_and_others_are_not() -> None:
    assert all(views(X, name) for name in TTA)
    with pytest.raises(FerstudyError, match="did you mean ten_crop"):
        views(X, "ten_crops")


@pytest.mark.parametrize(
    "wrong",
    [
        {"flip": 1.5},
        {"rotation": -1},
        {"crop": -2},
        {"erasing": 2},
        {"chance": -0.1},
        {"area": 0},
        {"noise": 3},
        {"fill": "white"},
        {"crop": 40, "crops": "eleven"},
        {"crops": "ten"},
    ],
)
def test_impossible_ranges_are_refused(wrong: dict) -> None:
    with pytest.raises(FerstudyError):
        Augmentation(**wrong)
