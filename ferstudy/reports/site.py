"""The pages around the reports: one a notebook, the front page, and the index of all entries."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ferstudy.models import model_info
from ferstudy.papers import list_papers
from ferstudy.reports.catalogue import COURSE, MODEL_CARD, find_report, list_reports
from ferstudy.reports.entries import BADGES, EVIDENCE, LACKING, SMALLER
from ferstudy.reports.front import Story, best_runs, forest_figure, stories, write_readme
from ferstudy.reports.verdicts import VERDICTS

# What an entry is, by the first letter of its id.
_KINDS = {"T": "table", "F": "figure", "X": "claim"}
_ADDED = "added by us"
_FOREST = "forest.png"
_ENTRY = re.compile(r'<figure class="entry" id="([^"]+)">')
_TITLE = re.compile(r"<h1\b.*?</h1>", re.DOTALL)
_VERDICTS = re.compile(r'(<section id="verdicts">).*?(</section>)', re.DOTALL)
_PAGES = re.compile(r'(<nav class="pages"[^>]*>).*?(</nav>)', re.DOTALL)


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ferstudy", "reports/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.globals |= {"badges": BADGES, "evidence": EVIDENCE, "verdicts": VERDICTS, "smaller": SMALLER}
    return environment


def write_page(executed: Path, page: Path, name: str) -> None:
    """An executed notebook as a page of the site, without the warnings of libraries, and a report without its code.

    Of widgets the page has the still pictures: they would ask a network for their scripts.

    Args:
        executed: The notebook that papermill wrote.
        page: The page to write.
        name: The report's name.
    """
    import nbformat
    from nbconvert import HTMLExporter

    notebook = nbformat.read(executed, as_version=4)
    notebook.metadata.pop("widgets", None)
    for place, cell in enumerate(notebook.cells):
        # papermill gives the cell that it injects another id in every build.
        cell.id = f"cell-{place}"
        if cell.cell_type == "code":
            cell.outputs = _joined([o for o in cell.outputs if o.get("name") != "stderr"])
    # The parameters name this machine's folders.
    unseen = {"parameters", "injected-parameters"}
    notebook.cells = [cell for cell in notebook.cells if not unseen.intersection(cell.metadata.get("tags", ()))]
    exporter = HTMLExporter(
        template_name="basic", exclude_input=name not in COURSE, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body, _ = exporter.from_notebook_node(notebook)
    report = find_report(name)
    titles = {entry.id: entry.title for entry in report.entries}
    # The verdicts' place is filled, like the links, when the index is written.
    places = []
    if report.name in list_papers():
        places.append(("verdicts", "Verdicts"))
        # They come under the paper's title, which opens the notebook too.
        body = _TITLE.sub("", body, count=1)
    places += [(anchor, f"{anchor} {titles[anchor]}") for anchor in _ENTRY.findall(body)]
    html = _environment().get_template("page.html").render(title=report.title, body=body, places=places)
    page.write_text(html, encoding="utf-8")


def _joined(outputs: list[Any]) -> list[Any]:
    """Outputs with consecutive printed lines as one block: a kernel sends an epoch's line when it is printed."""
    joined: list[Any] = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def read_entries(out: Path) -> dict[str, list[dict[str, Any]]]:
    """ReportInfo to its entries, of all built reports: the catalogue's in its order, then others by name."""
    found = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in out.glob("[!.]*/entries.json")}
    known = [name for name in list_reports() if name in found]
    return {name: found[name] for name in [*known, *sorted(found.keys() - set(known))]}


