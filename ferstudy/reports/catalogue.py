"""Every report there is: one a paper, and what this project adds to the papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ferstudy.course.lessons import GUIDE, LESSONS, Lesson
from ferstudy.errors import lookup
from ferstudy.models import ModelInfo, list_models, model_info
from ferstudy.papers import Entry, get_paper, list_papers


@dataclass(frozen=True)
class ReportInfo:
    """What a notebook must show.

    Attributes:
        name: Of the notebook and of the report's folder.
        group: What its entries are called under ``paper`` in ``reports/index.json``: a paper's key, or a word.
        title: Heading in the index.
        byline: A line below it.
        entries: What it must show, in reading order.
        notebook: The notebook that makes it, where that is not called as the report is.
        parameters: What that notebook is executed with.
    """

    name: str
    group: str
    title: str
    byline: str = ""
    entries: tuple[Entry, ...] = ()
    notebook: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Name of the notebook that makes it."""
        return self.notebook or self.name


# The lightest installed peer on the same splits, its tflite model: measured once on another machine with 2 cores.
PEER_COST = "0.64 ms at 65.8 % on PrivateTest: the package fer 25.10"

DATASET_AUDIT = ReportInfo(
    name="dataset_audit",
    group="audit",
    title="Dataset audit",
    byline="What a dataset holds that its papers do not say, on FER2013 or any dataset of your own.",
    entries=(
        Entry("classes", "Images by class and split"),
        Entry("samples", "Sample sheet"),
        Entry("planted", "What the audit finds of copies that were planted"),
        Entry("identical", "Pixel-identical images within and across splits"),
        Entry("identical_faces", "Identical images under different labels"),
        Entry("near", "Near-identical images within and across splits"),
        Entry("near_faces", "Near-identical images, as pictures"),
        Entry("constant", "Constant images"),
        Entry("leakage", "What a score on this dataset hides, in sentences"),
        Entry("votes", "Ten new votes an image against its label"),
        Entry("entropy", "How much the ten people disagree"),
        Entry("ceiling", "What label noise leaves of an accuracy"),
        Entry("scores", "Recorded runs with and without the copies"),
    ),
)


PERFORMANCE = ReportInfo(
    name="performance",
    group="performance",
    title="Performance",
    byline="What training, prediction and a report cost on this machine, each beside what it is compared with.",
    entries=(
        Entry("training", "Images a second in training: the plain pipeline, ours, and the network alone"),
        Entry("inference", "Images a second in scoring: the plain pipeline, ours, and the network alone"),
        Entry("peak", "Arithmetic a second against the machine's matrix product"),
        Entry("one_face", "Milliseconds for one face through torch, torch.compile and ONNX Runtime", PEER_COST),
        Entry("growth", "How a face's cost changes with faces a pass and with their size"),
        Entry("detectors", "The detectors on known faces: what they find, what they make up, milliseconds a frame"),
        Entry("stages", "The pipeline on a video, by stage"),
        Entry("faces", "The pipeline by faces in the frame"),
        Entry("start", "Seconds from nothing to a first prediction, and to a report"),
    ),
)


LEADERBOARD = ReportInfo(
    name="leaderboard",
    group="leaderboard",
    title="Leaderboard",
    byline="Every recorded run on FER2013 under the strict protocol, what it costs, and which differences count.",
    entries=(
        Entry("ranking", "Recorded runs: accuracy with interval, views, parameters, multiply-adds"),
        Entry("significance", "Neighbours in the ranking on the same images"),
        Entry("seeds", "How much the seed alone decides"),
        Entry("pareto", "Accuracy against parameters, multiply-adds and time"),
        Entry("copies", "The same runs without the copies that FER2013 holds"),
        Entry("ensembles", "Averages of the runs' probabilities"),
        Entry("field", "The field's printed numbers, and how each was obtained"),
    ),
)


# The notebook that is executed once a network.
MODEL_CARD = "model_card"


def _model_card(model: str) -> ReportInfo:
    info = model_info(model)
    return ReportInfo(
        name=f"model_{model}",
        group=f"model_{model}",
        title=model,
        byline=f"{count_words(info)} {info.note[:1].upper()}{info.note[1:]}.",
        entries=(
            Entry("layers", "Layers, shapes, parameters and multiply-adds"),
            Entry("cost", "Parameters, multiply-adds and milliseconds a face"),
            Entry("receptive_field", "What one position of the last feature map sees"),
            Entry("results", "Recorded runs: history, confusion matrix, classes, calibration"),
            Entry("errors", "The surest errors"),
            Entry("grad_cam", "Where it looks"),
            Entry("card", "What its weights were made from, where they fail, and what they must not be used for"),
        ),
        notebook=MODEL_CARD,
        parameters={"model": model},
    )


def _lesson(lesson: Lesson) -> ReportInfo:
    return ReportInfo(
        name=lesson.report,
        group=lesson.report,
        title=f"Lesson {lesson.number}: {lesson.title}" if lesson.number.isdigit() else lesson.title,
        byline=f"{lesson.minutes} minutes. {lesson.heart}",
        entries=lesson.entries,
        notebook=lesson.source,
    )


COURSE = {lesson.report: _lesson(lesson) for lesson in (GUIDE, *LESSONS)}


def count_words(info: ModelInfo) -> str:
    """A model's parameters beside the printed number, as a sentence."""
    printed = "" if info.published_parameters is None else f"; the paper prints {info.published_parameters / 1e6:g} M"
    return f"{info.parameters:,} parameters{printed}."


_ADDED = {report.name: report for report in (LEADERBOARD, DATASET_AUDIT, PERFORMANCE, *map(_model_card, list_models()))}
_ADDED |= COURSE


def list_reports() -> list[str]:
    """Names of the reports: the papers', then the others, each in the order of the index."""
    return [*list_papers(), *_ADDED]


def get_report(name: str) -> ReportInfo:
    """A report by its name.

    Raises:
        FerstudyError: No report has this name.
    """
    return lookup("report", name, {known: find_report(known) for known in list_reports()})


def find_report(name: str) -> ReportInfo:
    """A report by its name; one without entries for a notebook that is in no catalogue."""
    if name in list_papers():
        paper = get_paper(name)
        return ReportInfo(name, name, paper.title, f"{paper.authors}, {paper.year}.", paper.entries)
    return _ADDED.get(name, ReportInfo(name, name, name.replace("_", " ")))
