"""The pages around the reports: one a notebook, and the index of all entries."""

from __future__ import annotations

import json
import os
import re
from html import escape
from pathlib import Path
from typing import Any

from ferstudy.models import model_info
from ferstudy.reports.catalogue import COURSE, MODEL_CARD, find_report, list_reports
from ferstudy.reports.entries import EVIDENCE, SMALLER

_PAGES = re.compile(r'(<nav class="pages"[^>]*>).*?(</nav>)', re.DOTALL)


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("ferstudy", "reports/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


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
    html = _environment().get_template("page.html").render(title=find_report(name).title, body=body, evidence=EVIDENCE)
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


def write_index(out: Path, failed: dict[str, str]) -> None:
    """Write ``index.json`` and ``index.html`` from the entries of all built reports.

    Args:
        out: Folder of the reports.
        failed: ReportInfo to error, of those that failed in this build.
    """
    out.mkdir(parents=True, exist_ok=True)
    built = read_entries(out)
    rows = [row for entries in built.values() for row in entries]
    _write(out / "index.json", json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    sections, models, course = [], [], []
    for name in dict.fromkeys([*built, *sorted(failed)]):
        report, entries = find_report(name), built.get(name, [])
        section = {"report": report, "entries": entries, "error": failed.get(name, "")}
        if name in COURSE:
            course.append(section)
            continue
        if report.source == MODEL_CARD:
            said = {row["id"]: row["reproduced"] for row in entries}
            info = model_info(report.parameters["model"])
            models.append({**section, "info": info, "cost": said.get("cost", ""), "results": said.get("results", "")})
            continue
        for row in entries:
            paths = [file["path"] for file in row["files"]]
            row["thumbnail"] = next((path for path in paths if path.endswith(".png")), None)
            row["parts"] = _by_evidence(row)
        counts = {word: sum(row["evidence"] == word for row in entries) for word in EVIDENCE}
        sections.append({**section, "evidence": counts})
    template = _environment().get_template("index.html")
    html = template.render(
        title="ferstudy reports", sections=sections, models=models, course=course, evidence=EVIDENCE, smaller=SMALLER
    )
    _write(out / "index.html", html)
    _link_pages(out, list(built))


def _by_evidence(row: dict[str, Any]) -> dict[str, list[str]]:
    """The paths of an entry's files under the badge of each, strongest first; its own badge where it has none."""
    parts = {word: [f["path"] for f in row["files"] if f["evidence"] == word] for word in EVIDENCE}
    return {word: paths for word, paths in parts.items() if paths or word == row["evidence"]}


def _link_pages(out: Path, names: list[str]) -> None:
    """Set the links of every page to the one before and the one after it, in the order of the index."""
    for place, name in enumerate(names):
        links = ['<a href="../index.html">← all reports</a>']
        for word, other in (("previous", place - 1), ("next", place + 1)):
            if 0 <= other < len(names):
                title = escape(find_report(names[other]).title)
                links.append(f'<a rel="{word[:4]}" href="../{names[other]}/index.html">{word}: {title}</a>')
        page = out / name / "index.html"
        text = page.read_text(encoding="utf-8")
        bar = " ".join(links).replace("\\", r"\\")
        linked = _PAGES.sub(rf"\g<1>{bar}\g<2>", text)
        if linked != text:
            _write(page, linked)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
