"""Training losses, built from what a recipe names."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from ferstudy.data.base import I64


def class_weights(labels: I64, num_classes: int) -> torch.Tensor:
    """Weights inverse to class frequency, averaging 1 over the images: (K,) float32.

    A class without images gets weight 0: nothing is there to weigh.
    """
    counts = np.bincount(labels, minlength=num_classes)
    present = np.count_nonzero(counts)
    weights = np.divide(len(labels), present * counts, out=np.zeros(num_classes), where=counts > 0)
    return torch.tensor(weights, dtype=torch.float32)


def cross_entropy(label_smoothing: float = 0.0, weights: torch.Tensor | None = None) -> nn.Module:
    """Softmax cross-entropy in nats, mean over the batch.

    Args:
        label_smoothing: Share of the target spread evenly over the classes, 0 to 1.
        weights: (K,) weight of each class, ``None`` for none.
    """
    return nn.CrossEntropyLoss(weight=weights, label_smoothing=label_smoothing)
