"""A JupyterLab server over a folder, and a notebook that runs in it: what tests of real front ends share."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

TOKEN = "lab-test"


@contextmanager
def serve_lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab whose files are a folder's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", f"--IdentityProvider.token={TOKEN}", "--allow-root", "--ip=127.0.0.1"]
    options += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *options],
        cwd=folder,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(folder / ".config"), "FERSTUDY_DATA": str(folder / "none")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=2)
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail("JupyterLab did not start within two minutes")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def run_all_cells(page: Any, address: str, name: str) -> None:
    """Open a notebook and choose Run All Cells from the menu, once its kernel is there."""
    page.goto(f"{address}/lab/tree/{name}?token={TOKEN}&reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=120_000)
    # The page says idle before its session has a kernel, and then asks for one; the server knows.
    for _ in range(240):
        sessions = json.load(urllib.request.urlopen(f"{address}/api/sessions?token={TOKEN}"))
        if any(s["name"] == name and s["kernel"]["execution_state"] == "idle" for s in sessions):
            break
        page.wait_for_timeout(500)
    page.wait_for_timeout(3_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
