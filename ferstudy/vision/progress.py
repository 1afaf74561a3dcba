"""What is said while pictures and films are worked through: a bar, a line a face, a live window."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ferstudy.vision.boxes import U8
from ferstudy.vision.media import Frame, Source, printable
from ferstudy.vision.pipeline import Face

if TYPE_CHECKING:
    from ferstudy.vision.window import Window


class Progress:
    """Follows :func:`ferstudy.vision.stream.run` as its ``on_frame``.

    Args:
        source: What is worked through.
        limit: Frames after which it stops; ``None`` for its end.
        say: Gets the line of each face of a picture; ``None`` to keep the faces in ``found`` instead.
        window: Shows each frame and ends the work when it is closed.

    Attributes:
        found: The faces of pictures as plain values. Those of a film are in its summary by person.
    """

    def __init__(
        self, source: Source, limit: int | None, say: Callable[[str], None] | None, window: Window | None = None
    ) -> None:
        self.found: list[dict[str, Any]] = []
        self._source = source
        self._say = say
        self._window = window
        self._bar: Any = None
        if source.kind != "image" and sys.stderr.isatty():
            from tqdm import tqdm

            known = [count for count in (source.count, limit) if count]
            self._bar = tqdm(total=min(known, default=None), unit="frame", desc=printable(source.name))

    def __call__(self, frame: Frame, faces: list[Face], annotated: U8 | None) -> bool | None:
        """Say a frame's faces; ``False`` once the window is closed."""
        if self._bar is not None:
            self._bar.update()
        if annotated is None:
            return None
        if not self._source.moves:
            if self._say is None:
                self.found += [asdict(face) for face in faces]
            else:
                for line in [f"{face.source}: {face}" for face in faces] or [f"{printable(frame.name)}: no face found"]:
                    (self._say if self._bar is None else self._bar.write)(line)
        return None if self._window is None else self._window.show(annotated)

    def close(self) -> None:
        """Remove the bar and the window."""
        if self._bar is not None:
            self._bar.close()
        if self._window is not None:
            self._window.close()
