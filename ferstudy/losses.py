"""Training losses, built from what a recipe names.

All map logits (B, K) and targets to a mean over the batch, in nats. Targets are classes (B,) int64 or probabilities
over the classes (B, K), as mixed images and the votes of FER+ have them.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ferstudy.data.base import I64
from ferstudy.errors import unknown
from ferstudy.settings import CENTRE_FORMS, Loss


def class_weights(labels: I64, num_classes: int) -> Tensor:
    """Weights inverse to class frequency, averaging 1 over the images: (K,) float32.

    A class without images gets weight 0: nothing is there to weigh.
    """
    counts = np.bincount(labels, minlength=num_classes)
    present = np.count_nonzero(counts)
    weights = np.divide(len(labels), present * counts, out=np.zeros(num_classes), where=counts > 0)
    return torch.tensor(weights, dtype=torch.float32)


def build_loss(loss: Loss, label_smoothing: float = 0.0, weights: Tensor | None = None) -> nn.Module:
    """The module of a loss, without its centre part.

    Args:
        loss: What a recipe names.
        label_smoothing: Share of the target spread evenly over the classes, 0 to 1, of ``cross_entropy``.
        weights: (K,) weight of each class, ``None`` for none.
    """
    if loss.name == "multi_target":
        return MultiTarget()
    if loss.name == "arcface":
        return ArcFace(loss.scale, loss.margin)
    return nn.CrossEntropyLoss(weight=weights, label_smoothing=label_smoothing)


class MultiTarget(nn.Module):
    """Minus the logarithm of the likeliest right class's probability, where several classes are right.

    E. Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution",
    ICMI 2016, equation for multi-label learning.
    """

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Logits (B, K) and right classes (B, K), non-zero where right, or (B,) int64 -> a scalar."""
        if targets.ndim == 1:
            targets = F.one_hot(targets, logits.shape[1])
        return -logits.log_softmax(1).masked_fill(targets == 0, -math.inf).amax(1).mean()


class CosineLinear(nn.Linear):
    """A last layer whose logits are scaled cosines between features and one direction a class: (B, D) -> (B, K)."""

    def __init__(self, in_features: int, out_features: int, scale: float) -> None:
        super().__init__(in_features, out_features, bias=False)
        self.scale = scale

    def forward(self, input: Tensor) -> Tensor:
        return self.scale * F.linear(F.normalize(input), F.normalize(self.weight))


class ArcFace(nn.Module):
    """Cross-entropy of scaled cosines with an angle added to the right class's, cos(theta + m).

    J. Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", CVPR 2019, equation (3);
    ``attention_fusion`` (section 2.4) trains its members with it on identities first. Past pi the cosine would rise
    again, so the penalty there is the linear one of the authors' code: cos(theta) - m sin(m).

    Args:
        scale: s, that of the :class:`CosineLinear` whose logits come in.
        margin: m in radians.
    """

    def __init__(self, scale: float = 64.0, margin: float = 0.5) -> None:
        super().__init__()
        self.scale = scale
        self.margin = margin

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Scaled cosines (B, K) and identities (B,) int64 -> a scalar."""
        cosine = (logits / self.scale).gather(1, targets[:, None])
        # The gradient of a square root is infinite at 0, where features lie exactly on their direction.
        sine = (1 - cosine.square()).clamp_min(1e-12).sqrt()
        with_margin = cosine * math.cos(self.margin) - sine * math.sin(self.margin)
        past = cosine <= math.cos(math.pi - self.margin)
        with_margin = torch.where(past, cosine - self.margin * math.sin(self.margin), with_margin)
        return F.cross_entropy(logits.scatter(1, targets[:, None], self.scale * with_margin), targets)


class CentreLoss(nn.Module):
    """Distance of deep features from the centre of their class.

    Y. Miao et al., "A Deep Learning System for Recognizing Facial Expression in Real-Time", 2019, equations (1) to (3);
    it cites Y. Wen et al., "A Discriminative Feature Learning Approach for Deep Face Recognition", ECCV 2016, whose
    equation (2) squares the norm. Equation (1) does not, so both are here.

    Args:
        num_classes: Number of centres.
        dimension: Length of a feature.
        rate: alpha, 0 to 1.
        form: ``printed``: half the sum of the distances; ``cited``: half the sum of their squares.
    """

    centres: Tensor

    def __init__(self, num_classes: int, dimension: int, rate: float = 0.001, form: str = "printed") -> None:
        super().__init__()
        if form not in CENTRE_FORMS:
            raise unknown("form of the centre loss", form, CENTRE_FORMS)
        self.rate = rate
        self.form = form
        self.register_buffer("centres", torch.zeros(num_classes, dimension))

    def forward(self, features: Tensor, targets: Tensor) -> Tensor:
        """Equation (1): features (B, D) and classes (B,) int64 -> the scalar sum over the batch."""
        square = (features - self.centres[targets]).square().sum(1)
        if self.form == "cited":
            return square.sum() / 2
        # A feature on its centre has distance 0 and no direction to go: its gradient is 0, not infinite.
        return torch.where(square > 0, square.clamp_min(1e-24).sqrt(), 0 * square).sum() / 2

    @torch.no_grad()
    def update(self, features: Tensor, targets: Tensor) -> None:
        """Equation (2): each class of the batch moves its centre by ``rate`` towards the mean of its features.

        The step is that of the cited paper (its equation 4), whose denominator has one more than the images of the
        class, so that a class seen once moves half as far.
        """
        counts = torch.bincount(targets, minlength=len(self.centres)).to(features.dtype)
        sums = torch.zeros_like(self.centres).index_add_(0, targets, features.to(self.centres.dtype))
        step = (counts[:, None] * self.centres - sums) / (1 + counts[:, None])
        self.centres -= self.rate * step
