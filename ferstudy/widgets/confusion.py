"""A confusion matrix whose cells show their faces on a click."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt

from ferstudy.widgets.drawing import picture, side_by_side
from ferstudy.widgets.live import Live

U8 = npt.NDArray[np.uint8]
_MOST_FACES = 12


class ConfusionFaces(Live):
    """Rows are true classes, columns predicted ones; a click on a cell shows the first faces of it.

    Args:
        targets: (N,).
        predicted: (N,).
        classes: Class names in label order.
        images: uint8 (N, H, W); ``None`` where only the predictions are recorded, and then a cell tells its share.
        chosen: The cell that is open at the start, (true, predicted).
    """

    def __init__(
        self,
        targets: npt.NDArray[Any],
        predicted: npt.NDArray[Any],
        classes: Sequence[str],
        images: U8 | None = None,
        chosen: tuple[int, int] = (0, 0),
    ) -> None:
        k = len(classes)
        self._targets, self._predicted, self._images, self.classes = targets, predicted, images, tuple(classes)
        self.counts = np.zeros((k, k), int)
        np.add.at(self.counts, (targets, predicted), 1)
        self.cells = {(i, j): self._cell(i, j) for i in range(k) for j in range(k)}
        corner = widgets.HTML("<i>true, across: predicted</i>")
        heads = [corner, *(widgets.HTML(f"<b>{escape(name)}</b>") for name in classes)]
        grid: list[Any] = heads
        for i, name in enumerate(classes):
            grid += [widgets.HTML(f"<b>{escape(name)}</b>"), *(self.cells[i, j] for j in range(k))]
        columns = widgets.Layout(grid_template_columns=f"150px repeat({k}, 78px)")
        self._faces = widgets.HTML()
        super().__init__([widgets.GridBox(grid, layout=columns), self._faces])
        self.choose(*chosen)

    def choose(self, true: int, predicted: int) -> None:
        """Show the faces of a cell."""
        self.chosen = (true, predicted)
        here = np.flatnonzero((self._targets == true) & (self._predicted == predicted))
        count, row = len(here), max(1, int(self.counts[true].sum()))
        share = f"{count:,} of {row:,} {self.classes[true]} faces ({100 * count / row:.0f} %)"
        said = f"{share} called {self.classes[predicted]}"
        faces = ""
        if self._images is not None:
            alt = f"{self.classes[true]}, called {self.classes[predicted]}"
            faces = side_by_side(*(picture(self._images[i], 84, alt) for i in here[:_MOST_FACES]))
        self._faces.value = f'<p style="font-size: 17px">{escape(said)}</p>{faces}'

    def still(self) -> str:
        """The matrix as a table, and the faces of the open cell."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.classes)
        rows = []
        for i, name in enumerate(self.classes):
            cells = "".join(
                f'<td style="background: {self._colour(i, j)}; color: {self._ink(i, j)}">{self.counts[i, j]:,}</td>'
                for j in range(len(self.classes))
            )
            rows.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
        return f"<table><tr><th>true, across: predicted</th>{head}</tr>{''.join(rows)}</table>{self._faces.value}"

    def _cell(self, i: int, j: int) -> widgets.Button:
        button = widgets.Button(
            description=f"{self.counts[i, j]:,}",
            tooltip=f"{self.classes[i]} called {self.classes[j]}",
            style={"button_color": self._colour(i, j), "text_color": self._ink(i, j)},
            layout=widgets.Layout(width="74px"),
        )
        button.on_click(lambda _: self.choose(i, j))
        return button

    def _share(self, i: int, j: int) -> float:
        return float(self.counts[i, j] / max(1, self.counts[i].sum()))

    def _colour(self, i: int, j: int) -> str:
        """From white to the blue of the figures' matrices."""
        share = self._share(i, j)
        red, green, blue = (round(247 + share * (end - 247)) for end in (8, 48, 107))
        return f"rgb({red}, {green}, {blue})"

    def _ink(self, i: int, j: int) -> str:
        return "white" if self._share(i, j) > 0.5 else "#222222"
