"""MTCNN's three networks in ONNX Runtime, with the geometry of facenet-pytorch, whose weights they have.

K. Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks", 2016. The ONNX
files are made from facenet-pytorch's by ``python -m ferstudy.shipped``; thresholds, sizes and rounding are its own, so
that the last stage gives what its ``MTCNN.detect`` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ferstudy.vision.areas import Areas
from ferstudy.vision.boxes import F32, U8, Box, Detection, size_then_place
from ferstudy.vision.runtime import open_session

WEIGHTS = Path(__file__).parents[1] / "weights" / "mtcnn"
NETWORKS = ("pnet", "rnet", "onet")
_FACTOR = 0.709
_THRESHOLDS = {"pnet": 0.6, "rnet": 0.7, "onet": 0.7}
# Side of P-Net's window, and the pixels between two windows.
_WINDOW, _STRIDE = 12, 2
_BATCH = 512


@dataclass(frozen=True)
class Stage:
    """What one network of MTCNN keeps.

    Attributes:
        boxes: (N, 4) left, top, right, bottom in the picture's pixels; may reach beyond the picture.
        scores: (N,) probability of a face, 0 to 1.
    """

    boxes: F32
    scores: F32

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True)
class Stages:
    """The three steps of MTCNN (attention_fusion section 3.1 and Fig. 6).

    Attributes:
        pnet: Regions that P-Net proposes at all sizes, after its non-maximum suppression, moved by its regression and
            made square as R-Net gets them.
        rnet: Those of them that R-Net keeps, in the same form, as O-Net gets them.
        onet: Those that O-Net keeps: the faces, the largest first.
        points: (N, 5, 2) where the :data:`~ferstudy.vision.boxes.LANDMARKS` of O-Net's faces are, x and y in the
            picture's pixels.
    """

    pnet: Stage
    rnet: Stage
    onet: Stage
    points: F32


class MTCNNDetector:
    """Three networks in a row: proposals everywhere, then two that sort them out.

    Args:
        min_size: Smallest face in pixels.
        threshold: Least probability of a face.
    """

    def __init__(self, min_size: int = 40, threshold: float = 0.9) -> None:
        self._min_size = min_size
        self._threshold = threshold

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        return [face.box for face in self.find(image)]

    def find(self, image: U8) -> list[Detection]:
        """As :meth:`detect`, with the score and the landmarks of each face."""
        stages = self.stages(image)
        found = _faces(stages.onet.boxes, stages.onet.scores, stages.points)
        sure = [face for face in found if (face.score or 0) >= self._threshold]
        return sorted(sure, key=lambda face: size_then_place(face.box))

    def follow(self, image: U8, boxes: list[Box]) -> list[Box | None]:
        """Where faces of the frame before are now, by O-Net alone; ``None`` for one that it is not sure of."""
        squares = np.array(
            [(b.x, b.y, b.x + b.width, b.y + b.height) for b in (box.squared() for box in boxes)], np.float32
        )
        now: list[Box | None] = [None] * len(boxes)
        rows, patches = _patches(Areas(image), squares, 48)
        if len(rows):
            scores, shifts, points = _onet(patches)
            for row, face in zip(rows, _faces(_moved(squares[rows], shifts), scores, points), strict=True):
                now[row] = face.box if (face.score or 0) >= self._threshold else None
        return now

    def stages(self, image: U8) -> Stages:
        """What each of the three networks keeps in an RGB (H, W, 3) or grey (H, W) picture.

        The threshold of the detector does not apply: the last stage is all that O-Net keeps, as ``MTCNN.detect`` of
        facenet-pytorch gives it. That one stops with an error in a picture smaller than P-Net's window of 12 pixels and
        at a region without a pixel of the picture; here those hold no face.
        """
        areas = Areas(image)
        boxes, scores = _proposals(areas, self._min_size)
        boxes = _squared(boxes)
        pnet = Stage(boxes, scores)

        rows, patches = _patches(areas, boxes, 24)
        boxes, scores = boxes[:0], scores[:0]
        if len(rows):
            probabilities, shifts = _run("rnet", patches)
            sure = probabilities[:, 1] > _THRESHOLDS["rnet"]
            boxes, scores, shifts = pnet.boxes[rows][sure], probabilities[sure, 1], shifts[sure]
            kept = distinct(boxes, scores, 0.7)
            boxes, scores = _squared(_moved(boxes[kept], shifts[kept])), scores[kept]
        rnet = Stage(boxes, scores)

        rows, patches = _patches(areas, boxes, 48)
        boxes, scores, points = boxes[:0], scores[:0], np.zeros((0, 5, 2), np.float32)
        if len(rows):
            scores, shifts, places = _onet(patches)
            sure = scores > _THRESHOLDS["onet"]
            boxes, scores, shifts, places = rnet.boxes[rows][sure], scores[sure], shifts[sure], places[sure]
            # The network sees landmarks as shares of the region.
            points = (boxes[:, None, 2:] - boxes[:, None, :2] + 1) * places + boxes[:, None, :2] - 1
            boxes = _moved(boxes, shifts)
            kept = _not_within(boxes, scores, 0.7)
            left, top, right, bottom = boxes[kept].T
            kept = kept[np.argsort((right - left) * (bottom - top))[::-1]]
            boxes, scores, points = boxes[kept], scores[kept], points[kept]
        return Stages(pnet, rnet, Stage(boxes, scores), points)


def mtcnn_stages(image: U8, min_size: int = 40) -> Stages:
    """What P-Net, R-Net and O-Net each keep in a picture (attention_fusion Fig. 6), and the landmarks of its faces.

    Args:
        image: RGB (H, W, 3) or grey (H, W).
        min_size: Smallest face in pixels.
    """
    return MTCNNDetector(min_size).stages(image)


@cache
def _network(name: str) -> Any:
    return open_session(WEIGHTS / f"{name}.onnx")


def _run(name: str, patches: F32) -> tuple[F32, F32]:
    """Probabilities and shifts, in batches so that a crowd does not fill the memory; R-Net's and P-Net's outputs."""
    shifts, probabilities = _outputs(name, patches)
    return probabilities, shifts


def _onet(patches: F32) -> tuple[F32, F32, F32]:
    """Scores (N,), shifts (N, 4) and landmarks (N, 5, 2) as shares of each region."""
    shifts, places, probabilities = _outputs("onet", patches)
    # Five across, then five down. (N, 10) -> (N, 2, 5) -> (N, 5, 2)
    return probabilities[:, 1], shifts, places.reshape(-1, 2, 5).transpose(0, 2, 1)


def _outputs(name: str, patches: F32) -> list[F32]:
    session = _network(name)
    entry = session.get_inputs()[0].name
    parts = [session.run(None, {entry: patches[k : k + _BATCH]}) for k in range(0, len(patches), _BATCH)]
    return [np.concatenate(values) for values in zip(*parts, strict=True)]


def _proposals(areas: Areas, min_size: int) -> tuple[F32, F32]:
    """P-Net's regions at every size of the picture: boxes (N, 4) and scores (N,)."""
    height, width = areas.height, areas.width
    scale = _WINDOW / min_size
    shortest, found = min(height, width) * scale, [np.zeros((0, 9), np.float32)]
    while shortest >= _WINDOW:
        whole = np.array([[0, 0, width, height]])
        small = areas.means(whole, int(height * scale + 1), int(width * scale + 1))
        probabilities, shifts = _run("pnet", small)
        rows, columns = np.nonzero(probabilities[0, 1] >= _THRESHOLDS["pnet"])
        corner = _STRIDE * np.stack([columns, rows], 1).astype(np.float32)
        boxes = np.concatenate(
            [
                np.floor((corner + 1) / np.float32(scale)),
                np.floor((corner + _WINDOW) / np.float32(scale)),
                probabilities[0, 1][rows, columns, None],
                shifts[0][:, rows, columns].T,
            ],
            axis=1,
        )
        found.append(boxes[distinct(boxes[:, :4], boxes[:, 4], 0.5)])
        scale, shortest = scale * _FACTOR, shortest * _FACTOR
    boxes = np.concatenate(found)
    boxes = boxes[distinct(boxes[:, :4], boxes[:, 4], 0.7)]
    sides = boxes[:, 2:4] - boxes[:, :2]
    return boxes[:, :4] + boxes[:, 5:] * np.tile(sides, 2), boxes[:, 4]


