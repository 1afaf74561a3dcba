"""Finding faces in pictures: Viola-Jones as OpenCV has it, and MTCNN; by name, at the size that is asked for.

P. Viola and M. Jones, "Rapid object detection using a boosted cascade of simple features", CVPR 2001: the detector of
lite_xception (section 2.1) and small_cnn.
"""

from __future__ import annotations

import numpy as np

from ferstudy.errors import FerstudyError, lookup
from ferstudy.vision.boxes import U8, Box, Detection, size_then_place
from ferstudy.vision.mtcnn import MTCNNDetector

# Where no smallest face is asked for, it is this part of the picture's shorter side, and at least ``_LEAST`` pixels.
_PART = 24
# Detectors look for faces of so many pixels in a picture that is reduced until the smallest face has them.
_LEAST = 40


class HaarDetector:
    """OpenCV's frontal-face cascade.

    Args:
        min_size: Smallest face in pixels.
        scale_factor: Step between the sizes that are searched.
        min_neighbors: Overlapping hits that make a face; more means fewer false ones.
    """

    def __init__(self, min_size: int = _LEAST, scale_factor: float = 1.1, min_neighbors: int = 5) -> None:
        import cv2

        self._min_size = min_size
        self._scale_factor = scale_factor
        self._min_neighbors = min_neighbors
        self._cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")  # type: ignore[attr-defined]

    def find(self, image: U8) -> list[Detection]:
        """As :meth:`detect`, with what else the detector knows: nothing."""
        return [Detection(box) for box in self.detect(image)]

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        return self._search(image, self._min_size)

    def _search(self, image: U8, least: int, most: int = 0) -> list[Box]:
        import cv2

        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
        found = self._cascade.detectMultiScale(
            cv2.equalizeHist(grey),
            scaleFactor=self._scale_factor,
            minNeighbors=self._min_neighbors,
            minSize=(least, least),
            # No size at all is no limit.
            maxSize=(most, most),
        )
        return sorted((Box(*(int(v) for v in box)) for box in found), key=size_then_place)

    def follow(self, image: U8, boxes: list[Box]) -> list[Box | None]:
        """Where faces of the frame before are now, looked for around their old places at about their old sizes."""
        now: list[Box | None] = []
        for box in boxes:
            around = box.grown(box.width // 2)
            left, top = max(around.x, 0), max(around.y, 0)
            part = image[top : max(around.y + around.height, 0), left : max(around.x + around.width, 0)]
            found = self._search(part, max(3 * box.width // 4, 24), 4 * box.width // 3) if part.size else []
            shifted = [Box(f.x + left, f.y + top, f.width, f.height) for f in found]
            now.append(max(shifted, key=box.overlap, default=None))
        return now


class ReducedDetector:
    """A detector on a copy of the picture that is reduced until its smallest face is as small as the detector sees.

    Large pictures then cost the time and memory of small ones, and cloth, foliage and grain below the smallest face
    cannot be taken for faces.

    Args:
        name: Name from :func:`list_detectors`.
        min_size: Smallest face in pixels; where not given, a 24th of the picture's shorter side, at least 40.
    """

    def __init__(self, name: str, min_size: int | None = None) -> None:
        if min_size is not None and min_size < 12:
            raise FerstudyError(f"smallest face: expected at least 12 pixels, got {min_size}")
        self._min_size = min_size
        self._detector = get_detector(name, min(min_size or _LEAST, _LEAST))

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        reduced, factor = self._reduced(image)
        return [box.scaled(factor) for box in self._detector.detect(reduced)]

    def follow(self, image: U8, boxes: list[Box]) -> list[Box | None]:
        """Where faces of the frame before are now, by the detector's own way of following."""
        reduced, factor = self._reduced(image)
        found = self._detector.follow(reduced, [box.scaled(1 / factor) for box in boxes])
        return [box.scaled(factor) if box else None for box in found]

    def _reduced(self, image: U8) -> tuple[U8, float]:
        """The copy, and by how much it is smaller."""
        import cv2

        height, width = image.shape[:2]
        factor = (self._min_size or min(height, width) / _PART) / _LEAST
        if factor <= 1:
            return image, 1.0
        size = (max(round(width / factor), 1), max(round(height / factor), 1))
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), factor


_DETECTORS: dict[str, type[HaarDetector] | type[MTCNNDetector]] = {"haar": HaarDetector, "mtcnn": MTCNNDetector}


def list_detectors() -> list[str]:
    """Names of the detectors."""
    return sorted(_DETECTORS)


def get_detector(name: str, min_size: int = _LEAST) -> HaarDetector | MTCNNDetector:
    """A detector.

    Args:
        name: Name from :func:`list_detectors`.
        min_size: Smallest face in pixels.

    Raises:
        FerstudyError: No detector has this name.
    """
    return lookup("detector", name, _DETECTORS)(min_size)