def write_index(out: Path, failed: Mapping[str, str], runs: Path | None = None) -> None:
    """Write ``index.json``, the front page, the page of all entries and the forest plot, and complete every page.

    A README beside the folder of the reports gets the verdicts too, where it has a place for them.

    Args:
        out: Folder of the reports.
        failed: Report to error, of those that failed in this build.
        runs: Folder of recorded runs; ``runs`` in the folder of the reports where not given.
    """
    out.mkdir(parents=True, exist_ok=True)
    recorded = runs or out / "runs"
    told = stories(recorded)
    built = read_entries(out)
    by_paper = {story.paper.key: story for story in told}
    rows = [row for entries in built.values() for row in entries]
    for row in rows:
        row["verdict"] = by_paper[row["paper"]].of_entry(row["id"]) if row["paper"] in by_paper else ""
    _write(out / "index.json", json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    sections, models = _sections(built, failed)
    environment, shared = _environment(), {"sections": sections, "models": models}
    _write_forest(out, told)
    pages = [section for section in sections if section["entries"]]
    front = environment.get_template("index.html").render(
        title="ferstudy",
        told=told,
        best=best_runs(recorded),
        pages=set(built),
        entries=sum(section["size"] for section in sections),
        alt=_said(told),
        failed=[section for section in (*sections, *models) if section["error"]],
        course=[section for section in pages if section["report"].name in COURSE],
        added=[section for section in pages if section["report"].name not in {*by_paper, *COURSE}],
    )
    _write(out / "index.html", front)
    names = [section["report"].name for section in sections]
    kinds = [*_KINDS.values(), _ADDED]
    page = environment.get_template("entries.html").render(title="All entries", reports=names, kinds=kinds, **shared)
    _write(out / "entries.html", page)
    _complete_pages(out, list(built), by_paper)
    write_readme(out.resolve().parent / "README.md", told, f"{out.name}/{_FOREST}")


def _sections(
    built: Mapping[str, list[dict[str, Any]]], failed: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The reports with their entries as the page of all entries shows them, and the networks' cards."""
    sections, models = [], []
    for name in dict.fromkeys([*built, *sorted(failed)]):
        report, entries = find_report(name), built.get(name, [])
        section = {"report": report, "entries": entries, "size": len(entries), "error": failed.get(name, "")}
        if report.source == MODEL_CARD:
            said = {row["id"]: row["reproduced"] for row in entries}
            info = model_info(report.parameters["model"])
            models.append({**section, "info": info, "cost": said.get("cost", ""), "results": said.get("results", "")})
            continue
        for row in entries:
            paths = [file["path"] for file in row["files"]]
            row["thumbnail"] = next((path for path in paths if path.endswith((".png", ".webp"))), None)
            row["parts"] = _by_evidence(row)
            row["kind"] = _KINDS.get(row["id"][0], _ADDED)
        sections.append(section)
    return sections, models


def _write_forest(out: Path, told: Sequence[Story]) -> None:
    """The forest plot for a page and a README, and as narrow as a phone."""
    forest_figure(told, 10).savefig(out / _FOREST, metadata={"Software": None})
    forest_figure(told, 10).savefig((out / _FOREST).with_suffix(".svg"), metadata={"Date": None})
    forest_figure(told, 4.6).savefig(out / "forest_narrow.png", metadata={"Software": None})


def _said(told: Sequence[Story]) -> str:
    """What the forest plot shows, for those who do not see it."""
    return "; ".join(
        f"{s.paper.key}: printed {s.headline.claim.test.printed}, ours {s.headline.ours or 'not recorded yet'}, "
        f"{s.headline.word}" for s in told
    )  # fmt: skip


def _by_evidence(row: dict[str, Any]) -> dict[str, list[str]]:
    """The paths of an entry's files under the badge of each, strongest first; badges without a file too."""
    parts = {word: [f["path"] for f in row["files"] if f["evidence"] == word] for word in EVIDENCE}
    without = {row["evidence"]} | ({"not run"} if LACKING in row["note"] else set())
    return {word: paths for word, paths in parts.items() if paths or word in without}


def _complete_pages(out: Path, names: Sequence[str], told: Mapping[str, Story]) -> None:
    """Set each page's links to the one before and the one after it, and a paper's verdicts."""
    template = _environment().get_template("verdicts.html")
    for place, name in enumerate(names):
        links = ['<a href="../index.html">← all reports</a>']
        for word, other in (("previous", place - 1), ("next", place + 1)):
            if 0 <= other < len(names):
                title = escape(find_report(names[other]).title)
                links.append(f'<a rel="{word[:4]}" href="../{names[other]}/index.html">{word}: {title}</a>')
        page = out / name / "index.html"
        text = page.read_text(encoding="utf-8")
        verdicts = template.render(story=told.get(name), anchors=_ENTRY.findall(text))
        completed = _filled(_VERDICTS, _filled(_PAGES, text, " ".join(links)), verdicts)
        if completed != text:
            _write(page, completed)


def _filled(place: re.Pattern[str], text: str, content: str) -> str:
    """A text with something between the marks of a place, instead of what stands there."""
    return place.sub(lambda found: f"{found[1]}{content}{found[2]}", text)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
