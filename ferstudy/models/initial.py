"""Where a network's first weights come from: a seed, ImageNet through torchvision, or one of our own runs.

Two-stage fine-tuning (``mobilenet_realtime``, section 3.2.2; ``residual_masking``, section IV.B) starts from weights of
another task; whatever does not fit the new network (the classifier, a first convolution for other colours) keeps its
fresh weights.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.error import URLError

import torch
import torchvision
from torch import Tensor, nn

from ferstudy.errors import FerstudyError, unknown
from ferstudy.models._registry import ModelInfo

IMAGENET = "imagenet"


def imagenet_state(info: ModelInfo) -> dict[str, Tensor]:
    """torchvision's ImageNet weights for a model, downloaded once and then cached by torch.

    Raises:
        FerstudyError: torchvision has none that fit, or they are not cached and cannot be downloaded.
    """
    if info.imagenet is None:
        raise FerstudyError(
            f"model {info.name!r} has no ImageNet weights in torchvision; start it from a run of yours "
            "(init: NAME_OF_RUN) or from a seed"
        )
    weights = torchvision.models.get_model_weights(info.imagenet).DEFAULT
    # One set a network: V1 where there are two, the weights that the papers could have had.
    weights = getattr(type(weights), "IMAGENET1K_V1", weights)
    try:
        return dict(weights.get_state_dict(progress=False, check_hash=True))
    except (URLError, OSError, RuntimeError) as error:
        cached = Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rpartition("/")[2]
        raise FerstudyError(
            f"ImageNet weights of {info.imagenet} are not at {cached} and could not be downloaded; "
            f"connect once, or put {weights.url.rpartition('/')[2]} there"
        ) from error


def transfer(model: nn.Module, state: Mapping[str, Tensor], reinitialise: Iterable[str] = ()) -> list[str]:
    """Copy the weights that fit into a network, in place.

    Args:
        model: The network, freshly drawn.
        state: Weights by name. A first convolution of three colours is summed for one; RGB from grey is divided evenly.
        reinitialise: Shell patterns of names that keep their fresh weights although these fit.

    Returns:
        Names of the network's own weights that stay fresh.

    Raises:
        FerstudyError: Nothing fits, or a pattern of ``reinitialise`` matches no weight.
    """
    own = model.state_dict()
    skip = _matching(own, reinitialise, "reinitialise")
    first = next((name for name, value in own.items() if value.ndim == 4), "")
    kept, fitting = [], {}
    for name, value in own.items():
        given = state.get(name)
        if name == first and given is not None and given.ndim == 4:
            given = _recolour(given, value.shape[1])
        if name in skip or given is None or given.shape != value.shape:
            kept.append(name)
        else:
            fitting[name] = given
    if not any(value.ndim > 1 for value in fitting.values()):
        raise FerstudyError(
            f"the weights to start from fit nothing in {type(model).__name__}; are they another network's?"
        )
    model.load_state_dict(fitting, strict=False)
    return kept


def of_members(model: nn.Module, names: Sequence[str], states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The weights of an ensemble's members, trained apart, under the names that they have in the ensemble.

    Args:
        model: A network whose ``members`` are modules by model name, such as ``attention_fusion``.
        names: Model name of each member.
        states: Its weights by name.

    Raises:
        FerstudyError: The network has no such member.
    """
    members = [name for name, _ in getattr(model, "members", nn.ModuleDict()).named_children()]
    for name in names:
        if name not in members:
            raise unknown(f"member of {type(model).__name__}", name, members)
    return {f"members.{n}.{key}": v for n, state in zip(names, states, strict=True) for key, v in state.items()}


def _recolour(kernel: Tensor, channels: int) -> Tensor:
    """A first kernel (O, C, k, k) for another number of colours, its answer to a grey face unchanged."""
    if kernel.shape[1] == channels:
        return kernel
    return kernel.sum(1, keepdim=True).expand(-1, channels, -1, -1) / channels


def freeze(model: nn.Module, patterns: Iterable[str]) -> None:
    """Keep parameters out of training: those whose names match a shell pattern (``layer1*``), in place.

    Batch norms inside keep their running statistics too: :func:`train_mode` leaves frozen modules in evaluation mode.

    Raises:
        FerstudyError: A pattern matches no parameter.
    """
    names = dict(model.named_parameters())
    for name in _matching(names, patterns, "freeze"):
        names[name].requires_grad_(False)


def train_mode(model: nn.Module) -> None:
    """Training mode for all modules but those whose own parameters are all frozen."""
    model.train()
    for module in model.modules():
        own = list(module.parameters())
        if own and not any(p.requires_grad for p in own):
            module.eval()


def _matching(names: Iterable[str], patterns: Iterable[str], what: str) -> set[str]:
    names = list(names)
    found: set[str] = set()
    for pattern in patterns:
        hits = [n for n in names if fnmatch.fnmatchcase(n, pattern) or n.startswith(f"{pattern}.")]
        if not hits:
            raise FerstudyError(f"{what}: {pattern!r} matches no weight; names look like {names[0]}")
        found.update(hits)
    return found
