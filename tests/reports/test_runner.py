"""The strict runner: what papermill lets pass, it does not; a failed or killed build leaves the last report whole."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from ferstudy.audit import plant_copies
from ferstudy.data.layouts import write_fer2013
from ferstudy.data.synthetic import make
from ferstudy.errors import FerstudyError
from ferstudy.papers import get_paper, list_papers
from ferstudy.reports.catalogue import MODEL_CARD, get_report, list_reports
from ferstudy.reports.runner import Result, build, build_all, check_parameters, reports_of
from tests.conftest import ROOT


def run(notebooks: Path, mode: str = "good", **options: object) -> Result:
    out = notebooks.parent / "reports"
    return build(
        "lite_xception",
        notebooks=notebooks,
        out=out,
        runs=notebooks.parent / "runs",
        profile="smoke",
        parameters={"mode": mode},
        **options,  # type: ignore[arg-type]
    )


def test_built_then_unchanged_then_forced(notebooks: Path) -> None:
    out = notebooks.parent / "reports"
    assert run(notebooks).outcome == "built"
    first = {
        p.name: p.read_bytes() for p in (out / "lite_xception").iterdir() if p.suffix in (".html", ".json", ".csv")
    }
    second = run(notebooks)
    assert second.outcome == "unchanged"
    assert second.seconds < 5
    assert run(notebooks, force=True).outcome == "built"
    again = {name: (out / "lite_xception" / name).read_bytes() for name in first if name != ".build.json"}
    assert again == {name: first[name] for name in again}


def test_a_changed_notebook_or_run_is_built_again(notebooks: Path) -> None:
    run(notebooks)
    (notebooks.parent / "runs" / "new.json").write_text("{}")
    assert run(notebooks).outcome == "built"
    path = notebooks / "lite_xception.ipynb"
    path.write_text(path.read_text().replace("49,783", "49 783"))
    assert run(notebooks).outcome == "built"


@pytest.mark.parametrize(
    ("mode", "error"),
    [("fails", "ValueError: this is why"), ("dies", "the kernel died"), ("forgets", "without saving its entries")],
)
def test_failures_are_told_and_leave_the_previous_report(mode: str, error: str, notebooks: Path) -> None:
    out = notebooks.parent / "reports"
    run(notebooks)
    before = (out / "lite_xception" / "entries.json").read_bytes()
    result = run(notebooks, mode)
    assert result.outcome == "failed"
    assert error in result.error
    assert (out / "lite_xception" / "entries.json").read_bytes() == before
    assert not (out / ".lite_xception.building").exists()
    assert (out / ".failed" / "lite_xception.ipynb").exists()


def test_the_index_shows_a_failure_beside_the_previous_report(notebooks: Path) -> None:
    out = notebooks.parent / "reports"
    options = {"notebooks": notebooks, "out": out, "runs": notebooks.parent / "runs", "profile": "smoke"}
    build_all(**options)  # type: ignore[arg-type]
    results = build_all(**options, parameters={"mode": "fails"})  # type: ignore[arg-type]
    assert [r.outcome for r in results] == ["failed"]
    assert "this is why" in (out / "index.html").read_text()
    assert "49,783" in (out / "entries.html").read_text()



def test_entries_nobody_made_are_not_run(notebooks: Path) -> None:
    out = notebooks.parent / "reports"
    build_all(notebooks=notebooks, out=out, runs=notebooks.parent / "runs", profile="smoke")
    rows = {row["id"]: row for row in json.loads((out / "index.json").read_text())}
    assert list(rows) == [entry.id for entry in get_paper("lite_xception").entries]
    assert rows["X1"]["evidence"] == "measured"
    assert rows["T1"]["evidence"] == "not run"


def test_a_kill_between_the_two_renames_is_mended_and_cleared(notebooks: Path) -> None:
    out = notebooks.parent / "reports"
    run(notebooks)
    os.replace(out / "lite_xception", out / ".lite_xception.old")
    (out / ".lite_xception.building").mkdir()
    assert run(notebooks).outcome == "unchanged"
    assert (out / "lite_xception" / "index.html").exists()
    assert not (out / ".lite_xception.building").exists()


def test_unknown_parameters_are_refused(notebooks: Path) -> None:
    with pytest.raises(FerstudyError, match="did you mean profile"):
        check_parameters(notebooks / "lite_xception.ipynb", ["profil"])
    with pytest.raises(FerstudyError, match="unknown parameter"):
        build("lite_xception", notebooks=notebooks, out=notebooks.parent / "r", runs=notebooks, profile="smoke",
              parameters={"epochs": 3})  # fmt: skip


def test_output_that_cannot_be_written(notebooks: Path) -> None:
    (notebooks.parent / "file").touch()
    with pytest.raises(FerstudyError, match="cannot write reports"):
        build("lite_xception", notebooks=notebooks, out=notebooks.parent / "file", runs=notebooks, profile="smoke")


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All notebooks of the project, executed under ``smoke``; the one of model cards for two networks."""
    out = tmp_path_factory.mktemp("reports")
    # The lessons have tests of their own.
    names = [name for name in reports_of(ROOT / "notebooks") if name != MODEL_CARD and not name.startswith("lessons/")]
    names += ["model_lite_xception", "model_fernet"]
    runs = ROOT / "reports" / "runs"
    results = build_all(names, notebooks=ROOT / "notebooks", out=out, runs=runs, profile="smoke")
    assert [r.error for r in results if r.error] == []
    return out


