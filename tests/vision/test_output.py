"""Results are whole or not there, and nobody's files are overwritten."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from ferstudy.errors import FerstudyError
from ferstudy.prediction import open_pipeline
from ferstudy.vision import output
from ferstudy.vision.media import open_source
from ferstudy.vision.pipeline import Pipeline
from ferstudy.vision.samples import PHOTO, write_sample_video
from ferstudy.vision.stream import Summary, run
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return open_pipeline()


def photo(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PHOTO.read_bytes())
    return path


def go(pipeline: Pipeline, source: Path, out: Path, recursive: bool = False) -> Summary:
    return run(pipeline, open_source(str(source), recursive, leave_out=out), out)


def test_the_input_is_never_overwritten(pipeline: Pipeline, tmp_path: Path) -> None:
    film = tmp_path / "annotated.mp4"
    write_sample_video(film, count=3)
    before = film.read_bytes()
    with pytest.raises(FerstudyError, match="is the input and would be overwritten"):
        go(pipeline, film, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["annotated.mp4"]
    assert film.read_bytes() == before


@pytest.mark.parametrize("name", ["faces.csv", "photo.jpg.annotated.png"])
def test_foreign_files_are_never_overwritten(name: str, pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(FerstudyError, match="no result of an earlier call"):
        go(pipeline, photo(tmp_path / "photo.jpg"), tmp_path / "out")
    assert [(p.name, p.read_text()) for p in (tmp_path / "out").iterdir()] == [(name, "mine")]


def test_earlier_results_are_replaced(pipeline: Pipeline, tmp_path: Path) -> None:
    first = go(pipeline, photo(tmp_path / "photo.jpg"), tmp_path / "out")
    assert go(pipeline, tmp_path / "photo.jpg", tmp_path / "out").files == first.files


def test_results_beside_the_pictures_are_not_taken_for_pictures(pipeline: Pipeline, tmp_path: Path) -> None:
    photo(tmp_path / "photo.jpg")
    for _ in range(2):
        summary = go(pipeline, tmp_path, tmp_path)
        assert summary.frames == 1
    assert summary.skipped == ["photo.jpg.annotated.png"]


def test_folders_in_folders(pipeline: Pipeline, tmp_path: Path) -> None:
    photo(tmp_path / "a" / "x.jpg")
    photo(tmp_path / "a" / "b" / "x.jpg")
    photo(tmp_path / "a" / "out" / "old.jpg")
    assert go(pipeline, tmp_path / "a", tmp_path / "a" / "out").frames == 1
    summary = go(pipeline, tmp_path / "a", tmp_path / "a" / "out", recursive=True)
    assert summary.frames == 2
    assert (tmp_path / "a" / "out" / "b" / "x.jpg.annotated.png").is_file()
    assert sorted(pd.read_csv(tmp_path / "a" / "out" / "faces.csv")["source"]) == ["b/x.jpg", "x.jpg"]


NAMES = {
    "long": "n" * 245 + ".jpg",
    "long and not ASCII": "ü" * 120 + ".jpg",
    "no text": b"caf\xe9.jpg".decode("utf-8", "surrogateescape"),
    "a line's end": "a\nb.jpg",
}


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_cost_nothing(name: str, pipeline: Pipeline, tmp_path: Path) -> None:
    """Neither their own results nor those of the folder."""
    photo(tmp_path / "in" / NAMES[name])
    photo(tmp_path / "in" / "z.jpg")
    summary = go(pipeline, tmp_path / "in", tmp_path / "out")
    assert (summary.frames, summary.faces) == (2, 2)
    assert len(list((tmp_path / "out").glob("*.annotated.png"))) == 2
    assert len(pd.read_csv(tmp_path / "out" / "faces.csv")) == 2
    assert all(file.isprintable() for file in summary.files)


def test_long_names_stay_apart(pipeline: Pipeline, tmp_path: Path) -> None:
    for end in "ab":
        photo(tmp_path / "in" / f"{'n' * 240}{end}.jpg")
    go(pipeline, tmp_path / "in", tmp_path / "out")
    assert len(list((tmp_path / "out").glob("*.annotated.png"))) == 2


def test_a_film_that_lacks_frames_is_no_result(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sample_video(tmp_path / "v.mp4", count=4)
    monkeypatch.setattr(output, "_frames_of", lambda film: 3)
    with pytest.raises(FerstudyError, match="3 of 4 frames can be read back"):
        go(pipeline, tmp_path / "v.mp4", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def limited() -> None:
    """Files of at most 32 KiB, as on a disk that is nearly full."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 * 1024, 32 * 1024))


@pytest.mark.parametrize("make", [write_sample_video, lambda path: photo(path)], ids=["film", "picture"])
def test_a_full_disk_is_told(make: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / ("v.mp4" if make is write_sample_video else "p.jpg")
    make(path)
    command = [sys.executable, "-m", "ferstudy.cli", "predict", str(path), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limited,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("ferstudy:")]
    assert len(lines) == 1
    assert "cannot write" in lines[0]
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


# Says the peak memory of its process at its end, in KiB, as Linux counts it.
LARGE = """
import re, sys
from pathlib import Path
from ferstudy.cli import main
sys.argv = ["ferstudy", "predict", *sys.argv[1:]]
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux tells a process its peak memory")
def test_a_large_picture_takes_less_than_a_gigabyte(tmp_path: Path) -> None:
    with Image.open(PHOTO) as face:
        large = Image.new("RGB", (12000, 9000), (90, 110, 130))
        large.paste(face.resize((4000, 4000)), (6000, 3000))
    large.save(tmp_path / "large.jpg")
    large.close()
    command = [sys.executable, "-c", LARGE, str(tmp_path / "large.jpg"), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "large.jpg: happy" in done.stdout
    assert int(done.stdout.splitlines()[-1]) * 1024 <= 10**9
    Image.MAX_IMAGE_PIXELS, most = None, Image.MAX_IMAGE_PIXELS
    try:
        with Image.open(tmp_path / "out" / "large.jpg.annotated.png") as annotated:
            assert annotated.size == (12000, 9000)
    finally:
        Image.MAX_IMAGE_PIXELS = most
