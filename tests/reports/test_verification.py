"""Reports against their rebuilt selves: what counts as the same, and what is said of each kind of file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ferstudy.reports.runner import build_all
from ferstudy.reports.verification import compare, verify

TABLE = "a,b\n1,2\n3,4\n"


def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "T1.csv").write_text(TABLE)
        (folder / "index.html").write_text("<p>one</p>\n<p>two</p>\n")
        Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(folder / "F1.png")
    return tmp_path / "old", tmp_path / "new"


def test_equal_folders_do_not_differ_whatever_the_clock_said(tmp_path: Path) -> None:
    old, new = folders(tmp_path)
    (new / "X1_time.csv").write_text("ms\n3\n")
    (new / ".build.json").write_text("{}")
    (new / "report.ipynb").write_text("{}")
    assert compare(old, new) == []


def test_each_kind_of_file_says_what_differs(tmp_path: Path) -> None:
    old, new = folders(tmp_path)
    (new / "T1.csv").write_text("a,b\n1,2\n3,5\n")
    (new / "index.html").write_text("<p>one</p>\n<p>three</p>\n")
    picture = np.zeros((4, 5, 3), np.uint8)
    picture[1, 2] = 7
    Image.fromarray(picture).save(new / "F1.png")
    (new / "F2.png").write_bytes(b"")
    (old / "F3.png").write_bytes(b"")
    assert compare(old, new) == [
        "F1.png: 1 of 20 pixels differ, by up to 7 of 255",
        "F2.png is new",
        "F3.png is no longer made",
        "T1.csv: cells that differ: 1, row 3 column 2: '4' before, '5' now",
        "index.html: lines that differ: 2, - <p>two</p>; + <p>three</p>",
    ]
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(new / "F1.png")
    assert compare(old, new)[0] == "F1.png: 5 x 4 pixels before, 6 x 4 now"


def test_a_report_is_rebuilt_and_compared(notebooks: Path) -> None:
    """What stands is left as it is; a change of a table's file is seen, a failure is a difference."""
    out = notebooks.parent / "reports"
    options = {"notebooks": notebooks, "profile": "smoke", "runs": notebooks.parent / "runs", "out": out}
    build_all(["lite_xception"], **options)
    (verdict,) = verify(["lite_xception"], **options)
    assert str(verdict) == "lite_xception: identical"
    entries = out / "lite_xception" / "entries.json"
    entries.write_text(entries.read_text().replace("49,783", "49,784"))
    (verdict,) = verify(["lite_xception"], **options)
    assert [line.split(":")[0] for line in verdict.differences] == ["entries.json"]
    assert "49,784" in entries.read_text()
    (verdict,) = verify(["lite_xception"], **options, parameters={"mode": "fails"})
    assert "could not be built: cell" in verdict.differences[0]
