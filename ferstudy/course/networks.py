"""The networks that the course shows at work: one that learnt on drawn faces, and the one that prediction uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ferstudy.errors import lookup
from ferstudy.evaluation import softmax
from ferstudy.inference import predict_logits
from ferstudy.pretrained import load_pretrained
from ferstudy.runs import Run, load_run

U8 = npt.NDArray[np.uint8]
# Faces (N, H, W) to probabilities (N, K).
Classifier = Callable[[U8], npt.NDArray[np.float64]]

# `lite_xception.synthetic.lesson` of seed 0, trained by this package; its recipe trains it again in a minute.
DRAWN = Path(__file__).parent / "weights" / "lite_xception.synthetic.lesson.s0"
NETWORKS: dict[str, Callable[[], Run]] = {
    "learnt on drawn faces": lambda: load_run(DRAWN),
    "learnt on photographs": load_pretrained,
}


@cache
def network(name: str = "learnt on drawn faces") -> Run:
    """A network of the course, as the run that left it.

    Raises:
        FerstudyError: The course has no such network.
    """
    return lookup("network of the course", name, NETWORKS)()


@cache
def classifier(name: str = "learnt on drawn faces") -> Classifier:
    """What turns faces, uint8 (N, H, W), into probabilities of FER2013's classes, (N, 7).

    Raises:
        FerstudyError: The course has no such network.
    """
    run = network(name)
    model = run.load_model()
    return lambda images: softmax(predict_logits(model, images, run.recipe.preparation))
