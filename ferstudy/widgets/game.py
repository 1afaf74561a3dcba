"""The labelling game: faces against the clock, and how far one agrees with those who labelled them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from html import escape
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt

from ferstudy.colours import EMOTION_COLOURS
from ferstudy.course.labelling import SILENT, Answers
from ferstudy.widgets.drawing import picture, png, side_by_side
from ferstudy.widgets.live import Live

U8 = npt.NDArray[np.uint8]


class LabellingGame(Live):
    """Say what each face shows, one after the other, until all are answered or the time is up.

    Args:
        images: uint8 (N, H, W).
        labels: (N,) what their makers say.
        classes: Class names in label order.
        faces: What this set of faces is called: answers are pooled by it.
        folder: Where the results file goes.
        seconds: Time for all faces.
    """

    def __init__(
        self,
        images: U8,
        labels: Sequence[int] | npt.NDArray[np.int64],
        classes: Sequence[str],
        faces: str,
        folder: Path | str = "answers",
        seconds: float = 60,
    ) -> None:
        self._images, self.labels, self.classes = images, tuple(map(int, labels)), tuple(classes)
        self._faces, self._folder, self.seconds = faces, Path(folder), seconds
        self.answers: list[int] = []
        self._times: list[float] = []
        self._alarm: asyncio.TimerHandle | None = None
        self.name = widgets.Text(placeholder="a name that is not yours", description="player")
        self.start_button = widgets.Button(description="Start", button_style="primary")
        self.start_button.on_click(lambda _: self.start())
        self._face = widgets.Image(format="png", width=240, height=240)
        self._said = widgets.HTML(f"<p>{len(images)} faces, {seconds:g} seconds. Choose the word that fits best.</p>")
        self.buttons = [self._button(k) for k in range(len(classes))]
        self._choices = widgets.HBox(self.buttons)
        self._clock = widgets.HTML()
        super().__init__([widgets.HBox([self.name, self.start_button]), self._said])

    @property
    def finished(self) -> bool:
        """Whether all faces have an answer, or the time is up."""
        return len(self.answers) == len(self._images)

    def start(self) -> None:
        """Show the first face and start the clock."""
        self.answers, self._times = [], []
        self._shown = time.monotonic()
        self._stop_clock()
        try:
            self._alarm = asyncio.get_running_loop().call_later(self.seconds, self.time_up)
        except RuntimeError:
            # Outside a kernel nobody waits.
            self._alarm = None
        self._clock.value = _running_out(self.seconds)
        self._next()
        self.children = [self._clock, self._face, self._choices, self._said]

    def answer(self, choice: int) -> None:
        """Take an answer, a class, and show the next face; the last one ends the game."""
        if self.finished:
            return
        now = time.monotonic()
        self.answers.append(choice)
        self._times.append(round(now - self._shown, 2))
        self._shown = now
        if self.finished:
            self._end()
        else:
            self._next()

    def time_up(self) -> None:
        """End the game; what was not answered stays silent."""
        missing = len(self._images) - len(self.answers)
        if missing:
            self.answers += [SILENT] * missing
            self._times += [0.0] * missing
            self._end()

    def results(self) -> Answers:
        """The answers as they are kept."""
        return Answers(self.name.value or "player", self._faces, tuple(self.answers), tuple(self._times))

    def agreement(self) -> float:
        """Share of answers that are the label, 0 to 1."""
        return float(np.mean(np.array(self.answers) == self.labels)) if self.finished else float("nan")

    def still(self) -> str:
        """The faces before and during a game; with answers and labels after it."""
        rows = []
        for k, image in enumerate(self._images):
            under = ""
            if self.finished:
                said = self.classes[self.answers[k]] if self.answers[k] != SILENT else "nothing"
                mark = "" if self.answers[k] == self.labels[k] else "≠ "
                under = f"<div>you: {escape(said)}<br>{mark}label: {escape(self.classes[self.labels[k]])}</div>"
            alt = f"face {k + 1} of the game"
            rows.append(f'<div style="text-align: center; font-size: 14px">{picture(image, 96, alt)}{under}</div>')
        return f"{self._said.value}{side_by_side(*rows)}"

    def _button(self, k: int) -> widgets.Button:
        name = self.classes[k]
        layout = widgets.Layout(
            width="98px", height="44px", border_bottom=f"6px solid {EMOTION_COLOURS.get(name, '#777')}"
        )
        button = widgets.Button(description=name, layout=layout)
        button.on_click(lambda _: self.answer(k))
        return button

    def _next(self) -> None:
        self._face.value = png(self._images[len(self.answers)])
        self._said.value = f"<p>face {len(self.answers) + 1} of {len(self._images)}</p>"

    def _end(self) -> None:
        self._stop_clock()
        answered = sum(a != SILENT for a in self.answers)
        took = [t for t, a in zip(self._times, self.answers, strict=True) if a != SILENT]
        each = f", {np.mean(took):.1f} seconds a face" if took else ""
        path = self.results().write(self._folder)
        self._said.value = (
            f'<p style="font-size: 19px">You agree with the labels on <b>{100 * self.agreement():.0f} %</b> of '
            f"{len(self._images)} faces ({answered} answered{each}).</p><p>Results file: {escape(str(path))}</p>"
        )
        self.start_button.description = "Again"
        self.children = [widgets.HTML(self.still()), widgets.HBox([self.name, self.start_button])]

    def _stop_clock(self) -> None:
        self._clock.value = ""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


def _running_out(seconds: float) -> str:
    """A bar that empties by itself: the page moves it, the kernel only keeps the time."""
    shrink = "@keyframes ferstudy-clock {from {width: 480px} to {width: 0}}"
    bar = f"height: 10px; background: #D55E00; animation: ferstudy-clock {seconds:g}s linear forwards"
    return f'<style>{shrink}</style><div role="timer" aria-label="time left" style="{bar}"></div>'
