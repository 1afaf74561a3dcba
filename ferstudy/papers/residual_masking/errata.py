"""What the residual_masking paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pandas as pd
import torch

from ferstudy.data import vemo
from ferstudy.evaluation import wilson
from ferstudy.models import count_parameters, create_model, model_info
from ferstudy.models.summary import multiply_adds
from ferstudy.papers._paper import Erratum
from ferstudy.papers._shares import cut_off, numerators
from ferstudy.papers.residual_masking import published as paper

_TEST_IMAGES = paper.FER2013_IMAGES["test"]


def cut(number: float, digits: int) -> float:
    """A number with so many decimals, the others cut off."""
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-digits), ROUND_DOWN))


def rounded(number: float, digits: int) -> float:
    """A number rounded to so many decimals, halves up."""
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def counted_twice() -> int:
    """Parameters of the network when the shortcuts of the masks' blocks count twice, as the public code names them."""
    with torch.device("meta"):
        model = create_model("resmasking")
    shortcuts = [m for n, m in model.named_modules() if n.startswith("masks.") and n.endswith(".downsample")]
    return count_parameters(model) + sum(count_parameters(m) for m in shortcuts)


def _other_counts() -> Iterator[tuple[str, str, int]]:
    """Other readings of Table II's networks: our name, the reading, its parameters."""
    from torchvision.models.googlenet import InceptionAux as GoogLeNetAux
    from torchvision.models.inception import InceptionAux

    with torch.device("meta"):
        cbam = count_parameters(create_model("cbam_resnet50", reduction=16))
        residual = count_parameters(create_model("resattnet56", num_classes=1000))
        heads = sum(count_parameters(GoogLeNetAux(channels, 7)) for channels in (512, 528))
        aux = count_parameters(InceptionAux(768, 1000))
    yield "googlenet", "with its two auxiliary heads", model_info("googlenet").parameters + heads
    yield "resattnet56", "with 1000 outputs; the cited paper has 31.9 M", residual
    yield "inception_v3", "with its auxiliary head, left at 1000 outputs", model_info("inception_v3").parameters + aux
    yield "cbam_resnet50", "with CBAM's own reduction 16 in place of 8", cbam
    yield "resmasking", "with the shortcuts of the masks counted twice", counted_twice()


def parameter_readings() -> pd.DataFrame:
    """Table II's parameters beside ours, whole, cut off and rounded to one decimal of a million, and other readings.

    Returns:
        A row a network and reading; ``agrees`` says how the printed number follows from the row's count.
    """
    printed = {row.model: row for row in paper.TABLE_2}
    readings = [(ours, "ours", model_info(ours).parameters) for ours in printed] + list(_other_counts())
    rows = []
    for ours, reading, count in sorted(readings, key=lambda row: list(printed).index(row[0])):
        name, millions = printed[ours].name, printed[ours].millions
        short, nearest = cut(count / 1e6, 1), rounded(count / 1e6, 1)
        ways = [way for way, value in (("cut off", short), ("rounded", nearest)) if value == millions]
        rows.append((name, reading, millions, count, short, nearest, " and ".join(ways) or "no"))
    columns = ["network", "reading", "published (M)", "count", "cut off (M)", "rounded (M)", "agrees"]
    return pd.DataFrame(rows, columns=columns)


def accuracy_grains(images: int = _TEST_IMAGES) -> pd.DataFrame:
    """Which printed accuracies are a whole number of correct images, cut off or rounded to two decimals.

    Args:
        images: Of the test set.
    """
    printed = [(row.name, row.accuracy) for row in paper.TABLE_2]
    printed.append(("ensemble of seven", paper.TABLE_3[-1].ensemble or 0.0))
    rows = []
    for name, accuracy in printed:
        correct = round(accuracy * images / 100)
        exact = 100 * correct / images
        ways = (correct in cut_off(accuracy, images), correct in numerators(accuracy, images))
        rows.append((name, accuracy, correct, round(exact, 4), *ways))
    return pd.DataFrame(rows, columns=["network", "published (%)", "correct", "exact (%)", "cut off", "rounded"])


def one_against_rest_accuracy(accuracy: float, classes: int = 7) -> float:
    """Equation (2) with its true negatives, averaged over the classes, of a network of this accuracy; both in percent.

    Each wrong image is a false positive of one class and a false negative of another.
    """
    return 100 - 2 * (100 - accuracy) / classes


