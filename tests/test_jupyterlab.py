"""Notebooks in JupyterLab itself: opened in a browser, run from its menu, without an error in any output.

One notebook, for the runner's tests execute all of them; ``FERSTUDY_LAB`` names another, or is ``all``, which takes
minutes. Skipped, saying so, where no Chromium or no JupyterLab is installed.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, find_chromium
from tests.lab import TOKEN, run_all_cells, serve_lab

ALL = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
ASKED = os.environ.get("FERSTUDY_LAB", "")
NOTEBOOKS = ALL if ASKED == "all" else [ASKED or "leaderboard"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab over copies of the notebooks whose profile is ``smoke``."""
    pytest.importorskip("jupyterlab")
    if find_chromium() is None:
        pytest.skip("no Chromium found; install one to try JupyterLab")
    folder = tmp_path_factory.mktemp("lab")
    for name in NOTEBOOKS:
        notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if "parameters" in cell["metadata"].get("tags", []):
                text = "".join(cell["source"]).replace('"quick"', '"smoke"')
                cell["source"] = text.replace('"../reports/runs"', json.dumps(str(ROOT / "reports" / "runs")))
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with serve_lab(folder) as address:
        yield address


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_in_jupyterlab(name: str, lab: str, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        run_all_cells(page, lab, f"{name}.ipynb")
        # Saved now and then and read through the server, as another window would: not all cells are drawn.
        for _ in range(200):
            page.wait_for_timeout(2_000)
            page.keyboard.press("Control+s")
            try:
                answer = json.load(urllib.request.urlopen(f"{lab}/api/contents/{name}.ipynb?token={TOKEN}&content=1"))
            except urllib.error.HTTPError:
                # Read while it was being written.
                continue
            cells = [cell for cell in answer["content"]["cells"] if cell["cell_type"] == "code"]
            failed = any(o["output_type"] == "error" for cell in cells for o in cell["outputs"])
            if failed or all(cell["execution_count"] for cell in cells):
                break
        browser.close()
    errors = [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
    assert [f"{o['ename']}: {o['evalue']}" for o in errors] == []
    assert all(cell["execution_count"] for cell in cells)
