"""A source from its first frame to its files: reading, labelling and drawing overlap, and memory stays the same."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import U8
from ferstudy.vision.drawing import draw_on
from ferstudy.vision.media import Frame, Source, printable
from ferstudy.vision.output import Output
from ferstudy.vision.pipeline import STAGES, Face, Pipeline
from ferstudy.vision.tracking import Appearance, Tracker

T = TypeVar("T")
# Frames that wait between two stages.
_WAITING = 4


@dataclass
class Summary:
    """What a source held and what it cost.

    Attributes:
        frames: Pictures processed.
        faces: Faces found.
        frames_without_face: Pictures in which none was found.
        corrupt_frames: Pictures that could not be decoded.
        problems: Why not, a line each, the first ten.
        skipped: Files of a folder that are no pictures.
        seconds: By stage; in a film the stages overlap.
        elapsed: Seconds from the first frame to the last.
        files: What was written.
        people: Of a film, each track's time and mean expression.
    """

    frames: int = 0
    faces: int = 0
    frames_without_face: int = 0
    corrupt_frames: int = 0
    problems: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    elapsed: float = 0.0
    files: list[str] = field(default_factory=list)
    people: dict[int, Appearance] = field(default_factory=dict)

    @property
    def frames_per_second(self) -> float:
        """By the clock, the stages together."""
        return self.frames / max(self.elapsed, 1e-9)

    def milliseconds(self) -> dict[str, float]:
        """Milliseconds a frame by stage."""
        return {stage: 1000 * s / max(self.frames, 1) for stage, s in self.seconds.items()}

    def count(self, faces: list[Face], moves: bool) -> None:
        """Add a frame's faces."""
        self.frames += 1
        self.faces += len(faces)
        self.frames_without_face += not faces
        for face in faces if moves else ():
            assert face.track is not None
            if face.track in self.people:
                self.people[face.track].add(face)
            else:
                self.people[face.track] = Appearance(face, face.frame, face.frame)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "people": [asdict(p) for p in self.people.values()],
                "frames_per_second": self.frames_per_second}  # fmt: skip

    def __str__(self) -> str:
        found = f"{_many(self.faces, 'face')} in {_many(self.frames, 'frame')}"
        lines = [f"{found}, {self.frames_per_second:.1f} frames a second"]
        if self.frames_without_face:
            lines.append(f"no face found in {_many(self.frames_without_face, 'frame')}")
        if self.corrupt_frames:
            lines += [f"{_many(self.corrupt_frames, 'frame')} could not be read", *(f"  {p}" for p in self.problems)]
        if self.skipped:
            some = ", ".join(map(printable, self.skipped[:5])) + (", ..." if len(self.skipped) > 5 else "")
            lines.append(f"skipped {_many(len(self.skipped), 'file')} that {_is(self.skipped)} no picture: {some}")
        lines.append("milliseconds a frame: " + ", ".join(f"{k} {v:.1f}" for k, v in self.milliseconds().items()))
        return "\n".join([*lines, *(f"wrote {file}" for file in self.files)])


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _is(what: list[str]) -> str:
    return "is" if len(what) == 1 else "are"


def labelled(
    pipeline: Pipeline,
    source: Source,
    limit: int | None = None,
    smooth: int = 0,
    detect_every: int = 1,
    min_confidence: float = 0.0,
) -> Iterator[tuple[Frame, list[Face]]]:
    """The frames of a source with their faces; of a film, the next frames are read and labelled meanwhile.

    Args:
        pipeline: Detector and network.
        source: From :func:`ferstudy.vision.media.open_source`.
        limit: Stop after so many frames; ``None`` for the source's end.
        smooth, detect_every: As :class:`~ferstudy.vision.tracking.Tracker` has them; for films and cameras.
        min_confidence: Faces whose likeliest class is less probable than this, 0 to 1, are left out.

    Raises:
        FerstudyError: A number is out of range.
    """
    if not 0 <= min_confidence <= 1:
        raise FerstudyError(f"expected a least confidence of 0 to 1, got {min_confidence:g}")
    find = Tracker(pipeline, smooth, detect_every).process if source.moves else pipeline.process

    def label(frame: Frame) -> tuple[Frame, list[Face]]:
        found = [] if frame.image is None else find(frame.image)
        named = [replace(face, source=printable(frame.name), frame=frame.number) for face in found]
        return frame, [face for face in named if face.confidence >= min_confidence]

    frames = itertools.islice(_timed(source.frames(), pipeline), limit)
    if not source.moves:
        # One large picture at a time.
        return map(label, frames)
    return ahead(map(label, ahead(frames)))