FIELDS = {
    "paper", "id", "title", "notebook", "profile", "evidence", "scale", "files", "published", "reproduced", "note",
    "verdict",
}  # fmt: skip


def test_the_real_notebooks_make_every_entry(smoke: Path) -> None:
    rows = json.loads((smoke / "index.json").read_text())
    assert all(set(row) == FIELDS for row in rows)
    # What was not run says why, and which command would; nothing was forgotten by its notebook.
    not_run = [row for row in rows if row["evidence"] == "not run"]
    assert [row["id"] for row in not_run if "; run: " not in row["note"] or "did not come to it" in row["note"]] == []
    for row in rows:
        if row in not_run:
            continue
        assert all((smoke / file["path"]).stat().st_size > 0 for file in row["files"])
        if row["id"].startswith("T"):
            assert any(file["path"].endswith(".csv") for file in row["files"])
        if row["id"].startswith("F"):
            suffixes = {Path(file["path"]).suffix for file in row["files"]}
            assert suffixes & {".png", ".webp", ".csv"}


def test_stand_ins_are_never_called_anything_else(smoke: Path) -> None:
    """Without the real data, what shows synthetic faces says so."""
    everything = json.loads((smoke / "index.json").read_text())
    rows = {row["id"]: row["evidence"] for row in everything if row["paper"] == "lite_xception"}
    assert rows["lesson"] == "stand-in"
    assert {rows[i] for i in ("F4", "F7", "grad_cam", "T3", "T4", "F6", "history", "calibration")} == {"recorded"}


def test_the_audit_shows_recorded_counts_and_stand_in_pictures(smoke: Path) -> None:
    rows = [row for row in json.loads((smoke / "index.json").read_text()) if row["paper"] == "audit"]
    assert [row["id"] for row in rows] == [entry.id for entry in get_report("dataset_audit").entries]
    assert {row["notebook"] for row in rows} == {"notebooks/dataset_audit.ipynb"}
    evidence = {row["id"]: row["evidence"] for row in rows}
    pictures = {"samples", "planted", "identical_faces", "near_faces"}
    assert {name for name, word in evidence.items() if word == "stand-in"} == pictures
    assert {word for name, word in evidence.items() if name not in pictures} == {"recorded"}


def test_the_audit_runs_on_a_dataset_of_ones_own(tmp_path: Path) -> None:
    write_fer2013(plant_copies(make(90, 30, 30), 5, 3, 2).data, tmp_path / "mine")
    result = build(
        "dataset_audit", notebooks=ROOT / "notebooks", out=tmp_path / "out", runs=ROOT / "reports" / "runs",
        profile="smoke", parameters={"dataset": "fer2013", "root": str(tmp_path / "mine")},
    )  # fmt: skip
    assert result.error == ""
    rows = {r["id"]: r for r in json.loads((tmp_path / "out" / "dataset_audit" / "entries.json").read_text())}
    assert rows["identical"]["evidence"] == "stand-in"
    assert rows["identical"]["reproduced"].startswith("10 images, 5 distinct")
    assert {name for name, row in rows.items() if row["evidence"] == "not run"} == {"votes", "entropy", "scores"}


