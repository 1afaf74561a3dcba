"""The lessons: their form, their terms, and that every one executes and its solutions are right."""

from __future__ import annotations

import json
import re
import resource
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest

from ferstudy.course import GLOSSARY, LESSONS, Lesson
from ferstudy.course.exercises import EXERCISES
from ferstudy.course.lessons import GUIDE
from ferstudy.reports.catalogue import get_report
from ferstudy.reports.runner import build, reports_of
from tests.conftest import ROOT

NOTEBOOKS = ROOT / "notebooks"
BY_NUMBER = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
# Whatever shows a result that a reader could have predicted.
RESULT = re.compile(r"report\.(table|figure|claim)\(")
DEFINED = re.compile(r"^define\((.+)\)$", re.MULTILINE)


def cells(lesson: Lesson) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, text and metadata of a lesson's cells."""
    notebook = json.loads((NOTEBOOKS / f"{lesson.source}.ipynb").read_text(encoding="utf-8"))
    return [(cell["cell_type"], "".join(cell["source"]), cell["metadata"]) for cell in notebook["cells"]]


def test_every_lesson_is_a_report() -> None:
    made = reports_of(NOTEBOOKS)
    lessons = {name for name in made if name.startswith("lessons/")}
    assert lessons == {lesson.source for lesson in (GUIDE, *LESSONS)}
    assert all(get_report(lesson.report).source == lesson.source for lesson in (GUIDE, *LESSONS))


@BY_NUMBER
def test_a_lesson_has_its_parts(lesson: Lesson) -> None:
    found = cells(lesson)
    assert len(found) <= 40
    kind, first, _ = found[0]
    assert kind == "markdown"
    assert first.startswith(f"# {lesson.title}\n")
    assert "**Aims**" in first
    assert f"**Time** {lesson.minutes} minutes." in first
    teacher = [text for _, text, metadata in found if "teacher" in metadata.get("tags", [])]
    assert len(teacher) == 1
    for part in ("**Timing**", "**Likely questions**", "**Common errors**", "**On the board**"):
        assert part in teacher[0]


@BY_NUMBER
def test_a_prediction_stands_before_each_result(lesson: Lesson) -> None:
    narrative = ""
    for kind, text, _ in cells(lesson):
        if kind == "markdown":
            narrative = text
        elif RESULT.search(text):
            assert "**Predict.**" in narrative, text


@BY_NUMBER
def test_every_exercise_has_a_folded_solution(lesson: Lesson) -> None:
    found = cells(lesson)
    solved = [i for i, (_, _, metadata) in enumerate(found) if "solution" in metadata.get("tags", [])]
    asked = {number for _, text, _ in found for number in re.findall(r"\*\*(\d\d\.\d)\*\*", text)}
    assert asked == {number for number in EXERCISES if number.startswith(lesson.number)}
    assert len(solved) == len(asked) > 0
    for i in solved:
        number = re.findall(r'check\("(.+?)"', found[i][1])[0]
        assert f"**{number}**" in found[i - 2][1]
        assert "answer = None" in found[i - 1][1]
        assert found[i][2]["jupyter"] == {"outputs_hidden": True, "source_hidden": True}


def mentions(term: str, text: str) -> bool:
    """Whether a text uses a term as a word, in the singular or plural, outside of code."""
    prose = re.sub(r"`[^`]*`", "", text)
    return re.search(rf"(?<![\w-]){re.escape(term)}(s|es)?(?![\w-])", prose, re.IGNORECASE) is not None


def test_every_term_is_defined_once_where_it_is_first_used() -> None:
    places: dict[str, tuple[str, int]] = {}
    problems = []
    for lesson in LESSONS:
        found = cells(lesson)
        for i, (kind, text, _) in enumerate(found):
            for call in DEFINED.findall(text) if kind == "code" else ():
                above = next(words for shape, words, _ in found[i - 1 :: -1] if shape == "markdown")
                for term in re.findall(r'"([^"]+)"', call):
                    if term in places:
                        problems.append(f"{term} is defined twice, last in lesson {lesson.number}")
                    if not mentions(term, above):
                        problems.append(f"lesson {lesson.number} defines {term}, and the text above does not use it")
                    places[term] = (lesson.number, i)
    for lesson in LESSONS:
        for i, (kind, text, metadata) in enumerate(cells(lesson)):
            # The first cell says what will come, and the teacher knows the terms.
            if kind == "markdown" and i and "teacher" not in metadata.get("tags", []):
                problems += [
                    f"lesson {lesson.number}, cell {i}: {term} before its definition"
                    for term, place in places.items()
                    if place > (lesson.number, i + 1) and mentions(term, text)
                ]
    assert problems == []
    assert set(places) == set(GLOSSARY)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lessons")


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.without_words = 0
        self.svgs = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.svgs += tag == "svg"
        self.without_words += tag == "img" and not dict(attrs).get("alt")


@pytest.mark.parametrize("lesson", [GUIDE, *LESSONS], ids=lambda lesson: lesson.number)
def test_a_lesson_executes_and_its_solutions_are_right(lesson: Lesson, executed: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = build(lesson.report, notebooks=NOTEBOOKS, out=executed, runs=ROOT / "reports" / "runs", profile="smoke")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (result.outcome, result.error) == ("built", "")
    # The processor's own time, for other tests run beside this one; loading torch takes some five seconds of it.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 30
    folder = executed / lesson.report
    verdicts: dict[bool, list[str]] = {True: [], False: []}
    for cell in nbformat.read(folder / "report.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and 'check("' in cell.source:
            shown = "".join(o.data["text/html"] for o in cell.outputs if "data" in o)
            verdicts["solution" in cell.metadata.tags].append(re.sub("<[^>]+>", "", shown))
    numbers = sorted(number for number in EXERCISES if number.startswith(lesson.number))
    assert verdicts[True] == [f"exercise {number}: right" for number in numbers]
    assert verdicts[False] == [f"exercise {number}: no answer yet" for number in numbers]
    entries = json.loads((folder / "entries.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in entries if row["evidence"] == "not run"] == []
    page = (folder / "index.html").read_text(encoding="utf-8")
    pictures = _Pictures()
    pictures.feed(page)
    assert pictures.without_words == 0
    # Widgets are still pictures on the page: none asks for a script of another place, none is an empty name.
    assert "application/vnd.jupyter.widget" not in page
    assert not re.search(r"<script[^>]+src=", page)
    assert not re.search(r"(FaceLab|LabellingGame|TrainingCurves|Explorer|Faces|Overlay)\(children", page)
    assert str(ROOT) not in page
