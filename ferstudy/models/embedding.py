"""The deep features in front of a network's last layer, whatever the network.

``mobilenet_realtime`` (section 3.2.3) applies the centre loss to the values that enter the final classification layer.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from torch import Tensor, nn

from ferstudy.errors import FerstudyError


def last_linear(model: nn.Module) -> nn.Linear:
    """The fully connected layer that makes a network's logits.

    Raises:
        FerstudyError: It has none.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not layers:
        raise FerstudyError(f"{type(model).__name__} has no fully connected layer whose input could be its embedding")
    return layers[-1]


class Embedding:
    """Remembers what entered the last layer of a network in its latest pass: ``.value``, float (B, D).

    Used as a context manager, so that the network is left as it was found.
    """

    def __init__(self, model: nn.Module) -> None:
        layer = last_linear(model)
        self.dimension = layer.in_features
        self.value: Tensor | None = None
        self._handle = layer.register_forward_pre_hook(self._remember)

    def _remember(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        self.value = inputs[0]

    def __enter__(self) -> Embedding:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.remove()
