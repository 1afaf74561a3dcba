"""Logits of whole datasets: the one place where a trained network meets images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ferstudy.data.base import U8
from ferstudy.data.preparation import Preparation, scale, to_unit
from ferstudy.data.transforms import combine, views
from ferstudy.memory import keep_freed_memory

F32 = npt.NDArray[np.float32]


def default_device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@torch.inference_mode()
def predict_logits(
    model: nn.Module,
    images: U8,
    preparation: Preparation,
    tta: str = "single",
    crop: int = 0,
    batch_size: int | None = None,
) -> F32:
    """Logits of images in float32, of all views of a test-time augmentation together.

    Args:
        model: Network on its device; scored in evaluation mode, and left in the mode it was in.
        images: uint8 (N, H, W) or (N, H, W, 3), 0..255.
        preparation: As the network was trained.
        tta: One of :data:`ferstudy.data.augmentation.TTA`.
        crop: The recipe's training crop in pixels; 0 for none.
        batch_size: Images a pass; ten-crop passes one view after the other. Where not given, 64 on a CPU, whose cache
            such batches stay in, and 512 on a GPU.

    Returns:
        (N, K) float32.
    """
    keep_freed_memory()
    device = next(model.parameters()).device
    size = batch_size or (64 if device.type == "cpu" else 512)
    was_training = model.training
    # Depthwise convolutions on a CPU are many times slower unless weights and images are both laid out channels last.
    model.eval().to(memory_format=torch.channels_last)
    out = []
    for start in range(0, len(images), size):
        batch = torch.from_numpy(np.array(images[start : start + size])).to(device, non_blocking=True)
        passes = [
            model(scale(view, preparation).contiguous(memory_format=torch.channels_last))
            for view in views(to_unit(batch, preparation), tta, crop, start)
        ]
        out.append(combine(torch.stack(passes), tta).float())
    model.train(was_training)
    # Fetched at once: fetching a batch would make the device wait before the next.
    return torch.cat(out).cpu().numpy() if out else np.empty((0, 0), np.float32)
