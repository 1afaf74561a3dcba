"""Training curves that move while a network trains."""

from __future__ import annotations

import math
from types import TracebackType
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ferstudy.widgets.drawing import legend, lines, side_by_side
from ferstudy.widgets.live import Live

if TYPE_CHECKING:
    from ferstudy.recipes import Recipe
    from ferstudy.training import EpochStats

# In nats; a network that knows nothing of seven classes has 1.95.
_HIGHEST_LOSS = 4.0


class TrainingCurves(Live):
    """Loss and accuracy by epoch, a line a run; :meth:`add` is what ``train`` calls after an epoch.

    ``with TrainingCurves(20) as curves: train(recipe, on_epoch=curves.add)`` shows it before and during the training,
    and leaves its last state in the notebook.

    Args:
        epochs: Length of the horizontal axis.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.rows: dict[str, list[EpochStats]] = {}
        self._label = ""
        self._drawing = widgets.HTML()
        self._handle: Any = None
        super().__init__([self._drawing])
        self._draw()

    def __enter__(self) -> TrainingCurves:
        from IPython.display import display

        self._handle = display(self, display_id=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.update(self)

    def start(self, label: str) -> None:
        """Name the run whose epochs come next, which is else called as its recipe; one of this name begins anew."""
        self._label = label
        self.rows.pop(label, None)

    def add(self, row: EpochStats, recipe: Recipe | None = None) -> None:
        """Draw one more epoch."""
        name = self._label or (recipe.run_name if recipe else "training")
        self.rows.setdefault(name, []).append(row)
        self._draw()

    def still(self) -> str:
        """The curves so far."""
        return str(self._drawing.value)

    def _draw(self) -> None:
        losses, accuracies = {}, {}
        for name, rows in self.rows.items():
            losses[name] = [(row.epoch, row.train_loss) for row in rows]
            accuracies[name] = [
                (row.epoch, 100 * row.select_accuracy) for row in rows if not math.isnan(row.select_accuracy)
            ]
        if len(self.rows) == 1:
            # One run has room for both of its accuracies; several are told apart by colour alone.
            (rows,) = self.rows.values()
            training = [(row.epoch, 100 * row.train_accuracy) for row in rows]
            selection = next(iter(accuracies.values()))
            accuracies = {"training": training, "selection": selection} if selection else {"training": training}
        # A run that goes astray would press the others flat: it is drawn along the upper edge.
        top = min(_HIGHEST_LOSS, max([2.0, *(y for points in losses.values() for _, y in points)]))
        losses = {name: [(x, min(y, top)) for x, y in points] for name, points in losses.items()}
        across = (1.0, float(max(self.epochs, 2)))
        left = lines(losses, "training loss (nats)", across, (0, top), "epoch", whole=True)
        right = lines(accuracies, "accuracy (%)", across, (0, 100), "epoch", whole=True)
        names = list(accuracies) if len(self.rows) == 1 else list(self.rows)
        self._drawing.value = side_by_side(left, right) + legend(names)