def _timed(frames: Iterator[Frame], pipeline: Pipeline) -> Iterator[Frame]:
    while True:
        with pipeline.timed("read"):
            frame = next(frames, None)
        if frame is None:
            return
        yield frame


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The items, made in a thread of their own, a few ahead of who takes them; its errors are raised here."""
    made: queue.Queue[tuple[bool, Any]] = queue.Queue(_WAITING)
    left = threading.Event()

    def put(more: bool, item: Any) -> None:
        while not left.is_set():
            try:
                return made.put((more, item), timeout=0.1)
            except queue.Full:
                continue

    def make() -> None:
        try:
            for item in items:
                put(True, item)
                if left.is_set():
                    return
        except BaseException as error:
            put(False, error)
        else:
            put(False, None)

    maker = threading.Thread(target=make, daemon=True)
    maker.start()
    try:
        while True:
            more, item = made.get()
            if more:
                yield item
            elif item is None:
                return
            else:
                raise item
    finally:
        left.set()
        # A camera that gives nothing more must not hold up the end.
        maker.join(timeout=5)


def run(
    pipeline: Pipeline,
    source: Source,
    out: Path,
    limit: int | None = None,
    smooth: int = 0,
    detect_every: int = 1,
    min_confidence: float = 0.0,
    on_frame: Callable[[Frame, list[Face], U8 | None], bool | None] = lambda *_: None,
) -> Summary:
    """Process a source and write its annotated pictures or film and ``faces.csv``, a row a face.

    Memory does not grow with the length of a film. Interrupting a camera keeps what was seen so far.

    Args:
        pipeline: Detector and network.
        source: From :func:`ferstudy.vision.media.open_source`.
        out: Folder for the results.
        limit, smooth, detect_every, min_confidence: As :func:`labelled` has them.
        on_frame: Is told each frame, its faces and its annotated picture, ``None`` for one that could not be read;
            it ends the work by ``False``.

    Raises:
        FerstudyError: The folder cannot be written, or no frame of the source could be read.
    """
    summary = Summary(skipped=list(source.skipped))
    pipeline.seconds = summary.seconds
    seen = labelled(pipeline, source, limit, smooth, detect_every, min_confidence)
    output = Output(source, out, pipeline.classes)
    started = time.perf_counter()
    try:
        try:
            for frame, faces in seen:
                if _finish(frame, faces, pipeline, output, summary, on_frame, source.moves) is False:
                    break
        except KeyboardInterrupt:
            if source.kind != "camera":
                raise
        if not summary.frames:
            raise FerstudyError(
                f"{printable(source.name)}: no frame could be read; {'; '.join(summary.problems) or 'it is empty'}"
            )
        summary.files = output.finish()
        summary.elapsed = time.perf_counter() - started
    finally:
        if isinstance(seen, Iterator) and hasattr(seen, "close"):
            seen.close()
        output.discard()
    return summary


def _finish(
    frame: Frame,
    faces: list[Face],
    pipeline: Pipeline,
    output: Output,
    summary: Summary,
    on_frame: Callable[[Frame, list[Face], U8 | None], bool | None],
    moves: bool,
) -> bool | None:
    """Draw, tell and write a frame."""
    if frame.image is None:
        summary.corrupt_frames += 1
        summary.problems = [*summary.problems, frame.problem][:10]
        return on_frame(frame, faces, None)
    with pipeline.timed("draw"):
        annotated = frame.image if frame.image.flags.writeable else frame.image.copy()
        draw_on(annotated, faces)
    summary.count(faces, moves)
    more = on_frame(frame, faces, annotated)
    with pipeline.timed("write"):
        output.write(frame, annotated, faces)
    return more
