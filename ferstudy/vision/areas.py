"""Means over rectangles of a picture, which is how MTCNN sees it at every size."""

from __future__ import annotations

import numpy as np

from ferstudy.vision.boxes import F32, I64, U8


class Areas:
    """Mean colours of rectangles of a picture, from one table of sums: every size and region costs its result only.

    Args:
        image: RGB (H, W, 3) or grey (H, W).
    """

    def __init__(self, image: U8) -> None:
        import cv2

        self.height, self.width = image.shape[:2]
        rgb = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image
        self._sums = cv2.integral(rgb).reshape(-1, 3)  # ((H + 1) (W + 1), 3) int32

    def means(self, boxes: I64, height: int, width: int) -> F32:
        """Regions reduced or enlarged by averages over their pixels, scaled as MTCNN's networks want them.

        Args:
            boxes: (N, 4) left, top, right, bottom in pixels, right and bottom excluded; inside the picture.
            height, width: Of each result.

        Returns:
            (N, 3, height, width), about -1 to 1.
        """
        y0, y1 = _spans(boxes[:, 1], boxes[:, 3], height)
        x0, x1 = _spans(boxes[:, 0], boxes[:, 2], width)
        pixels = (y1 - y0)[:, :, None] * (x1 - x0)[:, None, :]
        y0, y1, x0, x1 = y0[:, :, None] * (self.width + 1), y1[:, :, None] * (self.width + 1), x0[:, None], x1[:, None]
        # Differences of sums are right even where the sums of a large picture have wrapped.
        total = self._sums.take(y1 + x1, axis=0)
        total -= self._sums.take(y1 + x0, axis=0)
        total -= self._sums.take(y0 + x1, axis=0)
        total += self._sums.take(y0 + x0, axis=0)
        means = total / pixels.astype(np.float32)[..., None]
        return ((means.astype(np.float32) - np.float32(127.5)) * np.float32(0.0078125)).transpose(0, 3, 1, 2)


def _spans(start: I64, stop: I64, parts: int) -> tuple[I64, I64]:
    """First and one past the last pixel of each part of each side, (N, parts); parts overlap where they do not fit."""
    at, length = np.arange(parts), (stop - start)[:, None]
    return start[:, None] + at * length // parts, start[:, None] - (-(at + 1) * length // parts)
