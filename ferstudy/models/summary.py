"""What a network is made of: shapes, parameters and multiply-adds by layer, as the papers' layer tables give them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Layer:
    """One row of a layer table.

    Attributes:
        name: Dotted module name.
        kind: Class name of the module.
        shape: Output shape without the batch, (C, H, W) or (K,).
        parameters: Trainable parameters in the module, inner modules included.
        multiply_adds: Multiply-adds of one image in its convolutions and linear layers.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


def layer_table(model: nn.Module, input_shape: tuple[int, int, int], names: Sequence[str] | None = None) -> list[Layer]:
    """The layers of a network in the order in which an image passes them.

    Args:
        model: The network; run once on zeros in evaluation mode.
        input_shape: (C, H, W) of one image.
        names: Modules that make a row; all convolutions, poolings and linear layers where not given.

    Returns:
        A row a module; :func:`multiply_adds` gives the whole network's sum.
    """
    modules = dict(model.named_modules())
    wanted = names if names is not None else [n for n, m in modules.items() if isinstance(m, _ROWS)]
    shapes: dict[str, tuple[int, ...]] = {}

    def remember(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            shapes[name] = tuple(output.shape[1:])

        return hook

    handles = [modules[name].register_forward_hook(remember(name)) for name in wanted]
    try:
        flops = _count(model, input_shape)
    finally:
        for handle in handles:
            handle.remove()
    return [
        Layer(
            name=name,
            kind=type(modules[name]).__name__,
            shape=shape,
            parameters=sum(math.prod(p.shape) for p in modules[name].parameters() if p.requires_grad),
            multiply_adds=flops.get(name, 0),
        )
        for name, shape in shapes.items()
    ]


_ROWS = (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.AdaptiveAvgPool2d, nn.AvgPool2d)


def multiply_adds(model: nn.Module, input_shape: tuple[int, int, int]) -> int:
    """Multiply-adds of one image (C, H, W) in the convolutions and linear layers of a network."""
    return _count(model, input_shape)[""]


def _count(model: nn.Module, input_shape: tuple[int, int, int]) -> dict[str, int]:
    """Multiply-adds by dotted module name, the whole network under ``""``; a FLOP is half a multiply-add."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model(torch.zeros(1, *input_shape, device=device))
    model.train(was_training)
    root = type(model).__name__
    totals = {
        name.removeprefix(root).removeprefix("."): sum(by_operator.values()) // 2
        for name, by_operator in counter.get_flop_counts().items()
        if name.startswith(root)
    }
    return {"": 0, **totals}
