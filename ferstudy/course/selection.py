"""What choosing on the scored images gains, without anything having become better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError


@dataclass(frozen=True)
class Gain:
    """The best of several systems, chosen and scored on one half of the images, then scored on the other half.

    Attributes:
        chosen: Its accuracy on the half that chose it, 0 to 1, mean over the repeats.
        honest: Its accuracy on the half that did not.
        typical: Mean accuracy of all the systems.
    """

    chosen: float
    honest: float
    typical: float


def selection_gain(right: npt.NDArray[np.bool_], repeats: int = 1000, seed: int = 0) -> Gain:
    """Choose the best system on a random half of the images, again and again.

    Args:
        right: (S, N) whether each system is right on each image.
        repeats: Random halves.
        seed: Everything follows from it.

    Raises:
        FerstudyError: Fewer than two systems, or than two images.
    """
    systems, images = right.shape
    if systems < 2 or images < 2:
        raise FerstudyError(f"choosing needs at least 2 systems and 2 images, got {systems} and {images}")
    rng = np.random.default_rng(seed)
    score = right.astype(np.float32)
    chosen, honest = [], []
    for _ in range(repeats):
        half = np.zeros(images, np.float32)
        half[rng.permutation(images)[: images // 2]] = 1
        here, there = score @ half / half.sum(), score @ (1 - half) / (1 - half).sum()
        best = int(here.argmax())
        chosen.append(here[best])
        honest.append(there[best])
    return Gain(float(np.mean(chosen)), float(np.mean(honest)), float(score.mean()))
