"""Networks that classify faces, whatever runs them: prepared faces in, logits out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import F32
from ferstudy.vision.runtime import open_session

if TYPE_CHECKING:
    from torch import nn

# A run's network for ONNX Runtime, in its folder.
ONNX = "model.onnx"


class Network(Protocol):
    """What gives logits (N, K) of prepared faces, float32 (N, C, S, S)."""

    def __call__(self, faces: F32) -> F32: ...


@dataclass(frozen=True)
class Input:
    """What a network wants of a face, as its file says.

    Attributes:
        size: Height and width in pixels after resizing.
        channels: 1 for grey, 3 for RGB.
        scaling: Range of the values.
        crop: Side of the centre crop after resizing; 0 for none.
    """

    size: int
    channels: int
    scaling: str
    crop: int


class OnnxNetwork:
    """A network that ``ferstudy export`` wrote, in ONNX Runtime.

    Attributes:
        wanted: How faces are prepared.
        classes: Its classes in label order.

    Raises:
        FerstudyError: No ONNX file of ours.
    """

    def __init__(self, path: Path) -> None:
        self._session = open_session(path)
        self._entry = self._session.get_inputs()[0].name
        said = self._session.get_modelmeta().custom_metadata_map
        try:
            steps = json.loads(said["preparation"])
            self.wanted = Input(steps["size"], steps["channels"], steps["scaling"], steps["crop"])
            self.classes = tuple(json.loads(said["classes"]))
        except (KeyError, TypeError, ValueError) as error:
            raise FerstudyError(f"{path}: its metadata does not say how faces are prepared; export it again") from error

    def __call__(self, faces: F32) -> F32:
        logits: F32 = self._session.run(None, {self._entry: faces})[0]
        return logits


class TorchNetwork:
    """A network in torch, on the device where it is; scored in evaluation mode."""

    def __init__(self, model: nn.Module) -> None:
        import torch

        self._model = model.eval().to(memory_format=torch.channels_last)
        self._device = next(model.parameters()).device

    def __call__(self, faces: F32) -> F32:
        import torch

        with torch.inference_mode():
            x = torch.from_numpy(faces).to(self._device, memory_format=torch.channels_last)
            logits: F32 = np.asarray(self._model(x).float().cpu().numpy())
        return logits
