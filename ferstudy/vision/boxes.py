"""Where faces are: boxes, what a detector says of each, and the square that is cut out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]
Points = tuple[tuple[float, float], ...]
# In this order; left and right are the picture's, not the person's.
LANDMARKS = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")


@dataclass(frozen=True)
class Box:
    """A face's place in pixels; may reach beyond the picture."""

    x: int
    y: int
    width: int
    height: int

    def grown(self, margin: int) -> Box:
        """The box with so many pixels more on each side."""
        return Box(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def squared(self) -> Box:
        """The square around the box's centre whose side is the longer one."""
        side = max(self.width, self.height, 1)
        return Box(self.x + self.width // 2 - side // 2, self.y + self.height // 2 - side // 2, side, side)

    def scaled(self, factor: float) -> Box:
        """The box in a picture enlarged by a factor."""
        return Box(*(round(value * factor) for value in (self.x, self.y, self.width, self.height)))

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        height = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        shared = max(width, 0) * max(height, 0)
        return shared / max(self.width * self.height + other.width * other.height - shared, 1)


@dataclass(frozen=True)
class Detection:
    """A face that was found.

    Attributes:
        box: Where it is.
        score: Probability of a face, 0 to 1; ``None`` where the detector gives none.
        points: Where its :data:`LANDMARKS` are, (x, y) in pixels; ``None`` where the detector finds none.
    """

    box: Box
    score: float | None = None
    points: Points | None = None

    def scaled(self, factor: float) -> Detection:
        """The face in a picture enlarged by a factor."""
        points = self.points and tuple((x * factor, y * factor) for x, y in self.points)
        return Detection(self.box.scaled(factor), self.score, points)


class Detector(Protocol):
    """What finds faces."""

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        ...

    def follow(self, image: U8, boxes: list[Box]) -> list[Box | None]:
        """Where faces of the frame before are now, looked for near their old places only; ``None`` for a lost one."""
        ...


def size_then_place(box: Box) -> tuple[int, int, int]:
    """A sort key: the largest first, in an order that does not hang on the detector's."""
    return (-box.width * box.height, box.x, box.y)


def crop(image: U8, box: Box) -> U8:
    """The square around a box's centre whose side is the box's longer one; beyond the picture the border is repeated.

    Args:
        image: RGB (H, W, 3) or grey (H, W).
        box: A face.

    Returns:
        (S, S, 3) or (S, S), a copy.
    """
    square = box.squared()
    ys = np.clip(np.arange(square.y, square.y + square.height), 0, image.shape[0] - 1)
    xs = np.clip(np.arange(square.x, square.x + square.width), 0, image.shape[1] - 1)
    return image[np.ix_(ys, xs)]
