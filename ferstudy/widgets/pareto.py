"""What a budget buys: accuracy against cost, and the best network that the budget allows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd

from ferstudy.leaderboard import pareto_front
from ferstudy.widgets.drawing import LINES
from ferstudy.widgets.live import Live

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 560, 340, 58, 34, 24, 52


class ParetoExplorer(Live):
    """Choose a cost and a budget; the front is drawn, and the most accurate network within the budget is named.

    Args:
        table: Columns ``system``, ``accuracy`` (%), and the costs.
        costs: Column of a cost to its unit.
    """

    def __init__(self, table: pd.DataFrame, costs: Mapping[str, str]) -> None:
        self._table, self._units = table, dict(costs)
        style = {"description_width": "60px"}
        self.cost = widgets.ToggleButtons(options=list(costs), description="cost", style=style)
        self.budget = widgets.SelectionSlider(
            options=self._budgets(), description="budget", style=style, layout=widgets.Layout(width="560px")
        )
        self.budget.index = len(self.budget.options) - 1
        self._drawing = widgets.HTML()
        self.cost.observe(self._choose_cost, "value")
        self.budget.observe(self._update, "value")
        self._update()
        super().__init__([self.cost, self.budget, self._drawing])

    @property
    def best(self) -> str | None:
        """The most accurate system within the budget, ``None`` where nothing is."""
        affordable = self._table[self._table[self.cost.value] <= self.budget.value]
        return None if affordable.empty else str(affordable.loc[affordable["accuracy"].idxmax(), "system"])

    def still(self) -> str:
        """The chosen cost's diagram."""
        return str(self._drawing.value)

    def _budgets(self) -> list[tuple[str, float]]:
        return [(f"{value:,.4g}", float(value)) for value in sorted(set(self._table[self.cost.value]))]

    def _choose_cost(self, _: Any) -> None:
        self.budget.options = self._budgets()
        self.budget.index = len(self.budget.options) - 1
        self._update()

    def _update(self, _: Any = None) -> None:
        cost, accuracy = self._table[self.cost.value], self._table["accuracy"]
        front, best = pareto_front(cost.tolist(), accuracy.tolist()), self.best
        low, high = math.log10(cost.min()) - 0.1, math.log10(cost.max()) + 0.1
        bottom, top = math.floor(accuracy.min() - 0.5), math.ceil(accuracy.max() + 0.5)
        wide, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

        def x(value: float) -> float:
            return _LEFT + wide * (math.log10(value) - low) / (high - low)

        def y(value: float) -> float:
            return _TOP + tall * (1 - (value - bottom) / (top - bottom))

        limit = x(self.budget.value)
        parts = [f'<rect x="{_LEFT}" y="{_TOP}" width="{limit - _LEFT:.1f}" height="{tall}" fill="#0072B222"/>']
        for level in range(bottom, top + 1):
            ends = f'x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(level):.1f}" y2="{y(level):.1f}"'
            parts.append(f'<line {ends} stroke="#88888855"/>')
            parts.append(f'<text x="{_LEFT - 8}" y="{y(level) + 5:.1f}" text-anchor="end">{level}</text>')
        for power in range(math.ceil(low), math.floor(high) + 1):
            place = f'x="{x(10**power):.1f}" y="{_TOP + tall + 20}"'
            parts.append(f'<text {place} text-anchor="middle">{10.0**power:,.6g}</text>')
        for name, price, worth, is_front in zip(self._table["system"], cost, accuracy, front, strict=True):
            fill = LINES[1] if name == best else LINES[0] if is_front else "none"
            said = f"{name}: {worth:.2f} %, {price:,.4g} {self._units[self.cost.value]}"
            parts.append(
                f'<circle cx="{x(price):.1f}" cy="{y(worth):.1f}" r="{9 if name == best else 6}" fill="{fill}" '
                f'stroke="{LINES[0]}" stroke-width="2"><title>{escape(said)}</title></circle>'
            )
        unit = f"{self.cost.value} ({self._units[self.cost.value]}, logarithmic)"
        parts.append(f'<text x="{_LEFT}" y="20" font-weight="bold">accuracy (%); filled: no other beats it</text>')
        parts.append(f'<text x="{_LEFT + wide / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(unit)}</text>')
        head = f"Within {self.budget.value:,.4g} {self._units[self.cost.value]}: "
        self._drawing.value = (
            f'<svg role="img" aria-label="accuracy against cost" width="{_WIDTH}" height="{_HEIGHT}" '
            f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-size="15" font-family="system-ui, sans-serif" fill="currentColor">'
            f"{''.join(parts)}</svg>"
            f'<p style="font-size: 17px">{escape(head)}<b>{escape(best or "none")}</b></p>'
        )
