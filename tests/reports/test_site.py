"""A small site in a real browser: what comes first, what is folded, what the filters leave, and the phone's width."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from ferstudy.papers import list_papers
from ferstudy.reports import entries as module
from ferstudy.reports.catalogue import find_report
from ferstudy.reports.entries import Entries
from ferstudy.reports.front import best_runs, stories, write_readme
from ferstudy.reports.site import write_index, write_page
from tests.conftest import ROOT, find_chromium

RUNS = ROOT / "reports" / "runs"
LAYERS = pd.DataFrame({"layer": [f"conv {k}" for k in range(30)], "a column of many words": range(30)})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one paper: a recorded table, a long measured one, a claim, and a stand-in."""
    out = tmp_path_factory.mktemp("checkout") / "reports"
    shown: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_display", shown.append)
        report = Entries(find_report("lite_xception"), "smoke", out / "lite_xception")
        report.table("T4", LAYERS[:3], "recorded", "65.56 %", scale="half the widths")
        report.table("T1", LAYERS, "measured", "as printed")
        report.claim("X1", "measured", "49,783")
        report.claim("lesson", "stand-in", "97 % on synthetic faces")
        report.save()
    notebook = nbformat.v4.new_notebook()
    title = nbformat.v4.new_markdown_cell("# The paper's title again\n\nThe story.")
    notebook.cells = [title] + [
        nbformat.v4.new_code_cell(
            "pass", execution_count=1, outputs=[nbformat.v4.new_output("display_data", {"text/html": page})]
        )
        for page in shown
    ]
    executed = out / "executed.ipynb"
    nbformat.write(notebook, executed)
    write_page(executed, out / "lite_xception" / "index.html", "lite_xception")
    executed.unlink()
    (out.parent / "README.md").write_text("before\n<!-- verdicts -->\nold\n<!-- /verdicts -->\nafter\n")
    write_index(out, {"small_cnn": "cell 3: ValueError"}, RUNS)
    return out


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


def test_every_row_of_the_index_has_its_verdict(site: Path) -> None:
    rows = {row["id"]: row for row in json.loads((site / "index.json").read_text())}
    assert rows["T4"]["verdict"].split("; ")[0] == "holds"
    assert rows["X1"]["verdict"] == "holds; does not hold"
    assert rows["lesson"]["verdict"] == ""
    assert (rows["T4"]["scale"], rows["T4"]["evidence"]) == ("half the widths", "recorded")


def test_a_papers_page_opens_with_its_verdicts(site: Path) -> None:
    text = (site / "lite_xception" / "index.html").read_text()
    assert text.count("<h1") == 1
    assert text.index("What became of its claims") < text.index("The story.") < text.index('id="T4"')
    assert '<a href="#T4">T4</a>' in text
    # Written once more, nothing is doubled.
    write_index(site, {"small_cnn": "cell 3: ValueError"}, RUNS)
    assert (site / "lite_xception" / "index.html").read_text() == text


def test_the_front_page_tells_every_paper_and_what_failed(site: Path) -> None:
    text = (site / "index.html").read_text()
    told = stories(RUNS)
    assert sorted(story.paper.key for story in told) == list_papers()
    assert [story.decided for story in told] == sorted((story.decided for story in told), reverse=True)
    places = [text.index(story.paper.title, text.index("<h2>Five papers")) for story in told]
    assert places == sorted(places)
    assert all(f"{number} {word}</span>" in text for story in told for word, number in story.counted.items())
    assert all(run["accuracy"] in text for run in best_runs(RUNS))
    assert "cell 3: ValueError" in text
    assert "ours 65.56 % [63.99, 67.10], holds" in text  # what the forest plot says to those who do not see it
    for name in ("forest.png", "forest.svg", "forest_narrow.png"):
        assert (site / name).stat().st_size > 10_000
        assert name in text


