"""Stages overlap, in order, and stop when they are told to."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ferstudy.errors import FerstudyError
from ferstudy.prediction import open_pipeline
from ferstudy.vision.boxes import U8
from ferstudy.vision.media import Frame, Source, open_source
from ferstudy.vision.pipeline import Face
from ferstudy.vision.progress import Progress
from ferstudy.vision.samples import PHOTO, sample_frames, write_sample_video
from ferstudy.vision.stream import Summary, ahead, labelled, run
from ferstudy.vision.window import Window


def test_items_come_in_order_and_ahead() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for k in range(20):
            made.append(k)
            yield k

    taken = ahead(items())
    assert next(taken) == 0
    time.sleep(0.3)
    # As many as wait, one in the maker's hand, and the one that was taken; not all of them.
    assert 3 <= len(made) <= 7
    assert [*taken] == list(range(1, 20))


def test_an_error_is_raised_where_items_are_taken() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise FerstudyError("broken")

    taken = ahead(items())
    assert next(taken) == 1
    with pytest.raises(FerstudyError, match="broken"):
        next(taken)


def test_who_leaves_early_leaves_no_thread() -> None:
    before = threading.active_count()
    taken = ahead(ahead(iter(range(10**9))))
    assert next(taken) == 0
    taken.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() == before


def film(frames: list[U8 | None]) -> Source:
    return Source("video", "made", 25.0, lambda: iter([Frame("made", k, f, "damaged") for k, f in enumerate(frames)]))


def test_people_of_a_film_are_summed_up(tmp_path: Path) -> None:
    summary = run(open_pipeline(), film([*itertools.islice(sample_frames(48), 4), None]), tmp_path / "out")
    (person,) = summary.people.values()
    assert (person.first, person.last, person.frames) == (0, 3, 4)
    assert str(person).startswith("made, face 1, frames 0 to 3: happy ")
    assert sum(person.face.probabilities.values()) == pytest.approx(1)
    assert summary.to_dict()["people"][0]["face"]["label"] == "happy"


def test_a_limit_counts_frames(tmp_path: Path) -> None:
    assert run(open_pipeline(), film([*sample_frames(6)]), tmp_path / "out", limit=2).frames == 2


def test_who_watches_may_end_it(tmp_path: Path) -> None:
    seen: list[int] = []

    def watch(frame: Frame, faces: list[Face], annotated: U8 | None) -> bool:
        seen.append(frame.number)
        return len(seen) < 3

    assert run(open_pipeline(), film([*sample_frames(9)]), tmp_path / "out", on_frame=watch).frames == 3
    assert seen == [0, 1, 2]


def test_following_writes_what_searching_writes(tmp_path: Path) -> None:
    """On the sample's film the labels agree on every face; the bar is 99 %."""
    write_sample_video(tmp_path / "v.mp4", count=48)
    source = open_source(str(tmp_path / "v.mp4"))
    alone = [open_pipeline().process(frame.image) for frame in source.frames() if frame.image is not None]
    together = [faces for _, faces in labelled(open_pipeline(), source)]
    pairs = [
        (a.label, b.label) for one, two in zip(alone, together, strict=True) for a, b in zip(one, two, strict=True)
    ]
    assert len(pairs) == 48
    assert sum(a == b for a, b in pairs) >= 0.99 * len(pairs)


def test_skipped_files_are_counted_and_named() -> None:
    said = str(Summary(frames=1, faces=2, skipped=["a.txt", "b\n.mp4"]))
    assert "2 faces in 1 frame" in said
    assert "skipped 2 files that are no picture: a.txt, b\\n.mp4" in said


def test_a_line_a_face_and_values_for_programs() -> None:
    source = open_source(str(PHOTO))
    lines: list[str] = []
    say, keep = Progress(source, None, lines.append), Progress(source, None, None)
    for frame, faces in labelled(open_pipeline(), source):
        for progress in (say, keep):
            progress(frame, faces, frame.image)
    say(Frame("b\x1b.jpg", 0, np.zeros((9, 9, 3), np.uint8)), [], np.zeros((9, 9, 3), np.uint8))
    assert lines[0].startswith("astronaut.jpg: happy 9")
    assert lines[1] == "b\\x1b.jpg: no face found"
    assert keep.found[0]["probabilities"]["happy"] > 0.5


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    progress = Progress(Source("folder", "pictures", 0.0, lambda: iter([]), 5), 3, print)
    progress(Frame("a.jpg", 0, None, "damaged"), [], None)
    progress.close()
    assert "pictures" in (said := capsys.readouterr().err)
    assert "1/3" in said


class NoScreen:
    """A tkinter that notes what it is told."""

    def __init__(self) -> None:
        self.bound: dict[str, object] = {}
        self.closed = False

    def title(self, text: str) -> None: ...
    def update(self) -> None: ...
    def pack(self) -> None: ...
    def configure(self, image: object) -> None: ...

    def protocol(self, name: str, call: object) -> None:
        self.bound[name] = call

    def bind(self, key: str, call: object) -> None:
        self.bound[key] = call

    def destroy(self) -> None:
        self.closed = True


def test_a_window_shows_frames_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    tkinter = pytest.importorskip("tkinter")
    screen, shown = NoScreen(), []
    monkeypatch.setattr(tkinter, "Tk", lambda: screen)
    monkeypatch.setattr(tkinter, "Label", lambda root: screen)
    monkeypatch.setattr(tkinter, "PhotoImage", lambda data, format: shown.append(data))
    window = Window()
    assert window.show(np.full((2, 3, 3), 7, np.uint8))
    assert shown == [b"P6 3 2 255 " + b"\x07" * 18]
    screen.bound["<Escape>"](None)  # type: ignore[operator]
    assert not window.show(np.zeros((2, 3, 3), np.uint8))
    window.close()
    assert screen.closed


def test_no_screen_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(FerstudyError, match="cannot open a window .*leave out --show"):
        Window()
