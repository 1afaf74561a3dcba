"""The entries of a report: each table, figure and claim with its evidence, on disk and on the page."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from PIL import Image

from ferstudy.errors import unknown
from ferstudy.reports.catalogue import ReportInfo

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# From strongest to weakest.
EVIDENCE = {
    "measured": "computed on this machine, now",
    "recorded": "recomputed from the committed predictions of a run, or the committed counts of an audit, on real data",
    "published": "printed in the paper",
    "stand-in": "on synthetic faces: shows the method, says nothing about real faces",
    "not run": "not run here; the note says why and which command would",
}
# Parts that hold something of ours.
_OURS = {"measured", "recorded", "stand-in"}
# Stands in a note between why a part is not run and the command that would run it.
LACKING = "; run: "
# White words on these stand out from each other with any common colour-vision deficiency.
BADGES = {
    "measured": "#00664d",
    "recorded": "#005a91",
    "published": "#5b6470",
    "stand-in": "#a34700",
    "not run": "#8a2f62",
}
# What a page says before an entry's scale.
SMALLER = "smaller than the paper's"
# Rows above which a table, such as that of a network's layers, is folded.
_LONGEST = 20
# How the names of files end that are others in every build.
TIMES = "_time"
# Bytes above which an SVG is more than a page should carry.
_LARGEST_SVG = 250_000
# Of WebP, 0 to 100; letters in a figure stay clean at 90.
_QUALITY = 90


@dataclass
class ReportEntry:
    """One row of ``reports/index.json``.

    Attributes:
        evidence: As in :func:`evidence_of`, of its parts.
        note: Says of each part that is not run why, and which command would.
        scale: What is smaller than in the paper, in words; empty where nothing is.
        files: Each as its ``path`` below the reports and its own ``evidence``.
    """

    paper: str
    id: str
    title: str
    notebook: str
    profile: str
    evidence: str
    scale: str = ""
    files: list[dict[str, str]] = field(default_factory=list)
    published: str = ""
    reproduced: str = ""
    note: str = ""


def evidence_of(parts: Collection[str]) -> str:
    """The evidence of an entry: of its parts' the weakest, but ``not run`` only where nothing of ours is shown."""
    shown = [part for part in parts if part != "not run"] if _OURS & set(parts) else parts
    return max(shown, key=list(EVIDENCE).index)