def _patches(areas: Areas, boxes: F32, size: int) -> tuple[np.ndarray, F32]:
    """Which boxes show something of the picture, and what they show: (M,) and (M, 3, size, size)."""
    corners = np.trunc(boxes).astype(np.int64)
    corners[:, :2] = np.maximum(corners[:, :2], 1) - 1
    corners[:, 2:] = np.minimum(corners[:, 2:], (areas.width, areas.height))
    rows = np.flatnonzero((corners[:, 2:] > corners[:, :2]).all(1))
    return rows, areas.means(corners[rows], size, size)


def _faces(boxes: F32, scores: F32, points: F32) -> list[Detection]:
    return [
        Detection(
            Box(round(left), round(top), round(right - left), round(bottom - top)), score, tuple((x, y) for x, y in at)
        )
        for (left, top, right, bottom), score, at in zip(boxes.tolist(), scores.tolist(), points.tolist(), strict=True)
    ]


def _moved(boxes: F32, shifts: F32) -> F32:
    """Boxes with each edge moved by a share of the side."""
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + shifts * np.tile(sides, 2)


def _squared(boxes: F32) -> F32:
    """The squares around the boxes' centres whose sides are the longer ones."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longest = sides.max(1, keepdims=True)
    corner = boxes[:, :2] + sides * np.float32(0.5) - longest * np.float32(0.5)
    return np.concatenate([corner, corner + longest], axis=1)


def distinct(boxes: F32, scores: F32, most: float) -> np.ndarray:
    """Non-maximum suppression: positions of the boxes of which no better one covers more than a share, best first.

    Args:
        boxes: (N, 4) left, top, right, bottom.
        scores: (N,); of equal ones the first counts as better.
        most: Largest intersection over union with a better box.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order, kept = np.argsort(-scores, kind="stable"), []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        shared = _shared(boxes[best], boxes[order], 0)
        order = order[shared <= most * (areas[best] + areas[order] - shared)]
    return np.array(kept, np.int64)


def _not_within(boxes: F32, scores: F32, most: float) -> np.ndarray:
    """As :func:`distinct`, by the share of the smaller box, which removes a face within a face; pixels are counted."""
    areas = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    order, kept = np.argsort(scores)[::-1], []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        shared = _shared(boxes[best], boxes[order], 1)
        order = order[shared <= most * np.minimum(areas[best], areas[order])]
    return np.array(kept, np.int64)


def _shared(box: F32, others: F32, border: int) -> F32:
    """Area that a box has in common with others."""
    corner, end = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    return np.maximum(end - corner + border, 0).prod(1)
