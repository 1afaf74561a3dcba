"""The transcription of the paper against its own sums, its recipes against its text, its errata by hand."""

from __future__ import annotations

import itertools

import pytest

from ferstudy.data.fer2013 import OFFICIAL
from ferstudy.data.protocols import get_protocol
from ferstudy.evaluation import metrics_of
from ferstudy.models import list_models, model_info
from ferstudy.papers import get_paper, get_recipe
from ferstudy.papers import residual_masking as paper
from ferstudy.papers import residual_masking_errata as errata
from ferstudy.recipes import Recipe

RECIPES = {recipe.name: recipe for recipe in paper.RECIPES}
PUBLISHED = [recipe for recipe in paper.RECIPES if recipe.dataset != "synthetic"]


def test_catalogue_is_whole() -> None:
    ids = {entry.id for entry in get_paper("residual_masking").entries}
    assert {"T1", "T2", "T3", "T4", "F1", "F3", "F4", "F6", "F7", "F8", "X1", "X2", "X3", "errata"} == ids


def test_image_counts_sum() -> None:
    """VEMO's two parts make its whole; FER2013's splits do not, by the validation images."""
    vemo, fer = paper.VEMO_IMAGES, paper.FER2013_IMAGES
    assert vemo["collected"] + vemo["labelled by professionals [25]"] == vemo["all"] == 36_470
    official = OFFICIAL[:3].sum(1).tolist()
    assert [fer["training"], fer["test"]] == [official[0], official[2]]
    assert fer["training"] + fer["validation"] + fer["test"] - fer["all"] == 3_859 - official[1] == 270