def operations_a_second(frames: float = paper.FRAMES_PER_SECOND) -> float:
    """Operations a second that so many faces of 224 pixels need, a multiply-add being two."""
    with torch.device("meta"):
        return 2 * frames * multiply_adds(create_model("resmasking"), (3, 224, 224))


_FER2013 = paper.FER2013_IMAGES


def _cut_or_rounded() -> dict[str, object]:
    readings = parameter_readings()
    agrees = readings.loc[readings["reading"] == "ours", "agrees"]
    return {"cut": int((agrees == "cut off").sum()), "rounded": int((agrees == "rounded").sum())}


def _validation() -> dict[str, object]:
    images = {name: _FER2013[name] for name in ("all", "training", "test")}
    return {**images, "left": images["all"] - images["training"] - images["test"]}


def _second_single() -> dict[str, object]:
    singles = sorted((row.single for row in paper.TABLE_3 if row.single is not None), reverse=True)
    (owner,) = (row.name for row in paper.TABLE_2 if row.accuracy == paper.SECOND_SINGLE_SAID)
    return {"second": singles[1], "said": paper.SECOND_SINGLE_SAID, "owner": owner}


def _ensembles() -> dict[str, object]:
    together = sorted((row.ensemble for row in paper.TABLE_3 if row.ensemble is not None), reverse=True)
    return {"best": together[0], "second": together[1], "gap": together[0] - together[1]}


def _best_and_second() -> dict[str, object]:
    grains = accuracy_grains()
    correct = dict(zip(grains["network"], grains["correct"], strict=True))
    best, second = correct["Our ResMaskingNet"], correct["Cbam_resnet50"]
    low, high = (100 * share for share in wilson(int(best), _TEST_IMAGES))
    return {"images": best - second, "of": _TEST_IMAGES, "low": low, "high": high}


def _grains() -> dict[str, object]:
    grains = accuracy_grains()
    cut_only = grains.loc[grains["cut off"] & ~grains["rounded"], "network"]
    rounded_only = grains.loc[grains["rounded"] & ~grains["cut off"], "network"]
    return {
        "images": _TEST_IMAGES, "cut": len(cut_only), "cut_networks": ", ".join(cut_only),
        "rounded": len(rounded_only), "rounded_networks": ", ".join(rounded_only), "all": len(grains),
    }  # fmt: skip


def _lower_than_sad() -> dict[str, object]:
    sad = paper.FIGURE_7["sad"].vemo
    lower = [f"{name} {row.vemo:.2f}" for name, row in paper.FIGURE_7.items()
             if row.vemo < sad and name not in paper.LOWEST_SAID]  # fmt: skip
    return {"lower": " and ".join(lower), "sad": sad}


def vemo_interval(accuracy: float) -> tuple[float, float]:
    """95 % Wilson interval of an accuracy on VEMO's test images, all in percent."""
    images = sum(vemo.OFFICIAL[-1])
    low, high = wilson(round(accuracy * images / 100), images)
    return 100 * low, 100 * high


def _vemo_accuracy() -> dict[str, object]:
    tested = dict(zip(vemo.CLASSES, vemo.OFFICIAL[-1], strict=True))
    right = sum(paper.FIGURE_7[name].vemo * images for name, images in tested.items())
    return {"percent": 100 * right / sum(tested.values()), "error": 100 * paper.FIGURE_7_ERROR}


def _vemo_gain() -> dict[str, object]:
    without, masked = (row.accuracy for row in paper.TABLE_4[-2:])
    tested = sum(vemo.OFFICIAL[-1])
    return {
        "images": round((masked - without) * tested / 100),
        "of": tested,
        "without": vemo_interval(without),
        "masked": vemo_interval(masked),
    }


def _vemo() -> dict[str, object]:
    images, outside = paper.VEMO_IMAGES["all"], paper.VEMO_IMAGES["labelled by professionals [25]"]
    return {"percent": 100 * outside / images, "images": images}


