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
