"""The widgets in JupyterLab itself, in the lessons' own cells: dragged, clicked and watched in a browser.

Skipped, saying so, where no Chromium or no JupyterLab is installed. ``FERSTUDY_SHOTS`` names a folder for pictures of
what was seen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, find_chromium
from tests.lab import run_all_cells, serve_lab

# Lesson to the words by which the cells that its widget needs are known.
WANTED = {
    "01_what_a_face_says": ("lab = FaceLab(",),
    "02_labels_are_opinions": ("game = LabellingGame(",),
    "04_train_it": ("lab = TrainingLab(",),
    "05_measure_honestly": ("leaderboard.ranking(", "ConfusionFaces(", "ThresholdExplorer("),
    "06_look_inside": ("kept = {}", "CamOverlay("),
}
# Watches a drawing, and says how many milliseconds after the last key or button press it first changed.
STOPWATCH = """selector => {
  const drawing = document.querySelector(selector), seen = [];
  let pressed = 0;
  document.addEventListener('keydown', () => { pressed = performance.now(); }, true);
  new MutationObserver(() => { if (pressed) { seen.push(performance.now() - pressed); pressed = 0; } })
    .observe(drawing.closest('.widget-html'), {childList: true, subtree: true, characterData: true});
  window.milliseconds = seen;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab over notebooks of the lessons' first cells and those with their widgets, in profile ``smoke``."""
    pytest.importorskip("jupyterlab")
    if find_chromium() is None:
        pytest.skip("no Chromium found; install one to try the widgets")
    folder = tmp_path_factory.mktemp("widgets")
    for name, words in WANTED.items():
        notebook = json.loads((ROOT / "notebooks" / "lessons" / f"{name}.ipynb").read_text(encoding="utf-8"))
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        texts = ["".join(cell["source"]) for cell in code]
        first = next(i for i, text in enumerate(texts) if "report = Report(" in text)
        kept = [*range(first + 1), *(i for i, text in enumerate(texts) if i > first and any(w in text for w in words))]
        notebook["cells"] = [code[i] for i in kept]
        runs = json.dumps(str(ROOT / "reports" / "runs"))
        code[0]["source"] = texts[0].replace('"quick"', '"smoke"').replace('"../../reports/runs"', runs)
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with serve_lab(folder) as served:
        yield served


@pytest.fixture
def opened(address: str) -> Iterator[Callable[[str], Any]]:
    """Opens a lesson's notebook and runs it."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1400})

        def run(name: str) -> Any:
            run_all_cells(page, address, f"{name}.ipynb")
            return page

        yield run
        if shots := os.environ.get("FERSTUDY_SHOTS"):
            name = os.environ["PYTEST_CURRENT_TEST"].split("::")[1].split(" ")[0]
            Path(shots).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{shots}/{name}.png")
        browser.close()


def percents(page: Any) -> dict[str, float]:
    rows = page.eval_on_selector_all(
        ".ferstudy-bars g", "rows => rows.map(r => [r.dataset.class, parseFloat(r.dataset.percent)])"
    )
    return dict(rows)


def test_a_dragged_slider_moves_the_bars(opened: Callable[[str], Any]) -> None:
    page = opened("01_what_a_face_says")
    page.wait_for_selector(".ferstudy-bars", timeout=120_000)
    before = percents(page)
    assert max(before, key=before.__getitem__) == "surprise"
    sliders = page.locator(".widget-slider")
    for unit in ("1 inner brow raiser", "2 outer brow raiser", "5 upper lid raiser", "26 jaw drop"):
        sliders.filter(has_text=unit).first.locator(".noUi-handle").press("Home")
    handle = sliders.filter(has_text="12 lip corner puller").locator(".noUi-handle")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y, steps=8)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.ferstudy-bars g[data-class=happy]').dataset.percent > 60")
    after = percents(page)
    assert max(after, key=after.__getitem__) == "happy"
    assert sum(after.values()) == pytest.approx(100, abs=0.5)
    page.evaluate(STOPWATCH, ".ferstudy-bars")
    for _ in range(15):
        handle.press("ArrowLeft")
        page.wait_for_timeout(400)
    times = sorted(page.evaluate("window.milliseconds"))
    assert len(times) >= 10
    # The quicker quarter: the machine that runs the tests may have other things to do.
    assert times[len(times) // 4] < 100, times


def test_the_labelling_game_is_played_to_its_end(opened: Callable[[str], Any]) -> None:
    page = opened("02_labels_are_opinions")
    page.get_by_role("button", name="Start", exact=True).click(timeout=120_000)
    for turn in range(20):
        page.get_by_text(f"face {turn + 1} of 20").wait_for(timeout=20_000)
        page.get_by_role("button", name="happy", exact=True).click()
    page.get_by_text("You agree with the labels on").wait_for(timeout=20_000)
    said = page.locator(".widget-html", has_text="You agree").first.inner_text()
    # Of twenty faces, evenly drawn, three are labelled happy.
    assert "15 % of 20 faces (20 answered" in said
    assert "answers/player.answers.json" in said
    assert page.get_by_text("label: happy").count() == 3


def test_training_curves_move(opened: Callable[[str], Any]) -> None:
    page = opened("04_train_it")
    page.get_by_role("button", name="Train", exact=True).click(timeout=120_000)
    drawn = []
    for _ in range(600):
        points = page.evaluate("Math.max(0, ...[...document.querySelectorAll('polyline')].map(p => +p.dataset.points))")
        if not drawn or drawn[-1] != points:
            drawn.append(points)
        if page.get_by_role("button", name="Train", exact=True).is_enabled() and drawn[-1] >= 2:
            break
        page.wait_for_timeout(100)
    assert drawn == sorted(drawn)
    assert len(drawn) >= 3


def test_the_matrix_opens_and_the_threshold_moves(opened: Callable[[str], Any]) -> None:
    page = opened("05_measure_honestly")
    explorer = page.locator(".widget-slider").filter(has_text="threshold")
    explorer.wait_for(timeout=120_000)
    page.get_by_title("happy called happy", exact=True).click()
    page.get_by_text("happy faces (90 %) called happy").wait_for(timeout=20_000)
    explorer.locator(".noUi-handle").press("End")
    page.wait_for_function(
        "parseFloat([...document.querySelectorAll('td')].find(t => t.textContent === 'it answers')"
        ".nextElementSibling.textContent) < 5"
    )


def test_the_map_under_the_pointer_is_seen(opened: Callable[[str], Any]) -> None:
    page = opened("06_look_inside")
    page.wait_for_selector(".ferstudy-cam", timeout=120_000)
    seen = "[...document.querySelectorAll('.ferstudy-cam [class^=map-]')].map(i => +getComputedStyle(i).opacity)"
    page.mouse.move(5, 5)
    # The likeliest class of the lesson's face is surprise, the sixth.
    assert page.evaluate(seen) == [0, 0, 0, 0, 0, 1, 0]
    page.locator(".ferstudy-cam .row-2").hover()
    assert page.evaluate(seen) == [0, 0, 1, 0, 0, 0, 0]
