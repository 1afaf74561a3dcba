"""The lessons in their order: what each is about, how long it takes, and what it must show."""

from __future__ import annotations

from dataclasses import dataclass

from ferstudy.papers import Entry

# Where the notebooks are, below the folder of all notebooks.
FOLDER = "lessons"


@dataclass(frozen=True)
class Lesson:
    """A lesson of the course.

    Attributes:
        notebook: Its file's name, without the ending.
        title: Its heading.
        minutes: What a class needs for it.
        heart: What is at its heart, a sentence.
        entries: The results that it shows.
    """

    notebook: str
    title: str
    minutes: int
    heart: str
    entries: tuple[Entry, ...]

    @property
    def number(self) -> str:
        """Two digits, or ``guide``."""
        return self.notebook.split("_")[0]

    @property
    def report(self) -> str:
        """Name of its report, and of the report's folder."""
        return f"lesson_{self.number}"

    @property
    def source(self) -> str:
        """Its notebook, below the folder of all notebooks."""
        return f"{FOLDER}/{self.notebook}"


GUIDE = Lesson(
    "guide",
    "Course guide",
    5,
    "Three paths through the course: an hour, half a day, eight sessions; and all of its terms.",
    (Entry("lessons", "The lessons and their time"), Entry("glossary", "The terms of the course")),
)

LESSONS = (
    Lesson(
        "00_start_here",
        "Start here",
        20,
        "What the course is, what to click, and a face that is classified in the first minute.",
        (
            Entry("first_face", "A face, and what the network says of it"),
            Entry("score", "How good that network is on faces that it never saw"),
        ),
    ),
    Lesson(
        "01_what_a_face_says",
        "What a face says",
        30,
        "The face lab: muscles as sliders, a live face and live probabilities.",
        (
            Entry("units", "The action units, each alone"),
            Entry("prototypes", "Which units make which emotion"),
            Entry("morph", "From surprise to fear, unit by unit"),
            Entry("two_networks", "The same drawn faces before two networks"),
        ),
    ),
    Lesson(
        "02_labels_are_opinions",
        "Labels are opinions",
        40,
        "The class labels twenty faces against the clock, and meets those who labelled them before.",
        (
            Entry("class", "How the class agrees with the labels and with itself"),
            Entry("votes", "FER+'s ten voters against FER2013's labels"),
            Entry("ceiling", "What label noise leaves of an accuracy", "human: 65 ± 5 %"),
        ),
    ),
    Lesson(
        "03_a_network_piece_by_piece",
        "A network, piece by piece",
        40,
        "Shapes and counts as a face passes, two kinds of convolution, and a test that every network must pass.",
        (
            Entry("filter", "What one filter finds in a face"),
            Entry("layers", "A face on its way through the network"),
            Entry("convolutions", "Standard against separable convolution: arithmetic and time"),
            Entry("overfit", "Thirty-two faces learnt by heart"),
        ),
    ),
    Lesson(
        "04_train_it",
        "Train it",
        40,
        "Curves that move while the network trains, and what rate, batch, augmentation and seed do to them.",
        (
            Entry("training", "A training on drawn faces"),
            Entry("rates", "Three learning rates"),
            Entry("seeds", "How far apart seeds alone lie"),
        ),
    ),
    Lesson(
        "05_measure_honestly",
        "Measure honestly",
        40,
        "Splits, intervals and McNemar's test; what choosing on the test set gains; what averages bring.",
        (
            Entry("intervals", "Recorded networks with their intervals"),
            Entry("pairs", "Which differences count"),
            Entry("peeking", "What choosing on the scored images gains"),
            Entry("averages", "Averages of views and of networks"),
            Entry("threshold", "When a network may be silent"),
        ),
    ),
    Lesson(
        "06_look_inside",
        "Look inside",
        35,
        "Grad-CAM in three lines by hand, then by the library; and when such a map misleads.",
        (
            Entry("by_hand", "Grad-CAM by hand and by the library"),
            Entry("classes", "One face, the map of every class"),
            Entry("average", "Average maps by class"),
            Entry("untrained", "The map of a network that learnt nothing"),
        ),
    ),
    Lesson(
        "07_to_a_camera",
        "To a camera",
        35,
        "Detection, crop and classification on a film; the time of each stage; smoothing and its price.",
        (
            Entry("steps", "From a picture to a label"),
            Entry("stages", "Milliseconds a frame, by stage"),
            Entry("smoothing", "A label that flickers, and one that lags"),
        ),
    ),
    Lesson(
        "08_read_a_paper",
        "Read a paper against itself",
        35,
        "One table, its errata as computations; how to check a claim; what must not be done with such a system.",
        (
            Entry("table", "The paper's table, recomputed from itself"),
            Entry("errata", "Its errata"),
            Entry("beside", "The same table beside a recorded run"),
        ),
    ),
)
