"""Copying the notebooks: everything is there, reads the runs beside it, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ferstudy.errors import FerstudyError
from ferstudy.notebooks import copy_notebooks
from ferstudy.recorded import results
from ferstudy.runs import list_runs
from tests.conftest import ROOT


def test_all_notebooks_and_recorded_runs_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    copied = copy_notebooks(tmp_path / "mine")
    below = {path.relative_to(tmp_path / "mine" / "notebooks") for path in copied}
    assert below == {path.relative_to(ROOT / "notebooks") for path in (ROOT / "notebooks").rglob("[!.]*.ipynb")}
    recorded = {run.name for run in list_runs(ROOT / "reports" / "runs")}
    assert {run.name for run in list_runs(tmp_path / "mine" / "reports" / "runs")} == recorded
    assert not list((tmp_path / "mine").rglob("*.safetensors"))
    assert set(pd.read_csv(tmp_path / "mine" / "results.csv")["run"]) == recorded
    monkeypatch.chdir(tmp_path / "mine" / "notebooks")
    assert set(results()["run"]) == recorded
    with pytest.raises(FerstudyError, match="empty or not there yet"):
        copy_notebooks(tmp_path / "mine")
