"""Copies: found in hand-made datasets where they were planted, and on FER2013 by two independent methods."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ferstudy import audit
from ferstudy.audit.copies import copied_in
from ferstudy.data import FaceDataset
from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.synthetic import make
from ferstudy.errors import FerstudyError
from tests.conftest import make_dots


def by_hand() -> FaceDataset:
    """Ten noise pictures in three splits; 0, 3 and 8 are one picture, 1 and 9 another, 4 and 5 a third."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (10, 48, 48), dtype=np.uint8)
    images[[3, 8]] = images[0]
    images[9] = images[1]
    images[5] = images[4]
    return FaceDataset(
        name="hand",
        classes=CLASSES,
        images=images,
        #                 0  1  2  3  4  5  6  7  8  9
        labels=np.array([1, 2, 3, 1, 4, 4, 5, 6, 1, 0]),
        usage=np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2], np.uint8),
        splits=("Training", "PublicTest", "PrivateTest"),
        rows=np.arange(100, 110),
        fingerprint="",
    )


def test_groups_of_a_dataset_made_by_hand() -> None:
    data = by_hand()
    group = audit.identical(data)
    assert group.tolist() == [0, 1, -1, 0, 2, 2, -1, -1, 0, 1]
    assert audit.summary(data, group) == audit.Copies(
        groups=3, images=7, surplus=4, largest=3, conflicting=1, conflicting_images=2, across=2, across_conflicting=1
    )
    leak = audit.leaks(data, group).set_index(["split", "copies in"])
    assert leak.loc[("PrivateTest", "Training")].tolist() == [2, 2, 1, 1]
    assert leak.loc[("Training", "PrivateTest")].tolist() == [6, 3, 2, 1]
    assert leak.loc[("PublicTest", "Training")].tolist() == [2, 0, 0, 0]


def test_deduplicated_rows_are_the_datasets_own() -> None:
    data = by_hand()
    assert audit.deduplicated(data).tolist() == []
    assert audit.deduplicated(data, "PrivateTest", against=("PublicTest",)).tolist() == [108, 109]
    # Nothing to be a copy of elsewhere: of copies within the split, the first.
    assert audit.deduplicated(data, "Training", against=()).tolist() == [100, 101, 102, 104]
    assert audit.deduplicated(data, "PublicTest").tolist() == [106, 107]


def test_a_dataset_without_copies() -> None:
    data = make_dots()
    group = audit.identical(data)
    assert (group == -1).all()
    assert audit.summary(data, group) == audit.Copies(0, 0, 0, 1, 0, 0, 0, 0)
    assert audit.leaks(data, group)["copied"].sum() == 0
    assert audit.examples(data, group) == []
    assert len(audit.deduplicated(data)) == len(data.split("PrivateTest"))


def test_unknown_splits_and_thresholds_are_refused() -> None:
    data = by_hand()
    with pytest.raises(FerstudyError, match="unknown split of hand 'Private'; did you mean PrivateTest"):
        audit.deduplicated(data, "Private")
    with pytest.raises(FerstudyError, match=r"expected a threshold of 0.95 to 1, got 0.9"):
        audit.similar_pairs(data, 0.9)


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "rgb"])
def test_what_was_planted_is_found(colour: bool) -> None:
    faces = make(700, 140, 140)
    if colour:
        faces = replace(faces, images=np.repeat(faces.images[..., None], 3, axis=-1))
    planted = audit.plant_copies(faces, identical=10, near=8, constant=4)
    data = planted.data
    group = audit.identical(data)
    assert {frozenset(np.flatnonzero(group == g).tolist()) for g in range(group.max() + 1)} == {
        frozenset(pair) for pair in planted.identical.tolist()
    }
    assert sorted(audit.constant(data)) == sorted(planted.constant)
    pairs = audit.similar_pairs(data)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert {(min(p), max(p)) for p in planted.near.tolist()} <= found
    assert (pairs.correlation >= audit.SAME_PHOTO).all()
    assert audit.summary(data, group).conflicting == 5
    groups = audit.groups_of(data, pairs)
    both = np.concatenate([planted.identical, planted.near])
    assert (groups[both[:, 0]] == groups[both[:, 1]]).all()
    assert (groups[both[:, 0]] >= 0).all()


