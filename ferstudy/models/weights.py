"""Weights on disk: safetensors only, so that nothing a user downloads is unpickled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from ferstudy.errors import FerstudyError
from ferstudy.models._registry import create_model
from ferstudy.recipes import Recipe


def load_weights(recipe: Recipe, path: Path, classes: Sequence[str]) -> nn.Module:
    """The network of a recipe with weights from a file, on the CPU, in evaluation mode.

    Args:
        recipe: Names the model, its options and its channels.
        path: A ``.safetensors`` file.
        classes: The classes that the network tells apart.

    Raises:
        FerstudyError: The file is missing, is no safetensors file, or holds another network's weights.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise FerstudyError(f"no weights at {path}; train with: ferstudy train {recipe.name}")
    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise FerstudyError(f"{path} is not a safetensors file; weights in other formats are not read") from error
    model = create_model(
        recipe.model, num_classes=len(classes), in_chans=recipe.preparation.channels, **recipe.model_options
    )
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise FerstudyError(f"{path} holds the weights of another network than {recipe.model}") from error
    return model.eval()