def test_the_readme_gets_the_verdicts_between_its_marks(site: Path, tmp_path: Path) -> None:
    readme = (site.parent / "README.md").read_text()
    assert readme.startswith("before\n<!-- verdicts -->\n![")
    assert readme.endswith("<!-- /verdicts -->\nafter\n")
    assert "\nold\n" not in readme
    assert readme.count("**[Re]**") == len(list_papers())
    assert "(reports/forest.png)" in readme
    plain = tmp_path / "README.md"
    plain.write_text("no marks")
    assert not write_readme(plain, stories(RUNS), "forest.png")
    assert plain.read_text() == "no marks"


def test_stand_ins_and_long_tables_are_folded(site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto((site / "lite_xception" / "index.html").as_uri())
    opened = "id => document.getElementById(id).querySelector('details').open"
    assert page.evaluate(opened, "T4")
    assert not page.evaluate(opened, "lesson")
    assert "the code runs" in page.inner_text("#lesson summary")
    assert "published" not in page.inner_html("#lesson")
    assert page.is_hidden("#T1 table")
    page.click("#T1 details details summary")
    assert page.is_visible("#T1 table")
    # A link to something folded unfolds it.
    page.click(".side a[href='#lesson']")
    page.wait_for_function("document.querySelector('#lesson details').open")
    assert page.evaluate("document.getElementById('lesson').getBoundingClientRect().top") < 800
    page.close()


def test_filters_leave_what_was_asked_for(site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto((site / "entries.html").as_uri())
    left = "[...document.querySelectorAll('.filtered tbody tr')].filter(r => !r.hidden).map(r => r.cells[0].innerText)"
    rows = json.loads((site / "index.json").read_text())
    assert len(page.evaluate(left)) == len(rows)
    page.select_option("[data-by=evidence]", "measured")
    assert page.evaluate(left) == ["lite_xception T1", "lite_xception X1"]
    page.select_option("[data-by=kind]", "claim")
    assert page.evaluate(left) == ["lite_xception X1"]
    assert page.inner_text("#shown") == f"1 of {len(rows)} entries"
    page.select_option("[data-by=evidence]", "")
    page.select_option("[data-by=kind]", "")
    page.select_option("[data-by=verdict]", "does not hold")
    assert page.evaluate(left) == ["lite_xception X1"]
    page.select_option("[data-by=verdict]", "")
    page.fill("[data-by=text]", "BODY architecture")
    assert page.evaluate(left) == ["lite_xception T1"]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "entries.html", "lite_xception/index.html"])
def test_a_phone_shows_published_and_ours_without_scrolling_sideways(
    site: Path, browser: Any, name: str, scheme: str
) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme).new_page()
    page.goto((site / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cells = page.evaluate(
        "[...document.querySelectorAll('td[data-label=ours], td[data-label=printed], td[data-label=published]')]"
        ".filter(c => c.textContent.trim()).map(c => [c.getBoundingClientRect().right, c.scrollWidth - c.clientWidth])"
    )
    assert len(cells) >= 4
    assert all(right <= 390 and over <= 0 for right, over in cells)
    page.close()


def test_the_first_screen_answers_which_papers_hold(site: Path, browser: Any) -> None:
    for width, height, drawn in ((1280, 800, "forest.png"), (390, 844, "forest_narrow.png")):
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        page.goto((site / "index.html").as_uri())
        page.wait_for_function("document.images[0].complete")
        assert page.evaluate("document.images[0].currentSrc").endswith(drawn)
        assert page.evaluate("document.images[0].getBoundingClientRect().bottom") <= height
        page.close()


def test_badges_have_their_colour_without_our_style_sheet(site: Path) -> None:
    text = (site / "lite_xception" / "index.html").read_text()
    badges = re.findall(r'<span class="badge [^"]*" style="background: (#[0-9a-f]{6})', text)
    assert set(badges) == {module.BADGES[word] for word in ("recorded", "measured", "stand-in")}
