"""A run's network as an ONNX file, for programs without torch: checked against torch, and saying what it eats.

The graph takes prepared faces, float32 (N, C, S, S), and gives logits (N, K); N is free. How stored pixels become such
faces stands in the file's metadata, with the classes in label order and where the weights come from.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ferstudy.data.preparation import Preparation, prepare
from ferstudy.data.synthetic import make
from ferstudy.errors import FerstudyError
from ferstudy.runs import Run
from ferstudy.vision.runtime import open_session

OPSET = 18
INPUT, OUTPUT = "faces", "logits"
# Largest difference between the logits of torch and of ONNX Runtime: float32's rounding through a deep network.
TOLERANCE = 1e-3
_SCALINGS = {
    "unit": "values / 255",
    "symmetric": "values / 255 * 2 - 1",
    "standardise": "values / 255, then each image minus its mean, divided by its standard deviation (at least 0.001)",
    "imagenet": "values / 255, minus (0.485, 0.456, 0.406), divided by (0.229, 0.224, 0.225); grey: their averages",
}


def export_onnx(run: Run, path: Path) -> float:
    """Write a run's network as ONNX and compare it with torch on prepared faces.

    Args:
        run: A run with weights.
        path: The file, ``.onnx``; it appears when it has passed the comparison.

    Returns:
        The largest difference between the logits of torch and of ONNX Runtime, over batches of one and of seven.

    Raises:
        FerstudyError: onnx or onnxscript is not installed, the run has no weights, the file cannot be
            written, or the two differ by more than ``TOLERANCE``.
    """
    if path.suffix != ".onnx":
        raise FerstudyError(f"{path}: expected a file name that ends in .onnx")
    for package in ("onnx", "onnxscript"):
        _needs(package)
    import onnx

    network = run.load_model()
    faces = _faces(run.recipe.preparation, run.recipe.augmentation.crop)
    written = exported(network, faces, {0: torch.export.Dim("batch")}, INPUT, OUTPUT)
    for key, value in describe(run).items():
        entry = written.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(written, full_check=True)
    content = written.SerializeToString()
    gap = compare(network, content, faces)
    if gap > TOLERANCE:
        raise FerstudyError(
            f"run {run.name}: the logits of ONNX Runtime differ from torch's by {gap:.2g}, more than {TOLERANCE:g}; "
            "nothing was written"
        )
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        raise FerstudyError(f"cannot write {path} ({error.strerror}); choose another file") from error
    return gap


def _needs(package: str) -> None:
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise FerstudyError(f"{package} is not installed; install it with: pip install 'ferstudy[onnx]'") from error


def _faces(preparation: Preparation, crop: int) -> Tensor:
    """Seven prepared faces, one of each synthetic emotion, of the size that the network is trained on."""
    pixels = torch.from_numpy(np.array(make(7, 7, 7).split("Training").images[:7]))
    faces = prepare(pixels, preparation)
    return faces[..., :crop, :crop] if crop else faces


def exported(network: nn.Module, example: Tensor, free: dict[int, Any], entry: str, *outputs: str) -> Any:
    """A network as an ONNX model.

    Args:
        network: On the CPU.
        example: An input.
        free: The axes of the input that may have any length, with their ``torch.export.Dim``.
        entry: Name of the input.
        outputs: Names of the outputs.
    """
    spoken = logging.getLogger("torch.onnx")
    level = spoken.level
    spoken.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # Of the exporter's own inner calls.
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                network.eval(),
                (example,),
                dynamo=True,
                opset_version=OPSET,
                input_names=[entry],
                output_names=list(outputs),
                dynamic_shapes=(free,),
                verbose=False,
            )
    finally:
        spoken.setLevel(level)
    assert program is not None  # as dynamo returns it
    return _without_padding(_without_origin(program.model_proto))


def _without_origin(model: Any) -> Any:
    """The exporter notes at every node which line of which file on this machine it is from; a file for others has none.

    Without these notes the same network gives the same file wherever it is made.
    """
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        part.ClearField("doc_string")
        if hasattr(part, "metadata_props"):
            part.ClearField("metadata_props")
    for function in model.functions:
        for part in (function, *function.node, *function.value_info):
            part.ClearField("doc_string")
            part.ClearField("metadata_props")
    return model


def _without_padding(model: Any) -> Any:
    """Weights that float16 holds exactly, as most shipped ones, are kept in it; ONNX Runtime widens them."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    for weight in [w for w in graph.initializer if w.data_type == TensorProto.FLOAT]:
        values = numpy_helper.to_array(weight)
        half = values.astype(np.float16)
        if values.size > 64 and np.array_equal(half.astype(np.float32), values):
            kept = numpy_helper.from_array(half, f"{weight.name}.half")
            graph.node.insert(0, helper.make_node("Cast", [kept.name], [weight.name], to=TensorProto.FLOAT))
            graph.initializer.append(kept)
            graph.initializer.remove(weight)
    return model


def describe(run: Run) -> dict[str, str]:
    """What a program must know to use the network, as ONNX metadata."""
    preparation, crop = run.recipe.preparation, run.recipe.augmentation.crop
    side = crop or preparation.size
    steps = [
        "grey (ITU-R BT.601 luma) or RGB as channels says, values 0 to 255",
        f"resize to {preparation.size} x {preparation.size}, bilinear, antialiased when shrinking",
        *([f"cut the central {crop} x {crop}"] if crop else []),
        _SCALINGS[preparation.scaling],
    ]
    status = run.status
    return {
        "run": run.name,
        "classes": json.dumps(list(status["classes"])),
        "input": f"float32 (N, {preparation.channels}, {side}, {side}), channels first",
        "preparation": json.dumps(
            {"size": preparation.size, "channels": preparation.channels, "scaling": preparation.scaling,
             "crop": crop, "steps": steps}
        ),
        "output": f"logits (N, {len(status['classes'])}); softmax gives probabilities",
        "trained_on": f"{status['dataset']['name']}, {status['protocol']}",
        "accuracy": json.dumps({key: round(values["accuracy"], 4) for key, values in run.metrics.items()}),
        "limits": "an expression as its labellers would name it; says nothing reliable about what somebody feels, and "
        "must not be used to judge people",
    }  # fmt: skip


@torch.inference_mode()
def compare(network: nn.Module, content: bytes | str, faces: Tensor) -> float:
    """Largest difference between the logits of torch and of ONNX Runtime on prepared faces, together and one by one.

    Args:
        network: On the CPU.
        content: The ONNX model, or its file's name.
        faces: float32 (N, C, S, S).
    """
    session = open_session(content)
    expected = network.eval()(faces).numpy()
    together = session.run(None, {INPUT: faces.numpy()})[0]
    alone = np.concatenate([session.run(None, {INPUT: face[None].numpy()})[0] for face in faces])
    return float(max(np.abs(together - expected).max(), np.abs(alone - expected).max()))
