"""What a source leaves on disk: annotated pictures or a film, and ``faces.csv``, a row a face; whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import U8
from ferstudy.vision.media import ANNOTATED, Frame, Source, printable
from ferstudy.vision.pipeline import Face

TABLE = "faces.csv"
FILM = "annotated.mp4"
_COLUMNS = ("source", "frame", "track", "x", "y", "width", "height", "label", "confidence")
# Longest name in bytes that every usual file system takes.
_LONGEST = 255


class Output:
    """Results in a hidden folder beside their place until they are whole.

    Args:
        source: What they are of.
        folder: Their place. Results of an earlier call there are replaced, other files never.
        classes: Class names, a column each.

    Raises:
        FerstudyError: The folder cannot be written, or holds files of the same names that are not ours.
    """

    def __init__(self, source: Source, folder: Path, classes: Sequence[str]) -> None:
        self._source = source
        self._folder = folder
        self._ours = _is_ours(folder / TABLE)
        for name in (TABLE, FILM) if source.moves else (TABLE,):
            self._check(folder / name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
            self._table = (self._temporary / TABLE).open("w", newline="", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise self._cannot(error) from error
        self._rows = csv.writer(self._table)
        self._rows.writerow([*_COLUMNS, *classes])
        self._film: Any = None
        self._size = (0, 0)
        self._frames = 0

    def write(self, frame: Frame, annotated: U8, faces: Sequence[Face]) -> None:
        """Add a frame: its picture (spoilt by this call) and its faces.

        Raises:
            FerstudyError: No more room, or a file of this name that is not ours.
        """
        try:
            for face in faces:
                box, p = face.box, face.probabilities.values()
                track = "" if face.track is None else face.track
                numbers = [f"{v:.6f}" for v in (face.confidence, *p)]
                place = (printable(frame.name), frame.number, track, box.x, box.y, box.width, box.height)
                self._rows.writerow([*place, face.label, *numbers])
            if self._source.moves:
                self._add(annotated)
            else:
                self._save(annotated, frame.name)
        except OSError as error:
            raise self._cannot(error) from error

    def _save(self, annotated: U8, name: str) -> None:
        import cv2

        place = Path(name).with_name(_fitting(Path(name).name))
        self._check(self._folder / place)
        (self._temporary / place).parent.mkdir(parents=True, exist_ok=True)
        bgr = cv2.cvtColor(annotated, cv2.COLOR_RGB2BGR, dst=annotated)
        # Through memory, because OpenCV neither takes every name nor says why a file cannot be written.
        (self._temporary / place).write_bytes(memoryview(cv2.imencode(".png", bgr)[1]))  # type: ignore[arg-type]

    def _add(self, annotated: U8) -> None:
        import cv2

        height, width = annotated.shape[:2]
        if self._film is None:
            self._size = (width, height)
            code = cv2.VideoWriter.fourcc(*"mp4v")
            self._film = cv2.VideoWriter(str(self._temporary / FILM), code, self._source.fps, self._size)
        image = annotated if (width, height) == self._size else cv2.resize(annotated, self._size)
        self._film.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        self._frames += 1

    def finish(self) -> list[str]:
        """Put the files in their place; their paths.

        Raises:
            FerstudyError: They could not be written whole.
        """
        try:
            self._close()
        except OSError as error:
            raise self._cannot(error) from error
        if self._film is not None and (found := _frames_of(self._temporary / FILM)) != self._frames:
            raise FerstudyError(
                f"cannot write {self._folder / FILM} whole: {found} of {self._frames} frames can be read back; "
                "is the disk full?"
            )
        files = []
        try:
            # The table first: it marks the folder as ours.
            paths = sorted(p for p in self._temporary.rglob("*") if p.is_file())
            for path in sorted(paths, key=lambda p: p.name != TABLE):
                target = self._folder / path.relative_to(self._temporary)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, target)
                files.append(printable(str(target)))
        except OSError as error:
            raise self._cannot(error) from error
        return files

    def _close(self) -> None:
        if self._film is not None:
            self._film.release()
        self._table.close()

    def discard(self) -> None:
        """Remove what is not in its place."""
        try:
            self._close()
        except OSError:
            # A full disk; the file goes anyway.
            pass
        finally:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _check(self, target: Path) -> None:
        if not target.exists():
            return
        given = Path(self._source.name)
        if given.is_file() and target.samefile(given):
            raise FerstudyError(f"{printable(str(target))} is the input and would be overwritten; choose another --out")
        if not self._ours:
            raise FerstudyError(
                f"{printable(str(target))} is there and no result of an earlier call; choose another --out"
            )

    def _cannot(self, error: OSError) -> FerstudyError:
        return FerstudyError(f"cannot write to {printable(str(self._folder))} ({error.strerror}); choose another --out")


def _is_ours(table: Path) -> bool:
    """Whether a table of faces was written by :class:`Output`."""
    try:
        with table.open(encoding="utf-8", errors="replace") as file:
            return file.readline(200).startswith(",".join(_COLUMNS))
    except OSError:
        return False


def _fitting(name: str) -> str:
    """The annotated copy's name; of a very long one the end is replaced by a digest of the whole."""
    if len(os.fsencode(name + ANNOTATED)) <= _LONGEST:
        return name + ANNOTATED
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    room = _LONGEST - len(ANNOTATED) - len(digest) - 1
    return f"{os.fsencode(name)[:room].decode('utf-8', 'ignore')}-{digest}{ANNOTATED}"


def _frames_of(film: Path) -> int:
    """Frames that can be read of a film."""
    import cv2

    capture, count = cv2.VideoCapture(str(film)), 0
    while capture.grab():
        count += 1
    capture.release()
    return count
