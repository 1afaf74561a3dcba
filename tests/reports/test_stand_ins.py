"""Recorded stand-ins in a report: there for their studies, never among the runs on real data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ferstudy.reports import Report
from tests.conftest import ROOT

NAME = "squeezenet_se.fer2013.strong.s0"


def test_a_recorded_stand_in_is_not_among_the_runs_on_real_data(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name in (NAME, "squeezenet_se.ck_plus.stand_in.s0"):
        shutil.copytree(ROOT / "reports" / "runs" / NAME, runs / name)
    path = runs / "squeezenet_se.ck_plus.stand_in.s0" / "status.json"
    status = json.loads(path.read_text())
    status["dataset"]["real"] = False
    path.write_text(json.dumps(status))
    report = Report("attention_fusion", "smoke", runs=str(runs))
    assert [run.name for run in report.recorded()] == [NAME]
    assert sorted(report.finished) == ["squeezenet_se.ck_plus.stand_in.s0", NAME]
    assert report.score("squeezenet_se.ck_plus.stand_in.s0").evidence == "stand-in"
    assert report.score(NAME).evidence == "recorded"
