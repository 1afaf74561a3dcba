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

from ferstudy.errors import lookup

U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Box:
    """A face's place in pixels; may reach beyond the picture."""

    x: int
    y: int
    width: int
    height: int


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

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        import cv2

        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
        found = self._cascade.detectMultiScale(cv2.equalizeHist(grey), **self._options)
        return _largest_first([Box(*(int(v) for v in box)) for box in found])


class MTCNNDetector:
    """facenet-pytorch's MTCNN, whose weights are in its package.

    Args:
        min_size: Smallest face in pixels.
        threshold: Least probability of a face.
    """

    def __init__(self, min_size: int = 40, threshold: float = 0.9) -> None:
        from facenet_pytorch import MTCNN

        self._network = MTCNN(keep_all=True, min_face_size=min_size, post_process=False, device="cpu")
        self._threshold = threshold

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        rgb = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
        boxes, probabilities = self._network.detect(rgb)
        if boxes is None:
            return []
        sure = [box for box, p in zip(boxes, probabilities, strict=True) if p >= self._threshold]
        return _largest_first([Box(round(x), round(y), round(r - x), round(b - y)) for x, y, r, b in sure])


_DETECTORS: dict[str, type[HaarDetector] | type[MTCNNDetector]] = {"haar": HaarDetector, "mtcnn": MTCNNDetector}


def list_detectors() -> list[str]:
    """Names of the detectors."""
    return sorted(_DETECTORS)


def get_detector(name: str) -> Detector:
    """A detector with its defaults.

    Raises:
        FerstudyError: No detector has this name.
    """
    return lookup("detector", name, _DETECTORS)()


def _largest_first(boxes: list[Box]) -> list[Box]:
    return sorted(boxes, key=lambda b: (-b.width * b.height, b.x, b.y))


def crop(image: U8, box: Box) -> U8:
    """The square around a box's centre whose side is the box's longer one; beyond the picture the border is repeated.

    Args:
        image: RGB (H, W, 3) or grey (H, W).
        box: A face.

    Returns:
        (S, S, 3) or (S, S), a copy.
    """
    side = max(box.width, box.height, 1)
    top = box.y + box.height // 2 - side // 2
    left = box.x + box.width // 2 - side // 2
    ys = np.clip(np.arange(top, top + side), 0, image.shape[0] - 1)
    xs = np.clip(np.arange(left, left + side), 0, image.shape[1] - 1)
    return image[np.ix_(ys, xs)]
