"""Finding faces in pictures: Viola-Jones as OpenCV has it, and MTCNN as facenet-pytorch has it.

1. P. Viola and M. Jones, "Rapid object detection using a boosted cascade of simple features", CVPR 2001: the detector
   of lite_xception (section 2.1) and small_cnn.
2. K. Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks", 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ferstudy.errors import lookup

U8 = npt.NDArray[np.uint8]
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


class Detector(Protocol):
    """What finds faces."""

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        ...


class HaarDetector:
    """OpenCV's frontal-face cascade.

    Args:
        scale_factor: Step between the sizes that are searched.
        min_neighbors: Overlapping hits that make a face; more means fewer false ones.
        min_size: Smallest face in pixels.
    """

    def __init__(self, scale_factor: float = 1.1, min_neighbors: int = 5, min_size: int = 40) -> None:
        import cv2

        self._options: dict[str, Any] = {
            "scaleFactor": scale_factor,
            "minNeighbors": min_neighbors,
            "minSize": (min_size, min_size),
        }
        self._cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")  # type: ignore[attr-defined]

    def find(self, image: U8) -> list[Detection]:
        """As :meth:`detect`, with what else the detector knows: nothing."""
        return [Detection(box) for box in self.detect(image)]

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        import cv2

        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
        found = self._cascade.detectMultiScale(cv2.equalizeHist(grey), **self._options)
        return sorted((Box(*(int(v) for v in box)) for box in found), key=_size_then_place)


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
    """The three steps of MTCNN (reference 2; attention_fusion section 3.1 and Fig. 6).

    Attributes:
        pnet: Regions that P-Net proposes at all sizes, after its non-maximum suppression, moved by its regression and
            made square as R-Net gets them.
        rnet: Those of them that R-Net keeps, in the same form, as O-Net gets them.
        onet: Those that O-Net keeps: the faces, the largest first.
        points: (N, 5, 2) where the :data:`LANDMARKS` of O-Net's faces are, x and y in the picture's pixels.
    """

    pnet: Stage
    rnet: Stage
    onet: Stage
    points: F32


class MTCNNDetector:
    """facenet-pytorch's MTCNN, whose weights are in its package.

    Args:
        min_size: Smallest face in pixels.
        threshold: Least probability of a face.
    """

    def __init__(self, min_size: int = 40, threshold: float = 0.9) -> None:
        from facenet_pytorch import MTCNN

        self._network = MTCNN(keep_all=True, min_face_size=min_size, post_process=False, device="cpu").eval()
        self._threshold = threshold

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        return [face.box for face in self.find(image)]

    def find(self, image: U8) -> list[Detection]:
        """As :meth:`detect`, with the score and the landmarks of each face."""
        stages = self.stages(image)
        faces = []
        for (left, top, right, bottom), score, points in zip(
            stages.onet.boxes.tolist(), stages.onet.scores.tolist(), stages.points.tolist(), strict=True
        ):
            if score >= self._threshold:
                box = Box(round(left), round(top), round(right - left), round(bottom - top))
                faces.append(Detection(box, score, tuple((x, y) for x, y in points)))
        return sorted(faces, key=lambda face: _size_then_place(face.box))

    def stages(self, image: U8) -> Stages:
        """What each of the three networks keeps in an RGB (H, W, 3) or grey (H, W) picture.

        The threshold of the detector does not apply: the last stage is all that O-Net keeps, as ``MTCNN.detect`` of
        facenet-pytorch gives it.
        """
        rgb = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
        with torch.inference_mode():
            return _cascade(self._network, torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float())


_DETECTORS: dict[str, type[HaarDetector] | type[MTCNNDetector]] = {"haar": HaarDetector, "mtcnn": MTCNNDetector}


def list_detectors() -> list[str]:
    """Names of the detectors."""
    return sorted(_DETECTORS)


def get_detector(name: str) -> HaarDetector | MTCNNDetector:
    """A detector with its defaults.

    Raises:
        FerstudyError: No detector has this name.
    """
    return lookup("detector", name, _DETECTORS)()


def _size_then_place(box: Box) -> tuple[int, int, int]:
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


def mtcnn_stages(image: U8, min_size: int = 40) -> Stages:
    """What P-Net, R-Net and O-Net each keep in a picture (attention_fusion Fig. 6), and the landmarks of its faces.

    Args:
        image: RGB (H, W, 3) or grey (H, W).
        min_size: Smallest face in pixels.
    """
    return MTCNNDetector(min_size).stages(image)


def _cascade(network: Any, pixels: Tensor) -> Stages:
    """facenet-pytorch's ``detect_face`` for one picture, (1, 3, H, W), 0..255, with what each network keeps.

    The networks, thresholds and geometry are its own; only the order of the calls is here, because ``detect_face``
    gives nothing but the last stage. It also stops with an error in a picture smaller than P-Net's window of 12 pixels
    and at a region without a pixel of the picture; here those hold no face.
    """
    from facenet_pytorch.models.utils import detect_face as own

    proposed = own.rerec(_proposals(network, pixels))
    none = torch.zeros(0, 5)
    pnet, rnet, onet, points = _stage(proposed), _stage(none), _stage(none), np.zeros((0, 5, 2), np.float32)

    boxes, patches = _patches(pixels, proposed, 24)
    if len(boxes):
        shifts, probabilities = own.fixed_batch_process(patches, network.rnet)
        boxes, shifts = _passing(boxes, probabilities[:, 1], network.thresholds[1], shifts)
        kept = _distinct(boxes, 0.7)
        boxes = own.rerec(own.bbreg(boxes[kept], shifts[kept]))
        rnet = _stage(boxes)

    boxes, patches = _patches(pixels, boxes, 48)
    if len(boxes):
        shifts, places, probabilities = own.fixed_batch_process(patches, network.onet)
        boxes, shifts, places = _passing(boxes, probabilities[:, 1], network.thresholds[2], shifts, places)
        # The network sees landmarks as shares of the region: five across, then five down. (N, 2, 5) -> (N, 5, 2)
        sides = boxes[:, None, 2:4] - boxes[:, None, :2] + 1
        marks = sides * places.view(-1, 2, 5).mT + boxes[:, None, :2] - 1
        boxes = own.bbreg(boxes, shifts)
        kept = own.batched_nms_numpy(boxes[:, :4], boxes[:, 4], torch.zeros(len(boxes)), 0.7, "Min")
        left, top, right, bottom = boxes[kept, :4].numpy().T
        largest = np.argsort((right - left) * (bottom - top))[::-1].copy()
        onet, points = _stage(boxes[kept][largest]), marks[kept][largest].numpy()
    return Stages(pnet, rnet, onet, points)


def _proposals(network: Any, pixels: Tensor) -> Tensor:
    """P-Net's regions at every size of the picture, (N, 5): left, top, right, bottom, score."""
    from facenet_pytorch.models.utils import detect_face as own

    height, width = pixels.shape[2:]
    scale = 12 / network.min_face_size
    shortest, found = min(height, width) * scale, [torch.zeros(0, 9)]
    while shortest >= 12:
        small = own.imresample(pixels, (int(height * scale + 1), int(width * scale + 1)))
        shifts, probabilities = network.pnet(_normal(small))
        boxes, _ = own.generateBoundingBox(shifts, probabilities[:, 1], scale, network.thresholds[0])
        found.append(boxes[_distinct(boxes, 0.5)])
        scale, shortest = scale * network.factor, shortest * network.factor
    boxes = torch.cat(found)
    boxes = boxes[_distinct(boxes, 0.7)]
    sides = boxes[:, 2:4] - boxes[:, :2]
    return torch.cat((boxes[:, :4] + boxes[:, 5:] * sides.repeat(1, 2), boxes[:, 4:5]), 1)


