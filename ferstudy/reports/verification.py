"""Whether reports come out again as they stand: each is rebuilt in a folder of its own and compared file by file.

Files of times (``*_time.*``) are other ones on every machine and are not compared.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from ferstudy.reports.entries import TIMES
from ferstudy.reports.runner import Result, build_all

# Of a long text the first lines that differ are shown, of a long line its beginning.
_LINES, _WIDTH = 3, 100


@dataclass(frozen=True)
class Verdict:
    """How a report came out.

    Attributes:
        name: The report's name.
        differences: What differs, a sentence a file; none where the report is identical.
    """

    name: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        if not self.differences:
            return f"{self.name}: identical"
        return "\n".join([f"{self.name}: differs", *(f"  {sentence}" for sentence in self.differences)])


def verify(
    names: Iterable[str] | None,
    *,
    out: Path,
    on_verdict: Callable[[Verdict], None] = lambda verdict: None,
    **options: Any,
) -> list[Verdict]:
    """Rebuild reports into a folder of their own and compare them with those that stand.

    Args:
        names: Reports or notebooks; all where none is named.
        out: Folder of the reports that stand.
        on_verdict: Called as each is compared.
        options: As of :func:`ferstudy.reports.runner.build_all`.
    """
    verdicts = []
    with TemporaryDirectory(prefix="ferstudy-verify-") as folder:
        # Pages get their verdicts and their neighbours' names once all are built.
        for result in build_all(names, out=Path(folder), **{**options, "force": True}):
            failed = result.outcome == "failed"
            found = [f"it could not be built: {result.error}"] if failed else compare(
                out / result.name, Path(folder) / result.name
            )
            verdicts.append(Verdict(result.name, tuple(found)))
            on_verdict(verdicts[-1])
    return verdicts


def compare(standing: Path, rebuilt: Path) -> list[str]:
    """What differs between two folders of a report, a sentence a file."""
    old, new = _files(standing), _files(rebuilt)
    sentences = []
    for name in sorted({*old, *new}):
        if name not in new:
            sentences.append(f"{name} is no longer made")
        elif name not in old:
            sentences.append(f"{name} is new")
        elif old[name].read_bytes() != new[name].read_bytes():
            sentences.append(f"{name}: {_difference(old[name], new[name])}")
    return sentences


def _files(folder: Path) -> dict[str, Path]:
    """The files of a report that are the same in every build: not hidden, no executed notebook, no times."""
    return {
        path.name: path
        for path in folder.glob("[!.]*")
        if path.is_file() and path.suffix != ".ipynb" and not path.stem.endswith(TIMES)
    }


def _difference(old: Path, new: Path) -> str:
    if old.suffix in (".png", ".jpg", ".webp"):
        return _pictures(old, new)
    if old.suffix == ".csv":
        return _tables(old, new)
    return _texts(old.read_text(encoding="utf-8"), new.read_text(encoding="utf-8"))


def _pictures(old: Path, new: Path) -> str:
    with Image.open(old) as first, Image.open(new) as second:
        if first.size != second.size:
            return f"{first.width} x {first.height} pixels before, {second.width} x {second.height} now"
        one, other = np.asarray(first.convert("RGBA"), np.int16), np.asarray(second.convert("RGBA"), np.int16)
    gap = np.abs(one - other).max(-1)
    if not gap.any():
        return "the same pixels, other bytes"
    return f"{np.count_nonzero(gap):,} of {gap.size:,} pixels differ, by up to {gap.max()} of 255"


def _tables(old: Path, new: Path) -> str:
    with old.open(encoding="utf-8", newline="") as first, new.open(encoding="utf-8", newline="") as second:
        rows: list[tuple[list[str], list[str]]] = list(zip_longest(csv.reader(first), csv.reader(second), fillvalue=[]))
    cells = [
        (number, column, before, now)
        for number, pair in enumerate(rows, start=1)
        for column, (before, now) in enumerate(zip_longest(*pair, fillvalue=""), start=1)
        if before != now
    ]
    if not cells:
        return "the same cells, other bytes"
    shown = "; ".join(f"row {r} column {c}: {before!r} before, {now!r} now" for r, c, before, now in cells[:_LINES])
    return f"cells that differ: {len(cells)}, {shown}"


def _texts(old: str, new: str) -> str:
    changes = [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[0] in "+-"]
    shown = "; ".join(line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…" for line in changes[:_LINES])
    return f"lines that differ: {len(changes)}, {shown}"
