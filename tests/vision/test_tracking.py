"""Who is who from frame to frame, and what following changes."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.errors import FerstudyError
from ferstudy.prediction import open_pipeline
from ferstudy.vision.boxes import U8, Box
from ferstudy.vision.networks import Input
from ferstudy.vision.pipeline import Pipeline
from ferstudy.vision.preparation import Wanted
from ferstudy.vision.samples import sample_frames, sample_group
from ferstudy.vision.tracking import Tracker

WANTED: Wanted = Input(8, 1, "unit", 0)
FRAME = np.zeros((100, 200, 3), np.uint8)


class Script:
    """A detector that says what it is told to, and counts how it is asked."""

    def __init__(self, *frames: list[Box]) -> None:
        self.frames = list(frames)
        self.searched = self.followed = 0

    def detect(self, image: U8) -> list[Box]:
        self.searched += 1
        return self.frames.pop(0)

    def follow(self, image: U8, boxes: list[Box]) -> list[Box | None]:
        self.followed += 1
        known = self.frames[0]
        if len(known) == len(boxes):
            return list(self.frames.pop(0))
        return [None] * len(boxes)


def tracker(detector: Script, answers: list[float] | None = None, **options: int) -> Tracker:
    """Two classes; the network's answers are the probabilities of the first, frame by frame."""
    given = iter(answers or [])

    def network(faces: np.ndarray) -> np.ndarray:
        p = next(given, 0.5)
        return np.log(np.array([[p, 1 - p]] * len(faces), np.float32))

    return Tracker(Pipeline(network, WANTED, ("a", "b"), detector), **options)


LEFT, RIGHT = Box(10, 10, 40, 40), Box(120, 10, 40, 40)


def test_faces_keep_their_numbers_while_they_move() -> None:
    moved = [Box(LEFT.x + 8 * k, 10, 40, 40) for k in range(4)]
    follow = tracker(Script(*([box, RIGHT] if k % 2 else [RIGHT, box] for k, box in enumerate(moved))))
    seen = [{face.box.x: face.track for face in follow.process(FRAME)} for _ in moved]
    for boxes, faces in zip(moved, seen, strict=True):
        assert faces[RIGHT.x] == 1
        assert faces[boxes.x] == 2


def test_a_face_that_comes_back_soon_is_the_same_and_later_another() -> None:
    follow = tracker(Script([LEFT], *[[]] * 10, [LEFT], *[[]] * 20, [LEFT]))
    numbers = [face.track for _ in range(33) for face in follow.process(FRAME)]
    assert numbers == [1, 1, 2]


def test_two_faces_never_share_a_number() -> None:
    follow = tracker(Script([LEFT], [LEFT, Box(14, 10, 40, 40)]))
    follow.process(FRAME)
    assert sorted(face.track for face in follow.process(FRAME) if face.track) == [1, 2]


def test_probabilities_are_averaged_over_frames() -> None:
    answers = [0.9, 0.1, 0.1]
    raw = tracker(Script(*[[LEFT]] * 3), answers)
    assert [face.probabilities["a"] for _ in range(3) for face in raw.process(FRAME)] == pytest.approx(answers)
    smooth = tracker(Script(*[[LEFT]] * 3), answers, smooth=3)
    # Weight 2 / (3 + 1) of the newest: 0.9, (0.9 + 0.1) / 2, (0.5 + 0.1) / 2.
    found = [face for _ in range(3) for face in smooth.process(FRAME)]
    assert [face.probabilities["a"] for face in found] == pytest.approx([0.9, 0.5, 0.3])
    assert found[2].label == "b"
    assert found[2].confidence == pytest.approx(0.7)


def test_whole_frames_are_searched_every_so_often() -> None:
    script = Script(*[[LEFT]] * 9)
    follow = tracker(script, detect_every=3)
    for _ in range(9):
        assert len(follow.process(FRAME)) == 1
    assert (script.searched, script.followed) == (3, 6)


def test_a_lost_face_is_searched_for_at_once() -> None:
    script = Script([LEFT, RIGHT], [LEFT], [LEFT])
    follow = tracker(script, detect_every=10)
    assert [len(follow.process(FRAME)) for _ in range(3)] == [2, 1, 1]
    assert (script.searched, script.followed) == (2, 2)


def test_without_a_face_every_frame_is_searched() -> None:
    script = Script([], [], [LEFT])
    follow = tracker(script, detect_every=10)
    assert [len(follow.process(FRAME)) for _ in range(3)] == [0, 0, 1]
    assert script.searched == 3


@pytest.mark.parametrize("detector", ["mtcnn", "haar"])
def test_following_labels_as_searching_does(detector: str) -> None:
    frames = list(sample_frames(24))
    often, seldom = (Tracker(open_pipeline(detector=detector), detect_every=n) for n in (1, 6))
    same = total = 0
    for frame in frames:
        everyone, followed = often.process(frame), seldom.process(frame)
        for face in everyone:
            nearest = max(followed, key=lambda other: face.box.overlap(other.box), default=None)
            if nearest is not None and face.box.overlap(nearest.box) > 0.5:
                total += 1
                same += nearest.label == face.label
    assert total >= 24
    assert same >= 0.99 * total


def test_a_group_that_stands_still_keeps_its_numbers() -> None:
    group = sample_group(4)
    follow = Tracker(open_pipeline(), detect_every=4)
    numbers = [[face.track for face in follow.process(group)] for _ in range(6)]
    assert all(sorted(row) == [1, 2, 3, 4] for row in numbers)


@pytest.mark.parametrize("options", [{"smooth": -1}, {"detect_every": 0}])
def test_impossible_numbers(options: dict[str, int]) -> None:
    with pytest.raises(FerstudyError, match="expected smooth >= 0 and detect-every >= 1"):
        tracker(Script(), **options)
