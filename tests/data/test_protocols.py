"""Protocols: values that read as sentences, and datasets that refuse what they cannot serve."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.data import FaceDataset, dataset_info, find_root, list_datasets, load_dataset
from ferstudy.data.protocols import check_protocol, get_protocol, list_protocols
from ferstudy.errors import FerstudyError
from ferstudy.losses import class_weights


@pytest.mark.parametrize("name", list_protocols())
def test_training_images_never_select_or_score(name: str) -> None:
    protocol = get_protocol(name)
    assert not set(protocol.train) & {*protocol.select, *protocol.score}
    assert set(protocol.reported) <= set(protocol.score)
    assert name in str(protocol)


def test_strict_never_selects_on_what_it_reports() -> None:
    strict = get_protocol("strict")
    assert not set(strict.select) & set(strict.reported)
    assert strict.reported == ("PrivateTest",)


def test_unknown_protocol_and_missing_split() -> None:
    with pytest.raises(FerstudyError, match="did you mean strict"):
        get_protocol("strikt")
    with pytest.raises(FerstudyError, match="needs PrivateTest"):
        check_protocol(get_protocol("strict"), {"Training", "PublicTest"}, "fer2013")


@pytest.mark.parametrize("name", list_datasets())
def test_every_dataset_says_what_it_is(name: str) -> None:
    info = dataset_info(name)
    assert info.name == name
    assert info.licence
    assert info.how_to_get
    assert len(set(info.classes)) == len(info.classes) >= 6


def test_splits_and_rows(dots: FaceDataset) -> None:
    private = dots.split("PrivateTest")
    assert (private.usage == 2).all()
    np.testing.assert_array_equal(dots.images[private.rows], private.images)
    both = dots.split("PublicTest", "PrivateTest")
    assert len(both) == 168
    np.testing.assert_array_equal(dots.counts(), np.full((3, 7), 12))
    with pytest.raises(FerstudyError, match="did you mean PrivateTest"):
        dots.split("PrivatTest")


def test_synthetic_needs_no_files() -> None:
    assert find_root("synthetic") is None
    assert len(load_dataset("synthetic", split="PublicTest", train=10, public=5, private=5)) == 5
    with pytest.raises(FerstudyError, match="unknown option of fer2013"):
        load_dataset("fer2013", size=48)


def test_class_weights_average_one_over_the_images() -> None:
    labels = np.array([0] * 6 + [1] * 3 + [2] * 1)
    weights = class_weights(labels, 4).numpy()
    assert weights[labels].mean() == pytest.approx(1)
    assert weights[0] * 6 == pytest.approx(weights[1] * 3) == pytest.approx(weights[2])
    assert weights[3] == 0
