"""The paper's errata, by hand."""

from __future__ import annotations

import pytest

from ferstudy.evaluation import metrics_of
from ferstudy.papers import Erratum, errata_table
from ferstudy.papers.residual_masking import errata
from ferstudy.papers.residual_masking import published as paper

KNOWN = {
    "parameters": {"parameters": 137_796_423, "twice": 142_943_431},
    # VGG19 139.598919 as 139.5, for one; the others agree either way or not at all.
    "decimals": {"cut": 6, "rounded": 0},
    "validation": {"all": 35_887, "training": 28_709, "test": 3_589, "left": 3_589},
    "second_single": {"second": 73.4, "said": 73.14, "owner": "Bam_resnet50"},
    "ensembles": {"best": 76.82, "second": 75.42, "gap": pytest.approx(1.4)},
    # 2661 / 3589 = 74.1432 % and 2634 / 3589 = 73.3909 %; Wilson's formula at 1.96 gives 72.69 and 75.55.
    "best_and_second": {
        "images": 2661 - 2634,
        "of": 3589,
        "low": pytest.approx(72.69, abs=0.005),
        "high": pytest.approx(75.55, abs=0.005),
    },
    # Cut off: 2599 (72.4157), 2607 (72.6386), 2626 (73.1680); rounded: 2541 (70.7997) twice, 2583 (71.9699), 2757.
    "grains": {
        "images": 3589,
        "cut": 3,
        "cut_networks": "Resnet34, ResAttNet56, Densenet121",
        "rounded": 4,
        "rounded_networks": "VGG19, Efficientnet_b2b, Googlenet, ensemble of seven",
        "all": 12,
    },
    # 25.86 % of the images count as wrong for two of seven classes.
    "equation_2": {"percent": pytest.approx(100 - 25.86 * 2 / 7)},
    # 21.90 giga multiply-adds for a face; 768 cores of two operations at 1.62 GHz.
    "speed": {"needed": pytest.approx(2 * 100 * 21.90e9 / 1e12, abs=0.002), "peak": pytest.approx(2.48832)},
    "references": {},
    "first_layers": {"layers": "Conv1 7×7, stride 2 and MaxPooling 3×3, stride 2"},
    "most_parameters": {"ours": 137_796_423, "vgg19": 139_598_919},
    "rows": {},
    "lowest": {"lower": "disgust 0.57 and neutral 0.60", "sad": 0.63},
    # By hand: (.67 x 876 + .57 x 289 + .44 x 361 + .81 x 1064 + .63 x 807 + .71 x 1096 + .60 x 943) / 5436.
    "vemo_diagonal": {"percent": pytest.approx(100 * 3624.48 / 5436, abs=0.01), "error": pytest.approx(0.5)},
    # 1.1 % of 5,436 is 59.8; Wilson's formula at 1.96 by a calculator.
    "vemo_gain": {
        "images": 60,
        "of": 5436,
        "without": pytest.approx((63.56, 66.10), abs=0.02),
        "masked": pytest.approx((64.66, 67.19), abs=0.02),
    },
    "vemo": {"percent": pytest.approx(100 * 30_000 / 36_470), "images": 36_470},
}


@pytest.mark.parametrize("erratum", errata.ERRATA, ids=lambda erratum: erratum.id)
def test_each_erratum_computes_what_is_known(erratum: Erratum) -> None:
    assert erratum.compute() == KNOWN[erratum.id]


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


def test_sentences_hold_the_values() -> None:
    said = errata_table(errata.ERRATA).set_index("the paper says")["its numbers say"]
    assert len(said) == 17
    assert "67.2, overlap" in said["masks bring 1.10 points on VEMO (Table IV)"]
    assert said["3,859 images for validation (IV.A)"].endswith("= 3,589")
    assert "142,943,431" in said["142.9 M parameters (Table II)"]
    assert "1.40 points" in said["'outperformed all ensemble-based methods on FER2013 by 1 %' (IV.D)"]
    assert said["74.14 % before 73.39 % (Table II)"].startswith("27 of 3,589 images")
    assert "Table III prints 73.4 %" in said["'the second-highest result (73.14 %) of the CNN-SIFT' (IV.D)"]
    assert "VGG19 and Googlenet both cite [43] (Table II)" in said.index