ERRATA = (
    Erratum(
        "parameters",
        says="142.9 M parameters",
        where="Table II",
        finding="the network has {parameters:,}; counting the shortcuts of the masks' blocks twice gives {twice:,}",
        compute=lambda: {"parameters": model_info("resmasking").parameters, "twice": counted_twice()},
    ),
    Erratum(
        "decimals",
        says="parameters in millions with one decimal",
        where="Table II",
        finding="of 11 counts {cut} agree only when cut off and {rounded} only when rounded: 139.598 is printed as "
        "139.5",
        compute=_cut_or_rounded,
    ),
    Erratum(
        "validation",
        says=f"{_FER2013['validation']:,} images for validation",
        where="IV.A",
        finding="{all:,} - {training:,} - {test:,} = {left:,}",
        compute=_validation,
    ),
    Erratum(
        "second_single",
        says=f"'the second-highest result ({paper.SECOND_SINGLE_SAID} %) of the CNN-SIFT'",
        where="IV.D",
        finding="Table III prints {second} % for it; {said} % is {owner}'s in Table II",
        compute=_second_single,
    ),
    Erratum(
        "ensembles",
        says="'outperformed all ensemble-based methods on FER2013 by 1 %'",
        where="IV.D",
        finding="{best} - {second} = {gap:.2f} points",
        compute=_ensembles,
    ),
    Erratum(
        "best_and_second",
        says="74.14 % before 73.39 %",
        where="Table II",
        finding="{images} of {of:,} images; the 95 % interval of 74.14 % is {low:.2f} to {high:.2f}",
        compute=_best_and_second,
    ),
    Erratum(
        "grains",
        says="accuracies with two decimals",
        where="Table II, Table III",
        finding="as shares of {images:,} images {cut} are cut off ({cut_networks}) and {rounded} rounded "
        "({rounded_networks}); no one rule gives all {all}",
        compute=_grains,
    ),
    Erratum(
        "equation_2",
        says="Accuracy = (TP + TN) / (TP + TN + FP + FN)",
        where="equation 2",
        finding="averaged over seven classes that would make {percent:.2f} % of 74.14 %; the numbers are the share "
        "classified correctly",
        compute=lambda: {"percent": one_against_rest_accuracy(74.14)},
    ),
    Erratum(
        "speed",
        says=f"{paper.FRAMES_PER_SECOND} frames a second on a GTX 1050 Ti",
        where="IV.B",
        finding="{needed:.1f} tera-operations a second in direct arithmetic; the card's peak is {peak:.1f}",
        compute=lambda: {"needed": operations_a_second() / 1e12, "peak": paper.GTX_1050_TI_OPERATIONS / 1e12},
    ),
    Erratum(
        "references",
        says=" and ".join(row.name for row in paper.TABLE_2 if row.reference == 43) + " both cite [43]",
        where="Table II",
        finding="[43] is the VGG paper; 'Resnet151' (IV.D) is Resnet152 in Table II",
    ),
    Erratum(
        "first_layers",
        says=f"first layers: {' and '.join(paper.FIRST_LAYERS_SAID)}",
        where="III.A",
        finding="{layers} in Table I",
        compute=lambda: {"layers": " and ".join(f"{row.name} {row.detail}" for row in paper.TABLE_1[:2])},
    ),
    Erratum(
        "most_parameters",
        says="'our Residual Masking Network has the highest number of parameters'",
        where="IV.D",
        finding="it has {ours:,} parameters, VGG19 {vgg19:,}: only the count that takes some of them twice is higher",
        compute=lambda: {"ours": model_info("resmasking").parameters, "vgg19": model_info("vgg19").parameters},
    ),
    Erratum(
        "rows",
        says="'each row of the matrix represents instances of a predicted class'",
        where="IV.D, Figure 7",
        finding="the figure's axis labels have the true classes as rows; the shares of a row sum to 1 and its diagonal "
        "is the recall",
    ),
    Erratum(
        "lowest",
        says="fear and sad 'are the lowest scores among emotions scores'",
        where="IV.D, Figure 7",
        finding="on VEMO {lower} are lower than sad's {sad:.2f}",
        compute=_lower_than_sad,
    ),
    Erratum(
        "vemo_diagonal",
        says=f"{paper.TABLE_4[-1].accuracy} % on VEMO",
        where="Table IV",
        finding="Figure 7's recalls weighted by the test images of the authors' later text give {percent:.1f} +- "
        "{error:.1f} %",
        compute=_vemo_accuracy,
    ),
    Erratum(
        "vemo_gain",
        says=f"masks bring {paper.TABLE_4[-1].accuracy - paper.TABLE_4[-2].accuracy:.2f} points on VEMO",
        where="Table IV",
        finding="{images} of {of:,} test images; the 95 % intervals, {without[0]:.1f} to {without[1]:.1f} and "
        "{masked[0]:.1f} to {masked[1]:.1f}, overlap",
        compute=_vemo_gain,
    ),
    Erratum(
        "vemo",
        says="VEMO, 'Vietnam Emotion': 30,000 images labelled 'by the professional in emotion labeling [25]'",
        where="IV.A",
        finding="[25] is AffectNet; it stands behind {percent:.0f} % of the {images:,} images",
        compute=_vemo,
    ),
)