def test_every_notebook_is_in_the_catalogue_and_every_paper_has_a_report() -> None:
    made_by = {get_report(name).source for name in list_reports()}
    # The notebook to explore the results in is no report, and has no parameters.
    assert set(reports_of(ROOT / "notebooks")) == made_by
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - made_by == {"explore"}
    assert set(list_papers()) <= set(list_reports())
    for name in list_reports():
        ids = [entry.id for entry in get_report(name).entries]
        assert ids
        assert len(ids) == len(set(ids))
    with pytest.raises(FerstudyError, match="did you mean dataset_audit"):
        get_report("data_audit")


def test_pages_link_to_what_exists_and_name_every_picture(smoke: Path) -> None:
    import re

    for page in (smoke / "index.html", *smoke.glob("*/index.html")):
        text = page.read_text()
        assert "http-equiv" not in text
        # Nothing is loaded from elsewhere; what leads away are the papers' own addresses.
        outside = re.findall(r'<(\w+)[^>]*?(?:src|href)="(https?:[^"]+)', text)
        assert {tag for tag, _ in outside} <= {"a"}
        assert {address for _, address in outside} <= {get_paper(key).address for key in list_papers()}
        ids = re.findall(r'id="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        for target in re.findall(r'(?:src|href)="(?!data:|https:)([^"#]+)', text):
            assert (page.parent / target).exists(), target
        assert all('alt="' in image for image in re.findall(r"<img[^>]*>", text))


def test_recorded_numbers_on_the_page_are_those_of_the_runs(smoke: Path) -> None:
    import pandas as pd

    from ferstudy.runs import load_run

    table = pd.read_csv(smoke / "lite_xception" / "T4.csv")
    run = load_run(ROOT / "reports" / "runs" / "lite_xception.fer2013.strict.s0")
    row = table[(table["system"] == "Table 1 widths (ours)") & (table["views"] == "ten_crop")].iloc[0]
    assert row["accuracy"] == pytest.approx(100 * run.metrics["PrivateTest.ten_crop"]["accuracy"], abs=0.005)


def test_the_paper_profile_measures_what_was_recorded(tmp_path: Path, real_fer2013: object) -> None:
    out = tmp_path / "reports"
    build_all(["lite_xception"], notebooks=ROOT / "notebooks", out=out, runs=ROOT / "reports" / "runs", profile="paper")
    rows = {row["id"]: row for row in json.loads((out / "index.json").read_text())}
    assert {rows[i]["evidence"] for i in ("T2", "T3", "F4", "F6", "F7", "calibration")} == {"measured"}
    # Beside its table and figure stands what recorded runs of other papers say of a printed gain.
    files = {file["path"]: file["evidence"] for file in rows["T4"]["files"]}
    assert files.pop("lite_xception/T4_gains.csv") == "recorded"
    assert set(files.values()) == {"measured"}
    shutil.rmtree(out)


def test_times_that_stand_stay_unless_asked_for(notebooks: Path) -> None:
    """A rebuild changes no page for the clock's sake; the new times lie beside the reports."""
    path = notebooks / "lite_xception.ipynb"
    timed = "import pandas as pd, time\\nreport.table('X1', pd.DataFrame({'ns': [time.time_ns()]}), 'measured', name='X1_time')"
    path.write_text(path.read_text().replace("report.claim", f"{timed}\\nreport.claim"))
    out = notebooks.parent / "reports"
    seen = []
    for options in ({}, {"force": True}, {"force": True, "times": True}):
        assert run(notebooks, **options).outcome == "built"
        seen.append((out / "lite_xception" / "X1_time.csv").read_text())
    assert seen[0] == seen[1] != seen[2]
    assert (out / ".times" / "lite_xception" / "X1_time.csv").read_text() == seen[2]
