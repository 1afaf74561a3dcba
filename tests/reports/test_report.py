"""What a notebook asks of its report: a study's answer, and where a recorded run looks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ferstudy.papers import get_study
from ferstudy.reports import Report


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML of what was displayed."""
    pages: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda html: pages.append(html.data))
    return pages


def test_a_study_of_which_nothing_is_recorded_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    report = Report("residual_masking", "smoke", runs=str(tmp_path / "runs"), out=str(tmp_path))
    report.answer("X3", "masking")
    assert report.attention("*") is None
    report.save()
    rows = json.loads((tmp_path / "residual_masking" / "entries.json").read_text())
    (row,) = (row for row in rows if row["id"] == "X3")
    assert row["evidence"] == "not run"
    assert row["note"].startswith(get_study("masking").question)
    assert "core-hours" in row["note"]
    assert row["note"].endswith("run: ferstudy studies run masking")
    assert row["reproduced"] == ""
