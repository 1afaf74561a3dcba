"""The committed site in a real browser: nothing runs over, every link resolves, every picture loads and is described.

Skipped, saying so, where no Chromium is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urldefrag, urlparse

import pytest

from tests.conftest import ROOT, find_chromium

SITE = ROOT / "reports"
PAGES = sorted(SITE.glob("*/index.html"))
# A laptop and a projector.
SIZES = ((1280, 800), (1920, 1080))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium found; install one to look at the pages")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_load(browser: Any, scheme: str) -> None:
    assert len(PAGES) > 30
    problems: list[str] = []
    for width, height in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda m, found=problems: found.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error, found=problems: found.append(f"script: {error}"))
        # The many model cards are of one notebook: the wide screen sees the first of them.
        cards = [p for p in PAGES if p.parent.name.startswith("model_")]
        shown = [p for p in PAGES if p not in cards[1 if width > 1500 or scheme == "dark" else len(cards) :]]
        for path in (SITE / "index.html", *shown):
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; })")
            page.wait_for_function("[...document.images].every(i => i.complete)")
            where = f"{path.parent.name} at {width}, {scheme}"
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                problems.append(f"{where}: {wide} pixels too wide")
            broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
            problems += [f"{where}: {source} does not load" for source in broken]
            bare = page.evaluate("[...document.images].filter(i => !i.alt.trim()).length")
            if bare:
                problems.append(f"{where}: {bare} pictures without alternative text")
        context.close()
    assert problems == []


def test_tables_sort_by_a_click(browser: Any) -> None:
    page = browser.new_page()
    page.goto((SITE / "entries.html").as_uri())
    column = "[...document.querySelectorAll('#models tbody tr')].map(r => r.cells[2].textContent)"
    header = page.locator("#models th").nth(2)
    header.click()
    rising = [int(text.replace(",", "")) for text in page.evaluate(column)]
    assert rising == sorted(rising)
    header.press("Enter")
    assert [int(text.replace(",", "")) for text in page.evaluate(column)] == rising[::-1]
    page.close()


def _called(anchor: str, text: str) -> bool:
    """Whether something on a page bears an anchor's name, written plainly or as in an address."""
    return any(f'id="{name}"' in text for name in (anchor, unquote(anchor)))


def test_every_link_resolves() -> None:
    missing = []
    texts = {page: page.read_text(encoding="utf-8") for page in (SITE / "index.html", *PAGES)}
    for page, text in texts.items():
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            target, anchor = urldefrag(link)
            if urlparse(target).scheme or target.startswith("data:"):
                continue
            file = (page.parent / unquote(target)).resolve() if target else page
            if not file.is_file():
                missing.append(f"{page.parent.name}: {link}")
            elif anchor and file.suffix == ".html" and not _called(anchor, file.read_text(encoding="utf-8")):
                missing.append(f"{page.parent.name}: nothing is called {anchor} in {target or 'the page'}")
    assert missing == []


def test_every_entry_of_the_catalogue_is_on_the_index() -> None:
    import json

    from ferstudy.reports.catalogue import find_report, list_reports
    from ferstudy.reports.entries import EVIDENCE

    rows = json.loads((SITE / "index.json").read_text(encoding="utf-8"))
    shown = {(row["paper"], row["id"]) for row in rows}
    reports = [find_report(name) for name in list_reports()]
    wanted = {(report.group, entry.id) for report in reports for entry in report.entries}
    assert wanted - shown == set()
    assert all(row["evidence"] in EVIDENCE and (row["reproduced"] or row["note"] or row["files"]) for row in rows)
    assert all(
        (SITE / file["path"]).is_file() and file["evidence"] in EVIDENCE for row in rows for file in row["files"]
    )
