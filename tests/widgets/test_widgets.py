"""The widgets without a front end: what they do, how fast, and the still picture that stands for each."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ferstudy.course.labelling import SILENT, read_answers
from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.synthetic import make, prototype, render
from ferstudy.evaluation import metrics_of
from ferstudy.training import EpochStats
from ferstudy.widgets import (
    CamOverlay,
    ConfusionFaces,
    FaceLab,
    LabellingGame,
    Live,
    ParetoExplorer,
    ProbabilityBars,
    ThresholdExplorer,
    TrainingCurves,
    TrainingLab,
)
from ferstudy.widgets.live import VIEW
from tests.conftest import make_dots

BOARD = pd.DataFrame(
    {
        "system": ["small", "slow", "large"],
        "accuracy": [60.0, 58.0, 70.0],
        "parameters": [1_000, 5_000, 100_000],
        "time": [1.0, 9.0, 0.5],
    }
)


@pytest.fixture(scope="module")
def scores() -> tuple[np.ndarray, np.ndarray]:
    """Logits and targets of 700 images, right on most."""
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 7, 700)
    logits = rng.normal(0, 1, (700, 7)).astype(np.float32)
    logits[np.arange(700), targets] += 2
    return logits, targets


def all_widgets(scores: tuple[np.ndarray, np.ndarray], folder: Path, recipe: object) -> list[Live]:
    logits, targets = scores
    faces = np.stack([render(prototype(name), 48) for name in CLASSES])
    return [
        CamOverlay(faces[0], np.random.default_rng(0).random((7, 48, 48)), [1 / 7] * 7, CLASSES),
        ConfusionFaces(targets[:7], logits[:7].argmax(1), CLASSES, faces),
        FaceLab(),
        LabellingGame(faces, range(7), CLASSES, "test", folder),
        ParetoExplorer(BOARD, {"parameters": "count", "time": "ms a face"}),
        ProbabilityBars(CLASSES),
        ThresholdExplorer(logits, targets),
        TrainingCurves(3),
        TrainingLab(recipe, make_dots(), epochs=2),  # type: ignore[arg-type]
    ]


def test_every_widget_has_a_still_picture(scores: tuple[np.ndarray, np.ndarray], tmp_path: Path, tiny: object) -> None:
    found = all_widgets(scores, tmp_path, tiny)
    assert {type(one) for one in found} == set(Live.__subclasses__())
    for one in found:
        bundle = one._repr_mimebundle_()
        assert VIEW in bundle
        still = bundle["text/html"]
        assert len(still) > 200
        assert "<script" not in still
        assert all('alt="' in image for image in re.findall(r"<img[^>]*>", still))


def test_the_face_lab_answers_within_a_tenth_of_a_second() -> None:
    lab = FaceLab()
    lab.sliders[12].value = 0.3
    seconds = []
    for value in np.linspace(0.05, 0.95, 15):
        started = time.perf_counter()
        lab.sliders[12].value = float(value)
        seconds.append(time.perf_counter() - started)
    assert sorted(seconds)[7] < 0.1


def test_the_face_lab_shows_what_its_sliders_say() -> None:
    lab = FaceLab(prototype("surprise"))  # type: ignore[arg-type]
    assert max(lab.probabilities, key=lab.probabilities.__getitem__) == "surprise"
    assert sum(lab.probabilities.values()) == pytest.approx(1)
    lab.presets["happiness"].click()
    assert lab.units == {6: 1.0, 12: 1.0}
    assert max(lab.probabilities, key=lab.probabilities.__getitem__) == "happy"
    assert "happy" in lab.still()
    assert "12 lip corner puller 1.00" in lab.still()
    before = lab.still()
    lab.presets["contempt"].click()
    assert lab.one_side.value
    assert lab.still() != before
    one_network = lab.bars.probabilities
    lab.network.value = "learnt on photographs"
    assert lab.bars.probabilities != one_network


def test_a_game_to_its_end(tmp_path: Path) -> None:
    faces = make(train=21, public=0, private=0)
    game = LabellingGame(faces.images, faces.labels, CLASSES, "drawn", tmp_path)
    game.name.value = "blue fox"
    game.start_button.click()
    for k in range(21):
        assert not game.finished
        game.buttons[int(faces.labels[k]) if k else (int(faces.labels[0]) + 1) % 7].click()
    assert game.finished
    assert game.agreement() == pytest.approx(20 / 21)
    game.buttons[0].click()
    (kept,) = read_answers(tmp_path)
    assert kept == game.results()
    assert kept.name == "blue fox"
    assert kept.answers[1:] == tuple(faces.labels[1:])
    assert "95 %" in game.still()


def test_a_game_whose_time_is_up(tmp_path: Path) -> None:
    faces = make(train=10, public=0, private=0)
    game = LabellingGame(faces.images, faces.labels, CLASSES, "drawn", tmp_path)
    game.start()
    game.answer(int(faces.labels[0]))
    game.time_up()
    assert game.answers[1:] == [SILENT] * 9
    assert game.agreement() == pytest.approx(0.1)
    assert "1 answered" in game.still()
    game.time_up()
    game.start()
    assert game.answers == []


def test_the_confusion_matrix_opens_its_cells(scores: tuple[np.ndarray, np.ndarray]) -> None:
    logits, targets = scores
    faces = np.repeat(render({}, 48)[None], 700, 0)
    matrix = ConfusionFaces(targets, logits.argmax(1), CLASSES, faces)
    assert matrix.counts.tolist() == metrics_of(logits, targets).confusion
    matrix.cells[3, 3].click()
    assert matrix.chosen == (3, 3)
    assert f"{matrix.counts[3, 3]} of {matrix.counts[3].sum()} happy faces" in matrix.still()
    assert matrix.still().count("<img") == 12
    assert ConfusionFaces(targets, logits.argmax(1), CLASSES).still().count("<img") == 0


def test_threshold_and_temperature(scores: tuple[np.ndarray, np.ndarray]) -> None:
    logits, targets = scores
    explorer = ThresholdExplorer(logits, targets)
    metrics = metrics_of(logits, targets)
    assert explorer.numbers() == pytest.approx({"answered": 1, "accuracy": metrics.accuracy, "ece": metrics.ece})
    explorer.threshold.value = 0.8
    sure = explorer.numbers()
    assert sure["answered"] < 0.6
    assert sure["accuracy"] > metrics.accuracy
    explorer.threshold.value = 0
    explorer.temperature.value = 3
    warm = explorer.numbers()
    assert warm["accuracy"] == pytest.approx(metrics.accuracy)
    assert warm["ece"] > metrics.ece
    assert f"{warm['ece']:.3f}" in explorer.still()
    explorer.threshold.value = 0.99
    assert "no answer" in explorer.still()


def test_curves_grow_by_a_point_an_epoch(tiny: object) -> None:
    curves = TrainingCurves(3)
    for epoch in (1, 2, 3):
        curves.add(EpochStats(epoch, 0.1, 2 / epoch, 0.1 * epoch, 1.9, 0.2 * epoch), tiny)  # type: ignore[arg-type]
        assert set(re.findall(r'data-points="(\d)"', curves.still())) == {str(epoch)}
    curves.start("another")
    curves.add(EpochStats(1, 0.1, 2.0, 0.1, 1.9, float("nan")), tiny)  # type: ignore[arg-type]
    assert set(curves.rows) == {"lite_xception.dots.tiny.s0", "another"}
    assert "another" in curves.still()


def test_the_training_lab_trains_what_is_chosen(tiny: object) -> None:
    lab = TrainingLab(tiny, make_dots(), epochs=2, rates=(5e-3, 1e-2), batches=(14, 28))  # type: ignore[arg-type]
    run = lab.train(rate=1e-2, batch=14, augmentation=False)
    assert (run.recipe.optimizer.lr, run.recipe.batch_size, run.recipe.augmentation.flip) == (1e-2, 14, 0)
    assert len(run.history) == 2
    lab.augmentation.value = True
    lab.button.click()
    assert list(lab.curves.rows) == ["rate 0.01, batch 14, no augmentation", "rate 0.01, batch 14"]
    assert not lab.button.disabled
    # What was tried before can be tried again, and something new after it.
    lab.button.click()
    again = lab.train(rate=5e-3, batch=14, augmentation=True)
    assert again.recipe.optimizer.lr == 5e-3
    assert len(lab.runs) == 3


def test_the_map_of_the_likeliest_class_is_seen_first() -> None:
    shares = [0.1, 0.1, 0.4, 0.1, 0.1, 0.1, 0.1]
    page = CamOverlay(render({}, 48), np.ones((7, 48, 48)), shares, CLASSES).still()
    assert ".ferstudy-cam:not(:has(.row:hover, .row:focus)) .map-2 {opacity: 1}" in page
    assert page.count('class="map-') == 7


def test_what_a_budget_buys() -> None:
    explorer = ParetoExplorer(BOARD, {"parameters": "count", "time": "ms a face"})
    assert explorer.best == "large"
    explorer.budget.value = 5_000.0
    assert explorer.best == "small"
    assert "Within 5,000 count: <b>small</b>" in explorer.still()
    # Filled: the two that no other beats, one of them as the budget's best.
    assert explorer.still().count('fill="none"') == 1
    explorer.cost.value = "time"
    assert explorer.best == "large"
    assert [label for label, _ in explorer.budget.options] == ["0.5", "1", "9"]
    assert explorer.still().count('fill="none"') == 2
