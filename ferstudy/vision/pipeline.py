"""The real-time pipeline of lite_xception (section 2.2, Figs. 2, 3 and 5): detect, crop, prepare, classify.

The crop is the detector's own square without a margin: FER2013's faces are cut that tightly, and a peer that widens the
box by 10 pixels a side falls from 65 % to 50 % on them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ferstudy.vision.boxes import U8, Box, Detector, crop
from ferstudy.vision.detection import ReducedDetector
from ferstudy.vision.networks import Network, OnnxNetwork, TorchNetwork
from ferstudy.vision.preparation import Wanted, prepare_faces

if TYPE_CHECKING:
    from torch import nn

    from ferstudy.runs import Run

STAGES = ("read", "detect", "prepare", "classify", "draw", "write")
# By the numbers of the performance report: of the two it is the faster and takes nothing but faces for faces.
DETECTOR = "mtcnn"


@dataclass(frozen=True)
class Face:
    """A face and what its expression seems to be.

    Attributes:
        box: Where it is.
        label: The likeliest class.
        confidence: Its probability, 0 to 1.
        probabilities: Class name to probability, in the network's order.
        track: Number of the person within a film, from 1; ``None`` in a picture.
        source: File that it was found in, or ``camera N``; empty for an array.
        frame: Number of the frame within it, from 0.
    """

    box: Box
    label: str
    confidence: float
    probabilities: Mapping[str, float]
    track: int | None = None
    source: str = ""
    frame: int = 0

    def __str__(self) -> str:
        """The likeliest class and those that come near it: ``happy 90 %, neutral 6 %``."""
        ranked = sorted(self.probabilities.items(), key=lambda item: -item[1])
        said = [(name, p) for rank, (name, p) in enumerate(ranked[:3]) if rank == 0 or p >= 0.05]
        return ", ".join(f"{name} {100 * p:.0f} %" for name, p in said)


class Pipeline:
    """Detector and network, from a picture to labelled faces.

    Args:
        model: A network in torch, or one that takes and gives arrays.
        preparation: As it was trained.
        classes: Its classes in label order.
        detector: What finds the faces.
        crop: Side of the centre crop that it was trained on; 0 for none.
    """

    def __init__(
        self, model: nn.Module | Network, preparation: Wanted, classes: Sequence[str], detector: Detector, crop: int = 0
    ) -> None:
        # torch is not imported to ask it.
        self.network: Network = TorchNetwork(model) if hasattr(model, "state_dict") else model  # type: ignore[arg-type]
        self.preparation = preparation
        self.classes = tuple(classes)
        self.detector = detector
        self.crop = crop
        self.seconds = dict.fromkeys(STAGES, 0.0)

    @classmethod
    def from_run(cls, run: Run, detector: str = DETECTOR, min_size: int | None = None) -> Pipeline:
        """The pipeline of a run with weights, through torch; :func:`ferstudy.prediction.open_pipeline` needs none.

        Args:
            run: The run.
            detector: Name of a detector.
            min_size: Smallest face in pixels; by the picture's size where not given.

        Raises:
            FerstudyError: The run has no weights, or no detector has this name.
        """
        finder, recipe = ReducedDetector(detector, min_size), run.recipe
        return cls(run.load_model(), recipe.preparation, run.status["classes"], finder, recipe.augmentation.crop)

    @classmethod
    def from_onnx(cls, network: OnnxNetwork, detector: Detector) -> Pipeline:
        """The pipeline of an exported network, which says itself what it wants."""
        return cls(network, network.wanted, network.classes, detector, network.wanted.crop)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds of a block to a stage."""
        started = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - started

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        with self.timed("detect"):
            return self.detector.detect(image)

    def classify(self, faces: Sequence[U8]) -> npt.NDArray[np.float64]:
        """Probabilities of already cropped faces in one pass.

        Args:
            faces: uint8 (S, S, 3) or (S, S), each of its own size.

        Returns:
            (N, K) float64.
        """
        if not faces:
            return np.empty((0, len(self.classes)))
        with self.timed("prepare"):
            x = prepare_faces(faces, self.preparation, self.crop)
        with self.timed("classify"):
            return _softmax(self.network(x))

    def probabilities(self, image: U8, boxes: Sequence[Box]) -> npt.NDArray[np.float64]:
        """Probabilities (N, K) of the faces in some boxes of a picture."""
        return self.classify([crop(image, box) for box in boxes])

    def face(self, box: Box, probabilities: npt.NDArray[np.float64], **more: Any) -> Face:
        """A face of its probabilities (K,)."""
        named = dict(zip(self.classes, map(float, probabilities), strict=True))
        label = self.classes[probabilities.argmax()]
        return Face(box, label, named[label], named, **more)

    def process(self, image: U8) -> list[Face]:
        """The faces of an RGB (H, W, 3) or grey (H, W) picture with their expressions, the largest first."""
        boxes = self.detect(image)
        return [self.face(box, row) for box, row in zip(boxes, self.probabilities(image, boxes), strict=True)]


def _softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)