class Entries:
    """Collects a report's entries; writes their files where it has a folder, and shows them in the notebook.

    Args:
        report: The report whose entries these are.
        profile: Name of the profile.
        folder: The report's own folder; ``None`` shows and writes nothing.
    """

    def __init__(self, report: ReportInfo, profile: str, folder: Path | None) -> None:
        self.report = report
        self.profile = profile
        self.folder = folder
        self._entries: dict[str, ReportEntry] = {}
        self._parts: dict[str, set[str]] = {}
        self._shown: set[str] = set()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def table(
        self,
        entry_id: str,
        frame: pd.DataFrame,
        evidence: str,
        reproduced: str = "",
        note: str = "",
        name: str = "",
        scale: str = "",
    ) -> None:
        """Show a table and keep it as CSV.

        Of a table of times a written report links to the file and does not contain it, so that its page changes only
        when its text does: its file name ends in ``_time``, and it is another in every build.

        Args:
            entry_id: Id in the report's catalogue.
            frame: The table; its index is not shown.
            evidence: One of :data:`EVIDENCE`.
            reproduced: Our number or finding in a few words, beside the published one.
            note: What a reader must know, a sentence.
            name: File name where an entry has several parts; the id where not given.
            scale: What is smaller than in the paper, in words, such as a study's ``scale``.
        """
        entry = self._entry(entry_id, evidence, reproduced, note, scale)
        stem = name or entry_id
        if self.folder is not None:
            path = self.folder / f"{stem}.csv"
            frame.to_csv(path, index=False, lineterminator="\n")
            self._file(entry, path, evidence)
        body = _html(frame)
        if stem.endswith(TIMES) and self.folder is not None:
            body = f'<a href="{path.name}">this machine\'s times, as a table</a>'
        self._show(entry, evidence, note, body, scale)

    def figure(
        self,
        entry_id: str,
        figure: Figure,
        evidence: str,
        reproduced: str = "",
        note: str = "",
        name: str = "",
        scale: str = "",
    ) -> None:
        """Show a figure and keep it: as PNG and, where that is not heavy, as SVG; with pictures in it, as WebP.

        A written report points to the file and does not contain it, so that its page changes only when its text does:
        a figure of times, whose file name ends in ``_time``, is another in every build.

        Args:
            entry_id: Id in the report's catalogue.
            figure: From :mod:`ferstudy.figures`.
            evidence: One of :data:`EVIDENCE`.
            reproduced: Our finding in a few words.
            note: What a reader must know, a sentence.
            name: File name where an entry has several parts; the id where not given.
            scale: What is smaller than in the paper, in words, such as a study's ``scale``.
        """
        entry = self._entry(entry_id, evidence, reproduced, note, scale)
        png = io.BytesIO()
        figure.savefig(png, format="png", metadata={"Software": None})
        source = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
        if self.folder is not None:
            source = self._keep(figure, png, name or entry_id, entry, evidence)
        alt = html.escape(f"{entry.id}: {entry.title}")
        self._show(entry, evidence, note, f'<img src="{source}" alt="{alt}" style="max-width: 100%">', scale)

    def _keep(self, figure: Figure, png: io.BytesIO, stem: str, entry: ReportEntry, evidence: str) -> str:
        """Write a figure's files into the report's folder; the name of the one to show."""
        assert self.folder is not None
        if any(axes.get_images() for axes in figure.axes):
            # A vector copy of pixels is a heavier one, and photographs take a tenth as much in WebP as in PNG.
            path = self.folder / f"{stem}.webp"
            with Image.open(png) as drawn:
                drawn.convert("RGB").save(path, quality=_QUALITY, method=6)
            self._file(entry, path, evidence)
            return path.name
        path = self.folder / f"{stem}.png"
        path.write_bytes(png.getvalue())
        self._file(entry, path, evidence)
        svg = io.BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
        if len(svg.getvalue()) <= _LARGEST_SVG:
            path.with_suffix(".svg").write_bytes(svg.getvalue())
            self._file(entry, path.with_suffix(".svg"), evidence)
        return path.name

    def claim(self, entry_id: str, evidence: str, reproduced: str, note: str = "", scale: str = "") -> None:
        """Show a claim of the text beside what we find."""
        entry = self._entry(entry_id, evidence, reproduced, note, scale)
        printed = "" if evidence == "stand-in" else f"published: <b>{html.escape(entry.published)}</b> — "
        self._show(entry, evidence, note, f"<p>{printed}ours: <b>{html.escape(reproduced)}</b></p>", scale)

    def not_run(self, entry_id: str, why: str, command: str) -> None:
        """Say that an entry was not run, why, and which command would."""
        entry = self._entry(entry_id, "not run", "", f"{why}{LACKING}{command}")
        self._show(entry, "not run", entry.note, "")

    def save(self) -> None:
        """Write ``entries.json`` in the catalogue's order, and show it. Entries that nobody made are ``not run``."""
        for entry in self.report.entries:
            if entry.id not in self._entries:
                self._entry(entry.id, "not run", "", "the notebook did not come to it")
        rows = [asdict(self._entries[entry.id]) for entry in self.report.entries]
        if self.folder is not None:
            text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
            (self.folder / "entries.json").write_text(text, encoding="utf-8")
        _display(_html(pd.DataFrame(rows)[["id", "title", "evidence", "published", "reproduced"]]))

    def _entry(self, entry_id: str, evidence: str, reproduced: str, note: str, scale: str = "") -> ReportEntry:
        known = {entry.id: entry for entry in self.report.entries}
        if entry_id not in known:
            raise unknown(f"entry of {self.report.name}", entry_id, known)
        if evidence not in EVIDENCE:
            raise unknown("evidence", evidence, EVIDENCE)
        entry = self._entries.get(entry_id)
        if entry is None:
            published = known[entry_id]
            entry = self._entries[entry_id] = ReportEntry(
                paper=self.report.group,
                id=entry_id,
                title=published.title,
                notebook=f"notebooks/{self.report.source}.ipynb",
                profile=self.profile,
                evidence=evidence,
                published=published.published,
            )
        parts = self._parts.setdefault(entry_id, set())
        parts.add(evidence)
        entry.evidence = evidence_of(parts)
        entry.reproduced = "; ".join(filter(None, (entry.reproduced, reproduced)))
        entry.note = " ".join(dict.fromkeys(filter(None, (entry.note, note))))
        entry.scale = "; ".join(dict.fromkeys(filter(None, (entry.scale, scale))))
        return entry

    def _file(self, entry: ReportEntry, path: Path, evidence: str) -> None:
        file = {"path": f"{path.parent.name}/{path.name}", "evidence": evidence}
        if file not in entry.files:
            entry.files.append(file)

    def _show(self, entry: ReportEntry, evidence: str, note: str, body: str, scale: str = "") -> None:
        """Show a part of an entry; of a stand-in no more than that the code runs, unless it is unfolded."""
        slug = evidence.replace(" ", "-")
        # JupyterLab has no style sheet of ours.
        style = f"background: {BADGES[evidence]}; color: #fff; padding: 0 .55em; border-radius: 1em"
        meaning = html.escape(EVIDENCE[evidence])
        badge = f'<span class="badge {slug}" style="{style}" title="{meaning}">{evidence}</span>'
        chip = f' <span class="scale">{SMALLER}: {html.escape(scale)}</span>' if scale else ""
        stand_in = evidence == "stand-in"
        title = f"{'the code runs: ' if stand_in else ''}{html.escape(entry.title)}"
        head = f"<summary><b>{html.escape(entry.id)}</b> {title} {badge}{chip}</summary>"
        tail = f'<p class="note">{html.escape(note)}</p>' if note else ""
        # An entry of several parts is linked by its first.
        anchor = "" if entry.id in self._shown else f' id="{html.escape(entry.id)}"'
        self._shown.add(entry.id)
        unfolded = "" if stand_in else " open"
        _display(f'<figure class="entry"{anchor}><details{unfolded}>{head}{body}{tail}</details></figure>')


def _display(page: str) -> None:
    from IPython.display import HTML, display

    display(HTML(page))


def _html(frame: pd.DataFrame) -> str:
    """A frame as a table that sorts, without its index, the numbers of a column with the same decimals."""
    numbers = frame.select_dtypes("number")
    written: dict[Any, Callable[[Any], str]] = {name: _number_format(numbers[name]) for name in numbers}
    table = frame.to_html(
        index=False, border=0, na_rep="", classes="sortable", formatters=written, float_format=lambda v: f"{v:,.6g}"
    )
    shown = f'<div class="table">{table}</div>'
    return shown if len(frame) <= _LONGEST else f"<details><summary>{len(frame)} rows</summary>{shown}</details>"


def _number_format(column: pd.Series) -> Callable[[float], str]:
    """How a column's numbers are written: thousands apart, and alike where three decimals say all of them."""
    if not pd.api.types.is_float_dtype(column):
        return lambda value: f"{value:,}"
    decimals = max((-int(Decimal(f"{v:.6g}").as_tuple().exponent) for v in column if isfinite(v)), default=0)
    form = f",.{max(decimals, 0)}f" if decimals <= 3 else ",.6g"
    return lambda value: "" if pd.isna(value) else f"{value:{form}}"