def _patches(pixels: Tensor, boxes: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The boxes that show something of the picture, and what they show, (N, 3, size, size)."""
    from facenet_pytorch.models.utils import detect_face as own

    top, bottom, left, right = own.pad(boxes, pixels.shape[3], pixels.shape[2])
    seen = (bottom >= top) & (right >= left)
    places = zip(top[seen], bottom[seen], left[seen], right[seen], strict=True)
    parts = [own.imresample(pixels[:, :, t - 1 : b, x - 1 : r], (size, size)) for t, b, x, r in places]
    return boxes[torch.from_numpy(seen)], _normal(torch.cat([torch.zeros(0, 3, size, size), *parts]))


def _passing(boxes: Tensor, scores: Tensor, threshold: float, *others: Tensor) -> tuple[Tensor, ...]:
    """The boxes that a network is sure enough of, with its scores, and what belongs to them."""
    sure = scores > threshold
    return torch.cat((boxes[sure, :4], scores[sure, None]), 1), *(other[sure] for other in others)


def _distinct(boxes: Tensor, overlap: float) -> Tensor:
    """Non-maximum suppression, by the function that facenet-pytorch calls: ties are kept in its order."""
    from torchvision.ops.boxes import batched_nms

    return batched_nms(boxes[:, :4], boxes[:, 4], torch.zeros(len(boxes)), overlap)


def _normal(pixels: Tensor) -> Tensor:
    return (pixels - 127.5) * 0.0078125


def _stage(boxes: Tensor) -> Stage:
    values = boxes.numpy().copy()
    return Stage(values[:, :4], values[:, 4])