def test_planting_more_than_there_is_room_for() -> None:
    with pytest.raises(FerstudyError, match="needs 203 images, synthetic has 30"):
        audit.plant_copies(make(10, 10, 10), 50, 50)


def jpeg(image: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "jpeg", quality=80)
    return np.asarray(Image.open(file))


def watermark(image: np.ndarray) -> np.ndarray:
    """A translucent band of white, as picture agencies print over their photographs."""
    out = image.copy()
    out[24:27, 8:40] = 0.7 * image[24:27, 8:40] + 0.3 * 255
    return out


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (jpeg, True),
        (lambda x: (0.5 * x + 60).astype(np.uint8), True),
        (watermark, True),
        (lambda x: 255 - x, False),
        (lambda x: x[:, ::-1], False),
        (lambda x: np.roll(x, 6, axis=1), False),
    ],
    ids=["jpeg", "darker and flatter", "watermark", "negative", "mirrored", "shifted"],
)
def test_what_counts_as_one_photograph(change: object, found: bool) -> None:
    faces = make(20, 0, 0, difficulty=0.3, seed=4)
    images = np.array(faces.images)
    images[1] = change(images[0])  # type: ignore[operator]
    pairs = audit.similar_pairs(replace(faces, images=images))
    assert ((pairs.first == 0) & (pairs.second == 1)).any() == found


def test_correlations_are_those_of_numpy() -> None:
    data = audit.plant_copies(make(200, 0, 0), 0, 5, 1).data
    pairs = audit.similar_pairs(data)
    flat = data.images.reshape(len(data), -1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        every = np.corrcoef(flat)
    first, second = np.nonzero(np.triu(np.nan_to_num(every), 1) >= audit.SAME_PHOTO)
    assert set(zip(pairs.first, pairs.second, strict=True)) == set(zip(first, second, strict=True))
    np.testing.assert_allclose(pairs.correlation, every[pairs.first, pairs.second], atol=1e-5)


def test_examples_show_conflicts_first_and_no_blank_picture() -> None:
    data = by_hand()
    data.images[[2, 6]] = 9
    shown = audit.examples(data, audit.identical(data), most=2)
    assert [g.tolist() for g in shown] == [[1, 9], [0, 8], [4, 5]]


def test_the_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    data = audit.plant_copies(make(300, 0, 0), 6, 6, 2).data
    whole = audit.similar_pairs(data)
    monkeypatch.setattr("ferstudy.audit.copies._BLOCK", 37)
    parts = audit.similar_pairs(data)
    assert set(zip(whole.first, whole.second, strict=True)) == set(zip(parts.first, parts.second, strict=True))
    assert len(audit.constant(data)) == 2


def test_fer2013_by_numpy_and_by_hashes(real_fer2013: FaceDataset) -> None:
    data = real_fer2013
    group = audit.identical(data)
    flat = np.array(data.images).reshape(len(data), -1)
    _, inverse, counts = np.unique(
        flat.view(np.dtype((np.void, flat.shape[1]))).ravel(), return_inverse=True, return_counts=True
    )
    found = audit.summary(data, group)
    assert found.groups == (counts > 1).sum()
    assert found.images == counts[counts > 1].sum()
    assert found.surplus == len(data) - len(counts)
    labels = np.zeros((len(counts), 7), bool)
    labels[inverse, data.labels] = True
    assert found.conflicting == (labels.sum(1) > 1).sum()
    splits = np.zeros((len(counts), 3), bool)
    splits[inverse, data.usage] = True
    assert found.across == (splits.sum(1) > 1).sum()
    private = data.usage == 2
    assert len(copied_in(data, group, "PrivateTest", ("Training",))[0]) == splits[inverse[private], 0].sum()
    unseen = ~splits[inverse[private]][:, :2].any(1)
    assert len(audit.deduplicated(data)) == len(np.unique(inverse[private][unseen]))
    assert len(audit.constant(data)) == (np.ptp(flat, axis=1) == 0).sum()
