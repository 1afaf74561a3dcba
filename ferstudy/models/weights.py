"""Weights on disk: safetensors only, so that nothing a user downloads is unpickled.

Kernels and matrices are kept in float16, which halves the file. Not to pass off one network's numbers as another's, the
rounded weights are also the ones that select an epoch and that are scored (:func:`as_stored`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from ferstudy.errors import FerstudyError
from ferstudy.losses import CosineLinear
from ferstudy.models import create_model
from ferstudy.models.embedding import last_linear
from ferstudy.recipes import Recipe


def build_network(recipe: Recipe, num_classes: int) -> nn.Module:
    """The network of a recipe, with the weights that its seed gives.

    Under ``arcface`` the last layer gives scaled cosines (J. Deng et al., CVPR 2019, equation 2).
    """
    model = create_model(
        recipe.model,
        num_classes=num_classes,
        in_chans=recipe.preparation.channels,
        seed=recipe.seed,
        **recipe.model_options,
    )
    if recipe.loss.name == "arcface":
        layer = last_linear(model)
        name = next(name for name, module in model.named_modules() if module is layer)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            model.set_submodule(name, CosineLinear(layer.in_features, num_classes, recipe.loss.scale))
    return model


def stored(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights as a run's file holds them: kernels and matrices in float16, vectors and counts as they are.

    Vectors are few, and a running variance may be smaller than float16 can tell from zero.
    """
    return {
        name: value.half() if value.ndim > 1 and value.is_floating_point() else value for name, value in state.items()
    }


@contextmanager
def as_stored(model: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Give a network the weights that its file would hold, and its own back at the end; yields the former."""
    exact = {name: value.detach().clone() for name, value in model.state_dict().items()}
    state = stored(exact)
    model.load_state_dict(state)
    try:
        yield state
    finally:
        model.load_state_dict(exact)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a ``.safetensors`` file, those of numbers in float32.

    Raises:
        FerstudyError: The file is missing, or is no safetensors file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise FerstudyError(f"no weights at {path}; a recorded run has none: train its recipe, or name one that has")
    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise FerstudyError(f"{path} is not a safetensors file; weights in other formats are not read") from error
    return {name: value.float() if value.is_floating_point() else value for name, value in state.items()}


def load_weights(recipe: Recipe, path: Path, classes: Sequence[str]) -> nn.Module:
    """The network of a recipe with weights from a file, on the CPU, in evaluation mode.

    Args:
        recipe: Names the model, its options and its channels.
        path: A ``.safetensors`` file.
        classes: The classes that the network tells apart.

    Raises:
        FerstudyError: The file is missing, is no safetensors file, or holds another network's weights.
    """
    if not path.is_file():
        raise FerstudyError(f"no weights at {path}; train with: ferstudy train {recipe.name}")
    model = build_network(recipe, len(classes))
    try:
        model.load_state_dict(read_weights(path))
    except RuntimeError as error:
        raise FerstudyError(f"{path} holds the weights of another network than {recipe.model}") from error
    return model.eval()
