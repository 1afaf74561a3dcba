"""The deep features in front of a network's last layer, whatever the network.

``mobilenet_realtime`` (section 3.2.3) applies the centre loss to the output of the average pooling. A dropout between
the two is passed over: at its 0.5 the noise in training exceeds the spread of the features themselves.
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


def _entrance(model: nn.Module, layer: nn.Linear) -> nn.Module:
    """The module whose input is the embedding: the dropout directly in front of a network's last layer, else that."""
    modules = [module for module in model.modules() if not list(module.children())]
    before = modules[modules.index(layer) - 1]
    return before if isinstance(before, nn.Dropout) else layer


class Embedding:
    """Remembers the deep features of a network's latest pass, before any dropout: ``.value``, float (B, D).

    Used as a context manager, so that the network is left as it was found.
    """

    def __init__(self, model: nn.Module) -> None:
        layer = last_linear(model)
        self.dimension = layer.in_features
        self.value: Tensor | None = None
        self._handle = _entrance(model, layer).register_forward_pre_hook(self._remember)

    def _remember(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        # A dropout may stand in front of the flattening.
        self.value = inputs[0].flatten(1)

    def __enter__(self) -> Embedding:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.remove()
