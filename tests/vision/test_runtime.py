"""Predicting and listing start without the heavy libraries, and ONNX Runtime tells nobody about it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ferstudy.errors import FerstudyError
from ferstudy.vision.runtime import open_session
from ferstudy.vision.samples import PHOTO
from tests.conftest import ROOT

HEAVY = ("torch", "torchvision", "pandas", "matplotlib", "scipy", "sklearn")
RUN = "import sys; from ferstudy.cli import main; sys.argv = ['ferstudy', *{arguments!r}]\n"
REPORT = "import json; print(json.dumps([m for m in {heavy!r} if m in sys.modules]), file=sys.stderr)\n"


def loaded(arguments: list[str], folder: Path) -> list[str]:
    """Which heavy libraries a command has loaded by its end."""
    ending = "\nfinally:\n    " + REPORT.format(heavy=HEAVY)
    source = RUN.format(arguments=arguments) + "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code"
    done = subprocess.run(
        [sys.executable, "-c", source + ending],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stderr.splitlines()[-1])
    return found


@pytest.mark.parametrize("detector", ["mtcnn", "haar"])
def test_a_photo_is_labelled_without_heavy_libraries(detector: str, tmp_path: Path) -> None:
    assert loaded(["predict", str(PHOTO), "--out", "out", "--detector", detector], tmp_path) == []
    assert "happy" in (tmp_path / "out" / "faces.csv").read_text()


@pytest.mark.parametrize(
    "command", [["models"], ["datasets"], ["data"], ["recipes"], ["runs", "--runs", str(ROOT / "reports" / "runs")],
                ["--help"], ["predict", "--help"]], ids=" ".join,
)  # fmt: skip
def test_listings_need_no_heavy_libraries(command: list[str], tmp_path: Path) -> None:
    assert loaded(command, tmp_path) == []


def test_one_module_imports_onnx_runtime() -> None:
    pattern = re.compile(r"^\s*(?:import|from) onnxruntime", re.MULTILINE)
    importing = [p.name for p in (ROOT / "ferstudy").rglob("*.py") if pattern.search(p.read_text())]
    importing += [p.name for p in (ROOT / "notebooks").glob("*.ipynb") if "import onnxruntime" in p.read_text()]
    assert importing == ["runtime.py"]


# What ONNX Runtime would do at its first session, and for as long as it lasts.
SESSION = """
import time
from ferstudy.vision.mtcnn import WEIGHTS
from ferstudy.vision.runtime import open_session
import numpy
session = open_session(WEIGHTS / "rnet.onnx")
end = time.monotonic() + 30
while time.monotonic() < end:
    session.run(None, {session.get_inputs()[0].name: numpy.zeros((1, 3, 24, 24), "float32")})
    time.sleep(0.5)
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_session_of_thirty_seconds_opens_no_socket(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    quiet = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    command = ["strace", "-f", "-e", "trace=network", "-o", str(trace), sys.executable, "-c", SESSION]
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env={**quiet, **home}, capture_output=True, text=True, check=False, timeout=300)
    if "ptrace" in done.stderr and "not permitted" in done.stderr:
        pytest.skip("this machine lets nobody trace a process")
    assert done.returncode == 0, done.stderr
    calls = [line for line in trace.read_text().splitlines() if re.search(r"\b(socket|connect|sendto)\(", line)]
    # The C library may ask the machine's own name service.
    assert [line for line in calls if "AF_UNIX" not in line] == []
    # No lasting number of this machine is kept either.
    assert not (tmp_path / "cache").exists()


def test_what_is_no_onnx_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"no model")
    with pytest.raises(FerstudyError, match="a.onnx cannot be read by ONNX Runtime"):
        open_session(tmp_path / "a.onnx")
