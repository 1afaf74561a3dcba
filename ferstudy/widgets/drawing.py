"""Small drawings as HTML and SVG: they are made in a millisecond, and need no script to be seen.

Text takes the colour of its surroundings, so that a drawing reads on a light page and on a dark one.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from ferstudy.colours import EMOTION_COLOURS

U8 = npt.NDArray[np.uint8]
Points = Sequence[tuple[float, float]]
# Line colours of several systems, apart with any common colour-vision deficiency.
LINES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
_FONT = 'font-family="system-ui, sans-serif" fill="currentColor"'


def png(image: U8) -> bytes:
    """A grey (H, W) or RGB (H, W, 3) picture as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", compress_level=1)
    return file.getvalue()


def picture(image: U8, width: int, alt: str) -> str:
    """A picture as HTML, its pixels kept sharp.

    Args:
        image: uint8 (H, W) or (H, W, 3).
        width: In CSS pixels.
        alt: What it shows.
    """
    source = base64.b64encode(png(image)).decode()
    return (
        f'<img src="data:image/png;base64,{source}" alt="{escape(alt)}" width="{width}" '
        'style="image-rendering: pixelated; border-radius: 4px">'
    )


def side_by_side(*parts: str) -> str:
    """HTML parts in a row that wraps."""
    return f'<div style="display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: center">{"".join(parts)}</div>'


def bars(shares: Sequence[float], classes: Sequence[str], width: int = 380, row: int = 30) -> str:
    """A bar a class, its percentage beside it.

    Args:
        shares: (K,), 0 to 1.
        classes: Their names; each has its emotion's colour.
        width: In CSS pixels.
        row: Height of a bar's row, in CSS pixels.
    """
    left, room = 84, width - 84 - 58
    lines = []
    for k, (name, share) in enumerate(zip(classes, shares, strict=True)):
        y, colour = k * row, EMOTION_COLOURS.get(name, "#777777")
        weight = "bold" if share == max(shares) else "normal"
        lines.append(
            f'<g data-class="{escape(name)}" data-percent="{100 * share:.1f}" font-weight="{weight}">'
            f'<text x="{left - 8}" y="{y + 0.68 * row:.0f}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{left}" y="{y + 4}" width="{max(room * share, 1):.1f}" height="{row - 8}" fill="{colour}"/>'
            f'<text x="{left + room * share + 6:.1f}" y="{y + 0.68 * row:.0f}">{100 * share:.0f} %</text></g>'
        )
    height = row * len(classes)
    return (
        f'<svg class="ferstudy-bars" role="img" aria-label="probabilities by class" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-size="17" {_FONT}>{"".join(lines)}</svg>'
    )


def lines(
    series: Mapping[str, Points],
    title: str,
    x: tuple[float, float],
    y: tuple[float, float],
    xlabel: str,
    whole: bool = False,
    diagonal: bool = False,
) -> str:
    """Lines through points on plain axes.

    Args:
        series: Name to its points (x, y).
        title: What the vertical axis holds, with its unit.
        x, y: Range of each axis.
        xlabel: What the horizontal axis holds.
        whole: The horizontal axis counts whole things.
        diagonal: Draw the line from corner to corner.
    """
    width, height, left, top, right, bottom = 430, 290, 52, 34, 16, 48
    wide, high = width - left - right, height - top - bottom

    def place(px: float, py: float) -> tuple[float, float]:
        return left + wide * (px - x[0]) / (x[1] - x[0]), top + high * (1 - (py - y[0]) / (y[1] - y[0]))

    out = [f'<text x="{left}" y="20" font-weight="bold">{escape(title)}</text>']
    for tick in _ticks(*y):
        level = place(x[0], tick)[1]
        out.append(f'<line x1="{left}" x2="{width - right}" y1="{level:.1f}" y2="{level:.1f}" stroke="#88888855"/>')
        out.append(f'<text x="{left - 8}" y="{level + 5:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in _ticks(*x, whole):
        out.append(f'<text x="{place(tick, 0)[0]:.1f}" y="{top + high + 19}" text-anchor="middle">{tick:g}</text>')
    out.append(f'<text x="{left + wide / 2}" y="{height - 8}" text-anchor="middle">{escape(xlabel)}</text>')
    if diagonal:
        (x1, y1), (x2, y2) = place(x[0], y[0]), place(x[1], y[1])
        out.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#888" stroke-dasharray="6"/>'
        )
    for k, (name, points) in enumerate(series.items()):
        colour = LINES[k % len(LINES)]
        on_page = [place(*point) for point in points]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in on_page)
        out.append(
            f'<polyline data-series="{escape(name)}" data-points="{len(points)}" points="{path}" fill="none" '
            f'stroke="{colour}" stroke-width="3"/>'
        )
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in on_page]
    return (
        f'<svg role="img" aria-label="{escape(title)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-size="15" {_FONT}>{"".join(out)}</svg>'
    )


def legend(names: Sequence[str]) -> str:
    """The names of lines with their colours."""
    parts = []
    for k, name in enumerate(names):
        style = f"border-top: 4px solid {LINES[k % len(LINES)]}"
        mark = f'<span style="display: inline-block; width: 1.8em; vertical-align: middle; {style}"></span>'
        parts.append(f'<span style="margin-right: 1.2em; white-space: nowrap">{mark} {escape(name)}</span>')
    return f'<div style="font-size: 15px">{"".join(parts)}</div>'


def heat(values: npt.NDArray[Any], top: float) -> U8:
    """A map as RGBA from clear to deep red-orange, to be laid over a grey picture.

    Args:
        values: (H, W), >= 0.
        top: The value of full colour.
    """
    share = np.clip(values / max(top, 1e-12), 0, 1)
    colour = np.stack([0.85 + 0.15 * share, 0.75 * share**2, 0.1 * share, 0.75 * share], -1)
    return np.asarray(255 * colour, np.uint8)


def _ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """About five round numbers of a range."""
    rough = max((high - low) / 4.5, 1.0 if whole else 0.0)
    size = 10 ** np.floor(np.log10(rough))
    step = size * min((1, 2, 5, 10), key=lambda m: abs(m * size - rough))
    return [float(round(v, 9)) for v in np.arange(np.ceil(low / step) * step, high + step / 100, step)]
