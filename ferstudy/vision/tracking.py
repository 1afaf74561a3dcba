"""Faces followed from frame to frame: who is who, detection only now and then, probabilities that do not flicker."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import U8, Box
from ferstudy.vision.pipeline import Face, Pipeline

# Least intersection over union of a face's boxes in two frames.
_LEAST_OVERLAP = 0.3
# Frames for which a face that is not seen keeps its number.
_PATIENCE = 15


@dataclass
class _Track:
    number: int
    box: Box
    probabilities: npt.NDArray[np.float64]
    unseen: int = 0


class Tracker:
    """Labels the faces of a film's frames, one after the other.

    Args:
        pipeline: Detector and network.
        smooth: Frames over which a face's probabilities are averaged, exponentially: the newest weighs
            2 / (smooth + 1). 0 or 1 for each frame alone.
        detect_every: Frames from one search of the whole picture to the next, while every face that was there is found
            again near its old place; a lost face, or none, is searched for at once.

    Raises:
        FerstudyError: A number that is out of range.
    """

    def __init__(self, pipeline: Pipeline, smooth: int = 0, detect_every: int = 1) -> None:
        if smooth < 0 or detect_every < 1:
            raise FerstudyError(f"expected smooth >= 0 and detect-every >= 1, got {smooth} and {detect_every}")
        self._pipeline = pipeline
        self._newest = 2 / (max(smooth, 1) + 1)
        self._every = detect_every
        self._since = 0
        self._known: list[_Track] = []
        self._count = 0

    def process(self, image: U8) -> list[Face]:
        """The faces of the next frame, RGB (H, W, 3) or grey (H, W), each with its track, the largest first."""
        boxes = self._find(image)
        tracks = self._matched(boxes)
        faces = []
        for box, track, row in zip(boxes, tracks, self._pipeline.probabilities(image, boxes), strict=True):
            if track is None:
                self._count += 1
                track = _Track(self._count, box, row)
                self._known.append(track)
            track.box, track.unseen = box, 0
            track.probabilities = self._newest * row + (1 - self._newest) * track.probabilities
            faces.append(self._pipeline.face(box, track.probabilities, track=track.number))
        return faces

    def _find(self, image: U8) -> list[Box]:
        here = [track.box for track in self._known if not track.unseen]
        self._since += 1
        if here and self._since < self._every:
            with self._pipeline.timed("detect"):
                found = self._pipeline.detector.follow(image, here)
            boxes = [box for box in found if box is not None]
            if len(boxes) == len(here):
                return boxes
        self._since = 0
        return self._pipeline.detect(image)

    def _matched(self, boxes: list[Box]) -> list[_Track | None]:
        """The track of each box, the best overlaps first; tracks without a box grow older and end."""
        pairs = sorted(
            ((box.overlap(track.box), k, track.number) for k, box in enumerate(boxes) for track in self._known),
            reverse=True,
        )
        numbered = {track.number: track for track in self._known}
        of: dict[int, _Track] = {}
        for overlap, k, number in pairs:
            if overlap >= _LEAST_OVERLAP and k not in of and number in numbered:
                of[k] = numbered.pop(number)
        for track in numbered.values():
            track.unseen += 1
        self._known = [track for track in self._known if track.unseen <= _PATIENCE]
        return [of.get(k) for k in range(len(boxes))]


@dataclass
class Appearance:
    """A person's time in a film.

    Attributes:
        face: The last sight, with the mean of all probabilities.
        first, last: Numbers of the frames.
        frames: In which the face was found.
    """

    face: Face
    first: int
    last: int
    frames: int = 1

    def add(self, face: Face) -> None:
        """Another sight of the same person."""
        share = 1 / (self.frames + 1)
        mean = {name: (1 - share) * p + share * face.probabilities[name] for name, p in self.face.probabilities.items()}
        label = max(mean, key=mean.__getitem__)
        self.face = replace(face, label=label, confidence=mean[label], probabilities=mean)
        self.frames, self.last = self.frames + 1, face.frame

    def __str__(self) -> str:
        when = f"frames {self.first} to {self.last}" if self.last > self.first else f"frame {self.first}"
        return f"{self.face.source}, face {self.face.track}, {when}: {self.face}"
