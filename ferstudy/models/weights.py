"""Weights on disk: safetensors only, so that nothing a user downloads is unpickled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ferstudy.errors import FerstudyError
from ferstudy.losses import CosineLinear
from ferstudy.models._registry import create_model
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


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a ``.safetensors`` file.

    Raises:
        FerstudyError: The file is missing, or is no safetensors file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise FerstudyError(f"no weights at {path}; a recorded run has none: train its recipe, or name one that has")
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise FerstudyError(f"{path} is not a safetensors file; weights in other formats are not read") from error


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
