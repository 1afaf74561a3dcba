"""The sample material."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ferstudy.errors import FerstudyError
from ferstudy.vision.samples import sample_frames, sample_group, sample_photo


def test_photo() -> None:
    assert sample_photo().shape == (512, 512, 3)


def test_frames_move_and_repeat() -> None:
    frames = list(sample_frames(6))
    assert all(frame.shape == (480, 640, 3) for frame in frames)
    assert all(np.abs(a.astype(int) - b).mean() > 1 for a, b in itertools.pairwise(frames))
    np.testing.assert_array_equal(frames[2], list(sample_frames(6))[2])


@pytest.mark.parametrize("faces", [0, 9])
def test_impossible_groups(faces: int) -> None:
    with pytest.raises(FerstudyError):
        sample_group(faces)


def test_alike_groups_differ_by_one_head_of_the_same_size() -> None:
    groups = [sample_group(faces, alike=True) for faces in range(1, 9)]
    added = [np.argwhere((more != fewer).any(2)) for fewer, more in itertools.pairwise(groups)]
    sizes = {tuple(np.ptp(where, axis=0) + 1) for where in added}
    assert len(sizes) == 1
    corners = [where.min(0) for where in added]
    (height, width), first = sizes.pop(), corners[0]
    heads = [groups[-1][y : y + height, x : x + width] for y, x in corners]
    assert all(np.array_equal(head, heads[0]) for head in heads)
    assert np.array_equal(groups[1][first[0] : first[0] + height, first[1] : first[1] + width], heads[0])
