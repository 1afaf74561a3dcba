"""Augmentation on batches: what each range does, and that the seed decides everything."""

from __future__ import annotations

import pytest
import torch

from ferstudy.data.augmentation import TTA, Augmentation, affine, augment, erase, random_crop, views
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


@pytest.mark.parametrize(("tta", "count"), [("single", 1), ("flip", 2), ("ten_crop", 10)])
@pytest.mark.parametrize("crop", [0, 40])
def test_views(tta: str, count: int, crop: int) -> None:
    out = views(X, tta, crop)
    side = crop or 48
    assert len(out) == count
    assert all(view.shape == (32, 1, side, side) for view in out)
    if count > 1:
        torch.testing.assert_close(out[1], out[0].flip(-1))


def test_ten_crop_is_torchvisions() -> None:
    from torchvision.transforms.functional import ten_crop

    theirs = ten_crop(X, [40, 40])
    ours = views(X, "ten_crop", 40)
    for view in theirs:
        assert any(torch.equal(view, mine) for mine in ours)


def test_every_name_is_a_view_and_others_are_not() -> None:
    assert all(views(X, name) for name in TTA)
    with pytest.raises(FerstudyError, match="did you mean ten_crop"):
        views(X, "ten_crops")


@pytest.mark.parametrize("wrong", [{"flip": 1.5}, {"rotation": -1}, {"crop": -2}, {"erasing": 2}])
def test_impossible_ranges_are_refused(wrong: dict) -> None:
    with pytest.raises(FerstudyError):
        Augmentation(**wrong)
