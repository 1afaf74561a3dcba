"""What a recipe says of its loss, as a value; :mod:`ferstudy.losses` builds it, and needs torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ferstudy.errors import FerstudyError, unknown

LOSSES = ("cross_entropy", "sampled", "multi_target", "arcface")
CENTRE_FORMS = ("printed", "cited")


@dataclass(frozen=True)
class Loss:
    """What training makes small.

    Attributes:
        name: One of ``LOSSES``. ``cross_entropy`` learns soft targets as they are, ``sampled`` draws one label from
            them whenever an image is seen, ``multi_target`` takes any of several positive classes for right,
            ``arcface`` sets a margin between identities.
        centre: Weight (lambda) of the centre loss that is added; 0 for none.
        centre_rate: Rate (alpha) at which the centres follow the features.
        centre_form: ``printed`` as equation (1) of mobilenet_realtime, ``cited`` as the paper that it cites.
        scale: Of the cosines in ``arcface``.
        margin: Angle in radians that ``arcface`` adds to the right class's.
    """

    name: str = "cross_entropy"
    centre: float = 0.0
    centre_rate: float = 0.001
    centre_form: str = "printed"
    scale: float = 64.0
    margin: float = 0.5

    def __post_init__(self) -> None:
        if self.name not in LOSSES:
            raise unknown("loss", self.name, LOSSES)
        if self.centre_form not in CENTRE_FORMS:
            raise unknown("form of the centre loss", self.centre_form, CENTRE_FORMS)
        if self.centre < 0 or not 0 <= self.centre_rate <= 1:
            raise FerstudyError("loss: expected centre >= 0 and centre_rate of 0 to 1")
        if self.scale <= 0 or not 0 <= self.margin < math.pi / 2:
            raise FerstudyError("loss: expected scale > 0 and margin of 0 to pi / 2 radians")
