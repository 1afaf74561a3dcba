"""ONNX Runtime, started in one place: offline and on one thread, so that stages that overlap do not fight for cores."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ferstudy.errors import FerstudyError


def open_session(model: bytes | str | Path) -> Any:
    """An ONNX model, or its file, in ONNX Runtime on the processor.

    Nothing else of this package imports ONNX Runtime: since 1.31 its first session would create a lasting number of
    this machine and tell it to a server of its maker, unless ``ORT_DISABLE_TELEMETRY`` is set before the import.

    Raises:
        FerstudyError: No readable ONNX model.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Errors come as exceptions; its own lines on the terminal would stand beside ours.
    options.log_severity_level = 4
    content = str(model) if isinstance(model, Path) else model
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # Its exceptions share no base class but Python's own.
        where = "an ONNX model" if isinstance(model, bytes) else str(model)
        raise FerstudyError(f"{where} cannot be read by ONNX Runtime ({str(error).splitlines()[0]})") from error
