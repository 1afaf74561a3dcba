"""Where a network looks and what it sees: Grad-CAM through pytorch-grad-cam, saliency maps, deep features.

R. R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017.

The wrapper keeps the library's arithmetic and puts right what surrounds it: it works under ``no_grad`` and with frozen
weights, leaves the network's mode, gradients and hooks as they were, always explains each image of a batch, and returns
raw maps. The library scales every map to its own minimum and maximum, which turns a flat map into noise of full
contrast; here maps keep their common scale, and figures choose one for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ferstudy.data.base import U8
from ferstudy.data.preparation import Preparation
from ferstudy.errors import FerstudyError, unknown
from ferstudy.inference import predict_logits
from ferstudy.models.embedding import Embedding


@dataclass(frozen=True)
class Explanation:
    """Grad-CAM of a batch, in evaluation mode.

    Attributes:
        maps: (B, H, W) at the input's size, >= 0, in logits' units: comparable between images of one network.
        raw: (B, h, w) at the layer's size, before ReLU: negative where the evidence speaks against the class.
        targets: (B,) class that each map explains.
        logits: (B, K) of the same pass.
    """

    maps: npt.NDArray[np.float32]
    raw: npt.NDArray[np.float32]
    targets: npt.NDArray[np.int64]
    logits: npt.NDArray[np.float32]


def explain(
    model: nn.Module,
    images: Tensor,
    target: int | Sequence[int] | None = None,
    layer: str | nn.Module | None = None,
) -> Explanation:
    """Grad-CAM of prepared images.

    Args:
        model: Network from the registry, or any with ``layer`` given.
        images: float (B, C, H, W) as the network takes them.
        target: Class to explain, one for all or one an image; the predicted one where not given.
        layer: Dotted name or module; the ``cam_layer`` of a registered model where not given.

    Raises:
        FerstudyError: Unknown layer, a layer whose output is no (B, C, h, w), or a target out of range.
    """
    from pytorch_grad_cam import GradCAM

    module = _layer(model, layer)
    with _only_pixels_ask(model):
        cam = GradCAM(model, [module])
        try:
            x = images.detach().clone().to(next(model.parameters()).device).requires_grad_(True)
            logits = cam.activations_and_grads(x)
            targets = _targets(target, logits)
            logits.gather(1, targets[:, None]).sum().backward()
            captured = cam.activations_and_grads
            activations, gradients = captured.activations[0].numpy(), captured.gradients[0].numpy()
            if activations.ndim != 4:
                raise FerstudyError(
                    f"Grad-CAM needs a layer with maps (B, C, h, w); this one gives {activations.shape}"
                )
            raw = cam.get_cam_image(x, module, None, activations, gradients, False)
        finally:
            cam.activations_and_grads.release()
    maps = F.interpolate(torch.from_numpy(raw)[:, None].clamp_min(0), images.shape[-2:], mode="bilinear")[:, 0]
    return Explanation(
        maps=maps.numpy().astype(np.float32),
        raw=raw.astype(np.float32),
        targets=targets.cpu().numpy(),
        logits=logits.detach().cpu().numpy(),
    )


@dataclass(frozen=True)
class Saliency:
    """How much each pixel moves the loss, in evaluation mode.

    Attributes:
        maps: (B, H, W), >= 0, in nats a unit of the network's input: the largest over the colour channels.
        targets: (B,) class whose loss it is.
        loss: (B,) cross-entropy in nats.
    """

    maps: npt.NDArray[np.float32]
    targets: npt.NDArray[np.int64]
    loss: npt.NDArray[np.float32]


def saliency(model: nn.Module, images: Tensor, target: int | Sequence[int] | None = None) -> Saliency:
    """The loss propagated back to the pixels (small_cnn, section 2.3), as an absolute value.

    K. Simonyan et al., "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
    2014, take the class's score; the paper here takes the loss, whose map vanishes where the network is quite sure.

    Args:
        model: Any classifier.
        images: float (B, C, H, W) as the network takes them.
        target: The true class, one for all or one an image; the predicted one where not given.

    Raises:
        FerstudyError: A target out of range.
    """
    with _only_pixels_ask(model):
        x = images.detach().clone().to(next(model.parameters()).device).requires_grad_(True)
        logits = model(x)
        targets = _targets(target, logits)
        loss = F.cross_entropy(logits, targets, reduction="none")
        (gradient,) = torch.autograd.grad(loss.sum(), x)
    return Saliency(
        maps=gradient.abs().amax(1).cpu().numpy().astype(np.float32),
        targets=targets.cpu().numpy(),
        loss=loss.detach().cpu().numpy(),
    )


@contextmanager
def _only_pixels_ask(model: nn.Module) -> Iterator[None]:
    """Evaluation mode in which only the input asks for gradients; afterwards the network is as it was.

    The parameters' own gradients stay untouched, and frozen networks and callers under ``no_grad`` work too.
    """
    was_training = model.training
    required = [p.requires_grad for p in model.parameters()]
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        model.train(was_training)
        for parameter, flag in zip(model.parameters(), required, strict=True):
            parameter.requires_grad_(flag)


def _layer(model: nn.Module, layer: str | nn.Module | None) -> nn.Module:
    if isinstance(layer, nn.Module):
        return layer
    name = layer or getattr(model, "cam_layer", None)
    modules = dict(model.named_modules())
    if name is None:
        raise FerstudyError("this network names no layer for Grad-CAM; pass layer= one of its module names")
    if name not in modules:
        raise unknown("layer", name, modules)
    return modules[name]


def _targets(target: int | Sequence[int] | None, logits: Tensor) -> Tensor:
    if target is None:
        return logits.argmax(1)
    chosen = torch.as_tensor(target, device=logits.device)
    chosen = chosen.expand(len(logits)) if chosen.ndim == 0 else chosen
    if len(chosen) != len(logits) or chosen.min() < 0 or chosen.max() >= logits.shape[1]:
        raise FerstudyError(
            f"expected one target a batch or an image, each of 0..{logits.shape[1] - 1}, "
            f"got {target!r} for {len(logits)} images"
        )
    return chosen


def deep_features(model: nn.Module, images: U8, preparation: Preparation) -> npt.NDArray[np.float32]:
    """What enters a network's last layer, where the centre loss acts (mobilenet_realtime, section 3.2.3).

    Args:
        model: The network; left in the mode it was in.
        images: uint8 (N, H, W) or (N, H, W, 3), 0..255; all in one pass.
        preparation: As the network was trained.

    Returns:
        (N, D) float32.
    """
    with Embedding(model) as embedding:
        predict_logits(model, images, preparation, batch_size=len(images))
    assert embedding.value is not None
    return embedding.value.float().cpu().numpy()
