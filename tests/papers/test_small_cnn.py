"""The transcription of the paper, checked against its own sums; its recipes, against its text; its errata, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.fer2013 import OFFICIAL
from ferstudy.data.protocols import get_protocol
from ferstudy.models import count_parameters, create_model
from ferstudy.papers import get_paper, get_recipe, list_papers, small_cnn_errata
from ferstudy.papers import small_cnn as paper
from ferstudy.recipes import Optimizer, Recipe, Schedule, from_yaml, to_yaml
from ferstudy.training import train
from tests.conftest import make_dots

PROPOSED = 784_263


@pytest.mark.parametrize("table", [paper.FIGURE_3_BEFORE, paper.FIGURE_3_AFTER])
def test_figure_3_sums_to_its_totals(table: dict[str, tuple[tuple[int, ...], int]]) -> None:
    assert list(table) == ["FER2013", "JAFFE", "CK+", "KDEF", "RAF"]
    for counts, total in table.values():
        assert sum(counts) == total


def test_figure_3_adds_as_many_to_every_class_but_one() -> None:
    """100 a class of JAFFE and CK+, 50 of KDEF, none of RAF; 3,000 of FER2013, but for the slip and for disgust."""
    pairs = {name: (paper.FIGURE_3_BEFORE[name][0], paper.FIGURE_3_AFTER[name][0]) for name in paper.FIGURE_3_BEFORE}
    added = {name: np.subtract(after, before).tolist() for name, (before, after) in pairs.items()}
    assert added == {
        "FER2013": [3900, 300, 3000, 3000, 3000, 3000, 3000],
        "JAFFE": [100] * 7, "CK+": [100] * 7, "KDEF": [50] * 7, "RAF": [0] * 7,
    }  # fmt: skip


def test_figures_5_to_7_and_the_text_name_the_same_best() -> None:
    start, best = paper.FIGURE_7[0][2], max(row[2] for row in paper.FIGURE_7)
    assert paper.FIGURE_6_BEST["Reduce on plateau"] == (73.59, start)
    assert (start, best) == (73.06, 73.28)
    assert {value for name, _, value, *_ in paper.SURVEY if name.startswith("VGGNet")} == {start, best}
    assert len(paper.FIGURE_7) == 5


def test_the_public_confusion_matrix_is_of_public_test() -> None:
    matrix = np.array(paper.VGGNET_CONFUSION)
    assert matrix.sum(1).tolist() == OFFICIAL[1].tolist()
    assert matrix.sum(1).tolist() != OFFICIAL[2].tolist()
    assert round(100 * np.trace(matrix) / matrix.sum(), 2) == 73.28
    assert small_cnn_errata.vggnet_test_split() == "PublicTest"


def test_table_1_is_our_network() -> None:
    assert int(paper.TABLE_1["Parameters"].replace(",", "")) == paper.PARAMETERS == PROPOSED
    assert count_parameters(create_model("small_cnn")) == PROPOSED
    assert f"{paper.FILE_MEGABYTES} (MB)" == paper.TABLE_1["File size"]
    recipe = get_recipe("small_cnn.fer2013.published")
    assert (recipe.optimizer.name, recipe.optimizer.lr, recipe.batch_size) == ("sgd", 0.01, 64)
    assert (recipe.epochs, recipe.schedule.name, recipe.loss.name) == (158, "constant", "cross_entropy")


def test_vggnet_is_trained_as_section_2_3_says() -> None:
    """300 epochs, momentum 0.9, weight decay 0.0001, 0.01 times 0.75 after 5 epochs without gain, ten-crop."""
    recipe = get_recipe("vggnet.fer2013.published")
    assert recipe.epochs == 300
    assert recipe.optimizer == Optimizer("sgd", lr=0.01, weight_decay=1e-4, momentum=0.9, nesterov=True)
    assert recipe.schedule == Schedule("plateau", factor=0.75, patience=5)
    assert "ten_crop" in recipe.tta
    strict = get_recipe("vggnet.fer2013.strict")
    assert strict.but(name=recipe.name, protocol=recipe.protocol, cites=recipe.cites) == recipe


def test_the_optimiser_study_is_seven_rules_at_two_rates() -> None:
    assert len(paper.OPTIMIZER_STUDY) == 14
    assert len(paper.OPTIMIZERS_NAMED) == 7
    for (label, rate), recipe in paper.OPTIMIZER_STUDY.items():
        assert recipe.optimizer.lr == {"constant": 0.001, "decaying": 0.01}[rate]
        assert recipe.schedule.name == {"constant": "constant", "decaying": "plateau"}[rate]
        assert recipe.optimizer.weight_decay == 1e-4
        assert recipe.optimizer.momentum == 0.9
        assert recipe.epochs == 300
        assert (recipe.optimizer.name == "sgd") == label.startswith("SGD")
        assert (recipe.optimizer.name == "sgd" and recipe.optimizer.nesterov) == ("Nesterov" in label)
    assert len({(r.optimizer, r.schedule) for r in paper.OPTIMIZER_STUDY.values()}) == 14


def test_the_schedule_study_is_six_schedules_of_the_best_optimiser() -> None:
    best = paper.OPTIMIZER_STUDY["SGD + Nesterov", "decaying"]
    assert [r.schedule.name for r in paper.SCHEDULE_STUDY.values()] == [
        "plateau", "constant", "cosine", "cosine_restarts", "onecycle", "step"
    ]  # fmt: skip
    assert {recipe.optimizer for recipe in paper.SCHEDULE_STUDY.values()} == {best.optimizer}
    assert paper.SCHEDULE_STUDY["Reduce on plateau"] is best


def test_fine_tuning_starts_from_the_best_run() -> None:
    """50 epochs from 0.0001 with two schedules, on Training and on Training with the validation images."""
    assert list(paper.TUNING_STUDY) == [row[:2] for row in paper.FIGURE_7[1:]]
    for (images, _), recipe in paper.TUNING_STUDY.items():
        assert (recipe.epochs, recipe.optimizer.lr) == (50, 1e-4)
        assert recipe.init == "vggnet.fer2013.published.s0"
        assert get_protocol(recipe.protocol).selects == (images == "regular split")
        assert get_protocol(recipe.protocol).reported == get_protocol("swapped").reported
    strict = [recipe for recipe in paper.RECIPES if ".strict_tuned_" in recipe.name]
    assert [recipe.protocol for recipe in strict] == ["strict", "strict", "train_val", "train_val"]
    assert {recipe.init for recipe in strict} == {"vggnet.fer2013.strict.s0"}


def test_the_survey_networks_as_sections_2_1_and_2_2_describe_them() -> None:
    names = ("alexnet.fer2013.published", "fernet.fer2013.published", "fernet.fer2013.source")
    alexnet, own, source = (get_recipe(name) for name in names)
    assert alexnet.preparation.size == 227
    assert alexnet.augmentation == own.augmentation == Augmentation(flip=0)
    assert (own.preparation.size, source.preparation.size) == (48, 256)
    assert own.optimizer.name == source.optimizer.name == "adam"
    assert own.patience > 0
    assert source.augmentation.vertical_flip
    assert source.augmentation.noise
    assert [recipe.model for recipe in paper.DEEP_STUDY] == ["deep_vgg", "deep_inception", "deep_resnet"]


@pytest.mark.parametrize("recipe", paper.RECIPES, ids=lambda recipe: recipe.name)
def test_every_recipe_is_named_cited_and_survives_a_file(recipe: Recipe) -> None:
    assert recipe.name.startswith(f"{recipe.model}.fer2013.")
    assert recipe.cites
    assert from_yaml(to_yaml(recipe)) == recipe


@pytest.mark.parametrize("images", ["regular split", "training and validation"])
def test_a_narrow_vggnet_runs_the_study(images: str, tmp_path: object) -> None:
    """The chain of recipes works end to end: the best run, then its tuning by name."""
    small = {"dataset": "dots", "epochs": 1, "model_options": {"width": 1 / 16}, "batch_size": 21, "tta": ("single",)}
    train(get_recipe("vggnet.fer2013.published").but(**small), data=make_dots(3), out=str(tmp_path))
    tuned = train(paper.TUNING_STUDY[images, "Cosine"].but(**small), data=make_dots(3), out=str(tmp_path))
    assert list(tuned.metrics)[-1] == "PublicTest.single"
    assert ("PrivateTest.single" in tuned.metrics) == (images == "regular split")


def test_fernet_counts_by_hand() -> None:
    counts = small_cnn_errata.fernet_counts()
    assert counts["difference"].tolist() == [-900, 4, 0, 0, 0, 9, 0]
    assert counts["Training, by the header"].tolist() == [4965, 3995, 436, 4097, 7215, 4830, 3171]
    assert small_cnn_errata.official_differences("JAFFE") == {"fear": -1}
    assert small_cnn_errata.official_differences("RAF") == {"surprise": -156}


@pytest.mark.parametrize(
    ("printed", "correct", "how"),
    [(73.28, 2630, "rounded"), (73.06, 2622, "rounded"), (71.63, 2571, "cut off"), (68.52, 2459, "no share")],
)
def test_printed_accuracies_as_shares(printed: float, correct: int, how: str) -> None:
    """2571 / 3589 = 71.6356 %, 2459 / 3589 = 68.5149 % and 2460 / 3589 = 68.5428 %."""
    found, share, word = small_cnn_errata.attainable(printed)
    assert (found, word) == (correct, how)
    assert share == pytest.approx(100 * correct / 3589)


def test_the_gap_between_the_splits_by_the_formula() -> None:
    """z of two shares of 3,589: 112 images apart, pooled share 5030 / 7178."""
    pooled = 5030 / 7178
    z = (112 / 3589) / (pooled * (1 - pooled) * 2 / 3589) ** 0.5
    gap, chance = small_cnn_errata.split_gap()
    assert z == pytest.approx(2.886, abs=0.001)
    assert gap == pytest.approx(3.11)
    assert chance == pytest.approx(0.0039, abs=0.0001)


def test_errata_say_what_was_computed() -> None:
    table = small_cnn_errata.errata()
    said = dict(zip(table["the paper says"], table["its numbers say"], strict=True))
    assert len(table) == len(said) == 15
    assert said["'six different algorithms of optimizers' (section 2.3)"].startswith("7 are named")
    assert said["tuning brings 73.06 % to 73.28 % (Fig. 7)"].startswith("8 images of 3,589")
    assert "0.42 points less" in said["'both models in two variation perform better after training' (Fig. 7)"]
    assert "12.3 bytes" in said["784,263 parameters in 9.62 MB, trained with SGD (Table 1)"]


def test_catalogue_is_whole() -> None:
    ids = {entry.id for entry in get_paper("small_cnn").entries}
    assert {"T0", "F5", "F6", "F7", "F8", "T1", "F9", "F10", *(f"X{k}" for k in range(1, 8)), "errata"} <= ids
    assert "small_cnn" in list_papers()