def test_table_1_halves_and_doubles() -> None:
    shapes = [shape for _, shape, _ in paper.TABLE_1]
    for (channels, height, width), (wider, lower, narrower) in itertools.pairwise(shapes[2:6]):
        assert (wider, lower, narrower) == (2 * channels, height // 2, width // 2)
    assert len(paper.TABLE_1) == len(paper.TABLE_1_MODULES)


def test_table_2_ascends_and_names_our_networks() -> None:
    accuracies = [accuracy for *_, accuracy in paper.TABLE_2]
    assert accuracies == sorted(accuracies)
    assert len(paper.TABLE_2) == 11
    for _, ours, _, millions, _ in paper.TABLE_2:
        assert ours in list_models()
        assert model_info(ours).published_parameters == pytest.approx(1e6 * millions)


def test_the_tables_agree_on_the_papers_own_network() -> None:
    assert paper.TABLE_2[-1][-1] == paper.TABLE_3[-1][2] == 74.14
    assert len(paper.TABLE_3) == 10
    # "higher than the well-known classification systems", section V.
    assert max(both for _, both, _ in paper.TABLE_3 if both) == paper.TABLE_3[-1][1] == 76.82
    assert [accuracy for *_, accuracy in paper.TABLE_4] == [60.82, 63.94, 64.84, 65.94]


@pytest.mark.parametrize("recipe", PUBLISHED, ids=lambda recipe: recipe.name)
def test_recipes_are_section_4b(recipe: Recipe) -> None:
    """All networks are trained in "the same setting environment"."""
    assert (recipe.preparation.size, recipe.preparation.channels) == (224, 3)
    assert (recipe.augmentation.flip, recipe.augmentation.rotation) == (0.5, 30)
    assert (recipe.epochs, recipe.patience, recipe.batch_size) == (50, 8, 48)
    assert (recipe.optimizer.lr, recipe.optimizer.weight_decay) == (1e-4, 1e-3)
    assert (recipe.schedule.name, recipe.schedule.factor, recipe.schedule.patience) == ("plateau", 0.1, 2)
    assert get_protocol(recipe.protocol).flaws == ()
    assert recipe.init == ("imagenet" if model_info(recipe.model).imagenet else "")


def test_every_row_has_its_recipe() -> None:
    for _, ours, *_ in paper.TABLE_2:
        assert f"{ours}.fer2013.published" in RECIPES
    for _, ours, _ in paper.TABLE_4:
        assert RECIPES[f"{ours}.vemo.published"].protocol == "vemo_splits"
    ensemble = [recipe for recipe in PUBLISHED if "one of the seven" in recipe.cites]
    # With CBAM, EfficientNet and the network itself, which are rows of Table II, they are seven.
    assert len(ensemble) + 3 == paper.ENSEMBLE_SIZE
    masked, unmasked = (
        dict(get_recipe(f"resmasking.synthetic.{name}").model_options) for name in ("lesson", "unmasked")
    )
    assert unmasked == {**masked, "masking": False}


@pytest.mark.parametrize(
    ("number", "short", "nearest"), [(139.598919, 139.5, 139.6), (7.65, 7.6, 7.7), (5.6, 5.6, 5.6)]
)
def test_cut_and_rounded(number: float, short: float, nearest: float) -> None:
    assert (errata.cut(number, 1), errata.rounded(number, 1)) == (short, nearest)


def test_the_printed_count_is_a_double_count() -> None:
    """Four masks of depths 4, 3, 2, 1 whose 2 depth blocks each have a 1 x 1 shortcut with batch norm, by hand."""
    twice = 0
    for channels, depth in ((64, 4), (128, 3), (256, 2), (512, 1)):
        pairs = [(channels * 2**k, channels * 2 ** (k + 1)) for k in range(depth)]
        twice += sum(a * b + 2 * b for a, b in pairs) + sum(b * a + 2 * a for a, b in pairs)
    assert errata.counted_twice() == 137_796_423 + twice == 142_943_431


def test_parameter_readings() -> None:
    table = errata.parameter_readings()
    ours = table[table["reading"] == "ours"].set_index("network")
    assert (ours["agrees"] == "cut off").sum() == 6
    assert ours.loc["VGG19", ["cut off (M)", "rounded (M)"]].tolist() == [139.5, 139.6]
    others = table[table["reading"] != "ours"].set_index("network")["count"]
    # Counted on the public packages that the paper's code uses.
    assert others.to_dict() == {
        "Googlenet": 9_951_413,
        "ResAttNet56": 31_812_520,
        "Inception_v3": 25_126_607,
        "Cbam_resnet50": 26_054_967,
        "Our ResMaskingNet": 142_943_431,
    }
    agreeing = table[table["agrees"] != "no"]["network"].nunique()
    assert agreeing == 10  # all but ResAttNet56


def test_accuracy_grains_by_hand() -> None:
    grains = errata.accuracy_grains().set_index("network")
    # 2,661 of 3,589 is 74.1432 %, 2,757 is 76.8181 % and 2,599 is 72.4157 %.
    assert grains.loc["Our ResMaskingNet", ["correct", "cut off", "rounded"]].tolist() == [2661, True, True]
    assert grains.loc["ensemble of seven", ["correct", "cut off", "rounded"]].tolist() == [2757, False, True]
    assert grains.loc["Resnet34", ["correct", "cut off", "rounded"]].tolist() == [2599, True, False]
    assert (grains["cut off"] | grains["rounded"]).all()


def test_equation_2_against_scikit_learn() -> None:
    """Averaged over the classes, from a confusion matrix of scikit-learn."""
    import numpy as np
    from sklearn.metrics import multilabel_confusion_matrix

    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(500, 7)), rng.integers(0, 7, 500)
    tables = multilabel_confusion_matrix(targets, logits.argmax(1), labels=range(7))
    mean = 100 * np.mean([(t[0, 0] + t[1, 1]) / t.sum() for t in tables])
    assert errata.one_against_rest_accuracy(100 * metrics_of(logits, targets).accuracy) == pytest.approx(mean)


def test_one_hundred_frames_need_more_than_the_card_has() -> None:
    assert errata.operations_a_second() > 1.5 * paper.GTX_1050_TI_OPERATIONS
    assert errata.operations_a_second(1) == pytest.approx(errata.operations_a_second() / 100)


def test_errata_say_what_they_compute() -> None:
    said = errata.errata().set_index("the paper says")["its numbers say"]
    assert len(said) == 12
    assert said["3,859 images for validation (IV.A)"].endswith("= 3,589")
    assert "142,943,431" in said["142.9 M parameters (Table II)"]
    assert "1.40 points" in said["'outperformed all ensemble-based methods on FER2013 by 1 %' (IV.D)"]
    assert said["74.14 % before 73.39 % (Table II)"].startswith("27 of 3,589 images")
    assert "Table III prints 73.4 %" in said["'the second-highest result (73.14 %) of the CNN-SIFT' (IV.D)"]
