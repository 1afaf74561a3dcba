"""Figures: every one can be drawn, is labelled, and has the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ferstudy import figures
from ferstudy.attention import Attention
from ferstudy.benchmark import TimeModel
from ferstudy.colours import EMOTION_COLOURS
from ferstudy.data.faces import FaceCrop, crop_face
from ferstudy.data.fer2013 import CLASSES
from ferstudy.evaluation import metrics_of
from ferstudy.models.receptive_field import ReceptiveField
from ferstudy.models.summary import Layer
from ferstudy.vision.boxes import LANDMARKS, Box, Detection, crop
from ferstudy.vision.mtcnn import Stage, Stages

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 48, 48), dtype=np.uint8)
LABELS = np.arange(40) % 7
LOGITS = RNG.normal(size=(40, 7))
HISTORY = pd.DataFrame(
    {"epoch": [1, 2], "train_loss": [2.0, 1], "select_loss": [2.1, 1.5], "train_accuracy": [0.2, 0.4],
     "select_accuracy": [0.3, 0.35]}
)  # fmt: skip
FOLDS = pd.concat([HISTORY.assign(fold=fold) for fold in (1, 2)])
SYSTEMS = pd.DataFrame(
    {"system": ["a", "b"], "parameters": [5e4, 1e8], "accuracy": [65.0, 73], "low": [63.0, np.nan],
     "high": [67.0, np.nan], "evidence": ["recorded", "published"]}
)  # fmt: skip
SCORES = pd.DataFrame(
    {"system": ["a", "a", "b", "b"], "set": ["all", "fewer"] * 2, "accuracy": [66.0, 65, 70, 69],
     "low": [65.0, 64, 69, 68], "high": [67.0, 66, 71, 70]}
)  # fmt: skip
PAPERS = pd.DataFrame(
    {"name": ["a", "b"], "detail": ["A 2020", "B 2021"], "printed": [70.0, 74], "accuracy": [69.0, np.nan],
     "low": [68.0, np.nan], "high": [70.5, np.nan], "smaller": [False, True], "verdict": ["holds", "undecided"]}
)  # fmt: skip
COSTS = pd.DataFrame({"channels": [8, 16], "standard": [100, 400], "separable": [20, 60]})
PHOTO = RNG.integers(0, 256, (120, 160, 3), dtype=np.uint8)
POINTS = ((60.0, 50.0), (90.0, 55.0), (75.0, 70.0), (64.0, 82.0), (86.0, 84.0))
FACE = Detection(Box(50, 30, 50, 65), 0.99, POINTS)
STAGES = Stages(
    *(Stage(np.array([[50.0, 30, 100, 95]] * n, np.float32), np.full(n, 0.9, np.float32)) for n in (3, 2, 1)),
    np.array([POINTS], np.float32),
)
NOTHING = np.zeros((0, 0, 0), np.float32)


def attention_at(places: list[tuple[int, int]], side: int = 6) -> Attention:
    """Averages of three classes, the last of which has no face, whose maps are 1 at one place each."""
    maps = np.zeros((3, side, side), np.float32)
    maps[[0, 1], *zip(*places, strict=True)] = 1
    faces = np.full((3, 48, 48), 0.5, np.float32)
    return Attention(CLASSES[:3], np.array([5, 1200, 0]), faces, {"net.last": maps}, {}, faces, NOTHING, NOTHING, ())


FIGURES: dict[str, Callable[[], Figure]] = {
    "sample_sheet": lambda: figures.sample_sheet(IMAGES, LABELS, CLASSES),
    "confusion_matrix": lambda: figures.confusion_matrix({"a": metrics_of(LOGITS, LABELS)}, CLASSES),
    "history_curves": lambda: figures.history_curves({"run": HISTORY, "other": HISTORY}),
    "class_bars": lambda: figures.class_bars(pd.DataFrame({"split": range(7)}, index=CLASSES)),
    "recall_comparison": lambda: figures.recall_comparison(pd.DataFrame({"a": RNG.random(7)}, index=CLASSES)),
    "parameter_scatter": lambda: figures.parameter_scatter(SYSTEMS),
    "pareto": lambda: figures.pareto(SYSTEMS.assign(low=60.0, high=75.0, front=[True, False]), "parameters", "count"),
    "convolution_cost": lambda: figures.convolution_cost(COSTS, "time", "ms"),
    "cost_curves": lambda: figures.cost_curves(COSTS.set_index("channels"), "channels", "milliseconds"),
    "misclassified": lambda: figures.misclassified(IMAGES, LABELS, LOGITS, CLASSES),
    "cam_sheet": lambda: figures.cam_sheet(IMAGES[:3], RNG.random((3, 48, 48)), ["a", "b", "c"]),
    "average_attention": lambda: figures.average_attention(attention_at([(0, 0), (5, 5)]), "a network"),
    "reliability_diagram": lambda: figures.reliability_diagram({"a": (LOGITS, LABELS)}),
    "layer_bars": lambda: figures.layer_bars(
        [Layer("a", "Conv2d", (8, 48, 48), 80, 9), Layer("b", "Linear", (7,), 63, 9)], ["first", "last"]
    ),
    "rate_curves": lambda: figures.rate_curves({"constant": [0.1] * 4, "step": [0.1, 0.1, 0.05, 0.05], "c": [0.1] * 4}),
    "receptive_field": lambda: figures.receptive_field(ReceptiveField(31, 29, 17, np.full((48, 48), 48.0**-2))),
    "pictures": lambda: figures.pictures(list(IMAGES[:3]), ["a", "b", "c"]),
    "detection_stages": lambda: figures.detection_stages(PHOTO, STAGES),
    "landmarks": lambda: figures.landmarks(PHOTO, [FACE]),
    "feature_maps": lambda: figures.feature_maps(
        list(IMAGES[:2]), [[FACE], []], RNG.random((2, 6, 6)), 1.1 * RNG.random((2, 6, 6)), "a network"
    ),
    "face_preparation": lambda: figures.face_preparation(PHOTO, FACE, FaceCrop("mtcnn", 20)),
    "copy_sheet": lambda: figures.copy_sheet(
        [IMAGES[:2], IMAGES[2:5]], [["fear", "sad"], ["happy"] * 3], [["Training", "PrivateTest"], ["Training"] * 3]
    ),
    "share_matrix": lambda: figures.share_matrix(
        pd.DataFrame(RNG.dirichlet(np.ones(4), 7), index=CLASSES, columns=list("abcd")), "votes", "label"
    ),
    "distribution_steps": lambda: figures.distribution_steps(
        pd.DataFrame(RNG.integers(0, 9, (5, 7)), index=0.5 * np.arange(5), columns=CLASSES), 0.5, "entropy (bits)"
    ),
    "interval_dots": lambda: figures.interval_dots(SCORES),
    "stage_bars": lambda: figures.stage_bars({"detect": 3.0, "draw": 1.0}),
    "fold_losses": lambda: figures.fold_losses({"five folds": FOLDS, "other": FOLDS}),
    "confusion_grid": lambda: figures.confusion_grid({"a": (np.eye(7), CLASSES), "b": (np.ones((2, 2)), "xy")}),
    "feature_scatter": lambda: figures.feature_scatter(
        {name: (RNG.normal(size=(40, 5)), LABELS) for name in "ab"}, CLASSES
    ),
    "forest": lambda: figures.forest(PAPERS, (14.3, 24.5), (60, 70)),
    "time_lines": lambda: figures.time_lines(pd.DataFrame({"raw": [1.0, 5, 2], "smooth": [1.0, 3, 3]}), "frame", "%"),
    "time_model": lambda: figures.time_model([1, 2, 4], [58, 70, 90], TimeModel(46, 11), TimeModel(46.93, 11.06)),
}
PICTURES = {
    "sample_sheet", "misclassified", "cam_sheet", "pictures", "detection_stages", "landmarks", "feature_maps",
    "face_preparation", "copy_sheet", "average_attention",
}  # fmt: skip


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def test_every_figure_is_tested() -> None:
    public = {n for n, f in vars(figures).items() if callable(f) and getattr(f, "__module__", "") == figures.__name__}
    assert {name for name in public if not name.startswith("_")} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_same_bytes_each_time(name: str) -> None:
    global RNG
    RNG = np.random.default_rng(1)
    first = png(FIGURES[name]())
    RNG = np.random.default_rng(1)
    assert png(FIGURES[name]()) == first


@pytest.mark.parametrize("name", sorted(set(FIGURES) - PICTURES))
def test_axes_are_labelled(name: str) -> None:
    for axes in FIGURES[name]().axes:
        assert axes.get_ylabel() or axes.get_xlabel(), name


def test_every_emotion_has_a_colour_of_its_own() -> None:
    assert set(CLASSES) <= set(EMOTION_COLOURS)
    assert len(set(EMOTION_COLOURS.values())) == len(EMOTION_COLOURS)


def test_all_maps_of_a_sheet_share_one_scale() -> None:
    maps = np.stack([np.full((48, 48), 0.1), np.full((48, 48), 1.0)])
    sheet = figures.cam_sheet(IMAGES[:2], maps, ["weak", "strong"])
    scales = {image.get_clim() for axes in sheet.axes for image in axes.images if image.get_cmap().name == "inferno"}
    assert scales == {(0, 1.0)}


def test_average_maps_share_one_scale_and_differences_another() -> None:
    panels = figures.average_attention(attention_at([(0, 0), (5, 5)]), "a network").axes
    maps, differences = panels[3:6], panels[6:9]
    assert {panel.images[1].get_clim() for panel in maps} == {(0.0, 1.0)}
    assert {panel.images[1].get_clim() for panel in differences} == {(-0.5, 0.5)}
    np.testing.assert_array_equal(differences[0].images[1].get_array()[[0, 5], [0, 5]], [0.5, -0.5])
    assert [panel.get_xlabel() for panel in differences] == ["5 faces", "1,200 faces", "none right"]


@pytest.mark.parametrize(("places", "central"), [([(2, 2), (3, 3)], True), ([(2, 2), (0, 3)], False)])
def test_average_maps_say_where_they_show_nothing_but_the_middle(places: list, central: bool) -> None:
    title = figures.average_attention(attention_at(places), "a network").get_suptitle()
    assert title.startswith("a network\nnet.last, 6 × 6 positions")
    assert ("every class peaks in the middle" in title) == central


def boxes_of(panel: Axes) -> list[tuple[float, ...]]:
    return [(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in panel.patches]


def test_detection_stages_count_and_draw_what_is_kept() -> None:
    panels = figures.detection_stages(PHOTO, STAGES).axes
    assert [p.get_title() for p in panels] == ["P-Net keeps 3 regions", "R-Net keeps 2 regions", "O-Net keeps 1 face"]
    assert [boxes_of(p) for p in panels] == [[(50, 30, 50, 65)] * n for n in (3, 2, 1)]
    assert [tuple(line.get_xydata()[0]) for line in panels[2].lines] == list(POINTS)
    assert all((p.get_xlim(), p.get_ylim()) == ((0, 160), (120, 0)) for p in panels)


def test_feature_maps_share_a_scale_and_say_where_no_face_is_found() -> None:
    before = np.stack([np.full((6, 6), 1.0), np.full((6, 6), 4.0)])
    panels = np.array(figures.feature_maps(list(IMAGES[:2]), [[FACE], []], before, 1.5 * before).axes).reshape(2, 5)
    assert [[panel.images[1].get_clim() for panel in row[2:]] for row in panels] == [
        [(0, 1.5), (0, 1.5), (0, 0.5)],
        [(0, 6), (0, 6), (0, 2)],
    ]
    assert [sum(line.get_xdata().size for line in row[0].lines) for row in panels] == [len(LANDMARKS), 0]
    assert panels[1, 0].get_xlabel() == "no face found"


def test_the_rows_of_a_confusion_matrix_are_true() -> None:
    panel = figures.confusion_matrix({"a": np.array([[3, 1], [0, 4]])}, ["x", "y"]).axes[0]
    assert [text.get_text() for text in panel.texts] == ["0.75\n3", "0.25\n1", "0.00\n0", "1.00\n4"]
    assert (panel.get_ylabel(), panel.get_xlabel()) == ("true class", "predicted class")


def test_landmarks_are_named() -> None:
    figure = figures.landmarks(PHOTO, [FACE, Detection(Box(0, 0, 20, 20))])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(LANDMARKS)
    assert len(boxes_of(figure.axes[0])) == 2


def test_face_preparation_shows_what_is_cut() -> None:
    settings = FaceCrop("mtcnn", 20, size=128, channels=3)
    found, widened, cropped, resized = figures.face_preparation(PHOTO, FACE, settings).axes
    assert boxes_of(found) == [(50, 30, 50, 65)]
    assert boxes_of(widened)[1] == (23, 10, 105, 105)
    np.testing.assert_array_equal(cropped.images[0].get_array(), crop(PHOTO, FACE.box.grown(20)))
    np.testing.assert_array_equal(resized.images[0].get_array(), crop_face(PHOTO, FACE, settings))
    assert resized.get_title() == "resized, 128 × 128"
