"""A folder with a notebook that makes one small report, and does what its parameter says."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

PARAMETERS = 'profile: str = "quick"\ndata: str = ""\nruns: str = ""\nout: str = ""\nmode: str = "good"'
BODY = """
import os
from ferstudy.reports import Report
report = Report("lite_xception", profile, runs=runs, out=out)
if mode == "fails":
    raise ValueError("this is why")
if mode == "dies":
    os.kill(os.getpid(), 9)
report.claim("X1", "measured", "49,783")
if mode != "forgets":
    report.save()
"""


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(BODY)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "lite_xception.ipynb")
    (tmp_path / "runs").mkdir()
    return folder
