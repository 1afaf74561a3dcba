"""What ships so that predicting and listing start without torch: ``python -m ferstudy.shipped`` makes it anew.

- ``model.onnx`` beside the weights of each shipped run, checked against torch;
- MTCNN's three networks, from the weights in facenet-pytorch's package (MIT), checked against it;
- what the registry declares of each network.

Run it after a network is registered or shipped; tests say when something is out of date.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ferstudy.errors import FerstudyError
from ferstudy.models import list_models, model_info
from ferstudy.models.declarations import FILE as DECLARATIONS
from ferstudy.onnx_export import export_onnx, exported
from ferstudy.pretrained import list_pretrained
from ferstudy.vision.mtcnn import NETWORKS, WEIGHTS
from ferstudy.vision.networks import ONNX
from ferstudy.vision.runtime import open_session

# Largest difference from torch, of probabilities and of shifts and landmarks as shares of a side.
TOLERANCE = 1e-5


def declarations() -> str:
    """The registry's entries as JSON, by name."""
    rows = [
        {
            field.name: getattr(info, field.name)
            for info in [model_info(name)]
            for field in dataclasses.fields(info)
            if field.name != "build"
        }
        for name in list_models()
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def mtcnn_networks() -> dict[str, tuple[nn.Module, Tensor]]:
    """facenet-pytorch's networks by name, each with an input."""
    from facenet_pytorch import MTCNN

    whole = MTCNN(device="cpu").eval()
    generator = torch.Generator().manual_seed(0)
    sides = {"pnet": (61, 83), "rnet": (24, 24), "onet": (48, 48)}
    return {
        name: (getattr(whole, name), torch.rand(7, 3, *sides[name], generator=generator) * 2 - 1) for name in NETWORKS
    }


@torch.inference_mode()
def gap(network: nn.Module, content: bytes | str, example: Tensor) -> float:
    """Largest difference between the outputs of torch and of ONNX Runtime."""
    session = open_session(content)
    theirs = session.run(None, {session.get_inputs()[0].name: example.numpy()})
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(theirs, network(example), strict=True))


def write_mtcnn(folder: Path = WEIGHTS) -> None:
    """Write MTCNN's three networks as ONNX.

    Raises:
        FerstudyError: One of them differs from torch's; it is not written.
    """
    for name, (network, example) in mtcnn_networks().items():
        batch = {0: torch.export.Dim("batch")}
        sides = {2: torch.export.Dim("height", min=12), 3: torch.export.Dim("width", min=12)} if name == "pnet" else {}
        outputs = ("shifts", "landmarks", "probabilities") if name == "onet" else ("shifts", "probabilities")
        content = exported(network, example, {**batch, **sides}, "pixels", *outputs).SerializeToString()
        if (found := gap(network, content, example)) > TOLERANCE:
            raise FerstudyError(f"MTCNN's {name} differs from torch's by {found:.2g}; it was not written")
        (folder / f"{name}.onnx").write_bytes(content)


def write_all() -> None:
    """Make all of it anew.

    Raises:
        FerstudyError: A network differs from torch's.
    """
    DECLARATIONS.write_text(declarations(), encoding="utf-8")
    for run in list_pretrained():
        export_onnx(run, run.folder / ONNX)
    write_mtcnn()


if __name__ == "__main__":
    write_all()
