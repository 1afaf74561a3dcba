"""Entries: what a report keeps on disk and what it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from ferstudy.papers import Entry
from ferstudy.reports.catalogue import ReportInfo
from ferstudy.reports.entries import Entries, evidence_of
from ferstudy.reports.site import _by_evidence

REPORT = ReportInfo("r", "r", "Title", entries=(Entry("T1", "a table"),))
TIMES = pd.DataFrame({"stage": ["detect"], "ms": [12.345]})


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML of what was displayed."""
    pages: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda html: pages.append(html.data))
    return pages


@pytest.mark.parametrize(("name", "times"), [("", False), ("T1_time", True)])
def test_a_written_page_links_to_times_and_contains_other_tables(
    name: str, times: bool, tmp_path: Path, shown: list[str]
) -> None:
    entries = Entries(REPORT, "smoke", tmp_path)
    entries.table("T1", TIMES, "measured", name=name)
    file = f"{name or 'T1'}.csv"
    assert ("12.345" in shown[0]) != times
    assert (f'href="{file}"' in shown[0]) == times
    assert "12.345" in (tmp_path / file).read_text()
    entries.save()
    assert json.loads((tmp_path / "entries.json").read_text())[0]["files"] == [
        {"path": f"{tmp_path.name}/{file}", "evidence": "measured"}
    ]


def test_a_file_bears_its_own_badge_and_an_entry_the_weakest(tmp_path: Path, shown: list[str]) -> None:
    entries = Entries(REPORT, "smoke", tmp_path)
    entries.table("T1", TIMES, "recorded", name="T1_ours", scale="a tenth of the faces")
    entries.table("T1", TIMES, "stand-in", name="T1_stand_in")
    entries.save()
    (row,) = json.loads((tmp_path / "entries.json").read_text())
    assert row["evidence"] == "stand-in"
    assert row["scale"] == "a tenth of the faces"
    assert [(Path(f["path"]).name, f["evidence"]) for f in row["files"]] == [
        ("T1_ours.csv", "recorded"),
        ("T1_stand_in.csv", "stand-in"),
    ]
    assert "smaller than the paper's: a tenth of the faces" in shown[0]
    assert "smaller than" not in shown[1]


@pytest.mark.parametrize(
    ("parts", "evidence"),
    [
        ({"measured"}, "measured"),
        ({"measured", "recorded"}, "recorded"),
        ({"measured", "published", "not run"}, "published"),
        ({"recorded", "not run"}, "recorded"),
        ({"stand-in", "not run"}, "stand-in"),
        ({"published", "not run"}, "not run"),
        ({"not run"}, "not run"),
    ],
)
def test_an_entry_is_not_run_only_where_nothing_of_ours_is_shown(parts: set[str], evidence: str) -> None:
    assert evidence_of(parts) == evidence


def test_what_is_not_run_of_an_entry_stands_in_its_note_and_on_the_page(tmp_path: Path, shown: list[str]) -> None:
    entries = Entries(REPORT, "smoke", tmp_path)
    entries.not_run("T1", "no licence", "ferstudy train x")
    entries.table("T1", TIMES, "measured", name="T1_ours")
    entries.save()
    (row,) = json.loads((tmp_path / "entries.json").read_text())
    assert row["evidence"] == "measured"
    assert row["note"] == "no licence; run: ferstudy train x"
    assert _by_evidence(row) == {"measured": [f"{tmp_path.name}/T1_ours.csv"], "not run": []}


def test_without_a_folder_times_are_shown(shown: list[str]) -> None:
    Entries(REPORT, "smoke", None).table("T1", TIMES, "measured", name="T1_time")
    assert "12.345" in shown[0]


def test_the_numbers_of_a_column_have_the_same_decimals(shown: list[str]) -> None:
    columns = {
        "percent": [69.6, 70.27, None],
        "p": [1e-06, 1.0, 0.5],
        "images": [3589, 28709, 7],
        "front": [True, False, True],
        "large": [1234567.0, 2.5, 3.0],
    }
    Entries(REPORT, "smoke", None).table("T1", pd.DataFrame(columns), "measured")
    cells = re.findall("<td>(.*?)</td>", shown[0])
    assert cells[::5] == ["69.60", "70.27", ""]
    assert cells[1::5] == ["1e-06", "1", "0.5"]
    assert cells[2::5] == ["3,589", "28,709", "7"]
    assert cells[3::5] == ["True", "False", "True"]
    assert cells[4::5] == ["1,234,567.0", "2.5", "3.0"]
