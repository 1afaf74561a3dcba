"""What the residual_masking paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pandas as pd
import torch

from ferstudy.evaluation import wilson
from ferstudy.models import count_parameters, create_model, model_info
from ferstudy.models.summary import multiply_adds
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
    printed = {ours: (name, millions) for name, ours, _, millions, _ in paper.TABLE_2}
    readings = [(ours, "ours", model_info(ours).parameters) for ours in printed] + list(_other_counts())
    rows = []
    for ours, reading, count in sorted(readings, key=lambda row: list(printed).index(row[0])):
        name, millions = printed[ours]
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
    printed = [(name, accuracy) for name, *_, accuracy in paper.TABLE_2]
    printed.append(("ensemble of seven", paper.TABLE_3[-1][1] or 0.0))
    rows = []
    for name, accuracy in printed:
        correct = round(accuracy * images / 100)
        exact = 100 * correct / images
        ways = (cut(exact, 2) == accuracy, rounded(exact, 2) == accuracy)
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


def errata() -> pd.DataFrame:
    """The paper's slips: what it says, what the numbers say, and the computation's verdict."""
    readings, grains = parameter_readings(), accuracy_grains()
    own = readings[readings["reading"] == "ours"]
    only_cut = int((own["agrees"] == "cut off").sum())
    said = paper.FER2013_IMAGES
    validation = said["all"] - said["training"] - said["test"]
    singles = sorted((single for *_, single in paper.TABLE_3 if single is not None), reverse=True)
    together = sorted((both for _, both, _ in paper.TABLE_3 if both is not None), reverse=True)
    correct = dict(zip(grains["network"], grains["correct"], strict=True))
    best, second = correct["Our ResMaskingNet"], correct["Cbam_resnet50"]
    low, high = (100 * v for v in wilson(int(best), _TEST_IMAGES))
    mixed = grains["rounded"] & ~grains["cut off"], grains["cut off"] & ~grains["rounded"]
    outside = paper.VEMO_IMAGES["labelled by professionals [25]"] / paper.VEMO_IMAGES["all"]
    vgg = [name for name, _, reference, *_ in paper.TABLE_2 if reference == 43]
    rows = [
        (
            "142.9 M parameters (Table II)",
            f"the network has {model_info('resmasking').parameters:,}; counting the shortcuts of the masks' blocks "
            f"twice gives {counted_twice():,}",
        ),
        (
            "parameters in millions with one decimal (Table II)",
            f"of 11 counts {only_cut} agree only when cut off and "
            f"{int((own['agrees'] == 'rounded').sum())} only when rounded: 139.598 is printed as 139.5",
        ),
        (
            f"{said['validation']:,} images for validation (IV.A)",
            f"{said['all']:,} - {said['training']:,} - {said['test']:,} = {validation:,}",
        ),
        (
            f"'the second-highest result ({paper.SECOND_SINGLE_SAID} %) of the CNN-SIFT' (IV.D)",
            f"Table III prints {singles[1]} % for it; {paper.SECOND_SINGLE_SAID} % is Bam_resnet50's in Table II",
        ),
        (
            "'outperformed all ensemble-based methods on FER2013 by 1 %' (IV.D)",
            f"{together[0]} - {together[1]} = {together[0] - together[1]:.2f} points",
        ),
        (
            "74.14 % before 73.39 % (Table II)",
            f"{best - second} of {_TEST_IMAGES:,} images; the 95 % interval of 74.14 % is {low:.2f} to {high:.2f}",
        ),
        (
            "accuracies with two decimals (Table II, Table III)",
            f"as shares of {_TEST_IMAGES:,} images {int(mixed[1].sum())} are cut off "
            f"({', '.join(grains['network'][mixed[1]])}) and {int(mixed[0].sum())} rounded "
            f"({', '.join(grains['network'][mixed[0]])}); no one rule gives all {len(grains)}",
        ),
        (
            "Accuracy = (TP + TN) / (TP + TN + FP + FN) (equation 2)",
            f"averaged over seven classes that would make {one_against_rest_accuracy(74.14):.2f} % of 74.14 %; the "
            "numbers are the share classified correctly",
        ),
        (
            f"{paper.FRAMES_PER_SECOND} frames a second on a GTX 1050 Ti (IV.B)",
            f"{operations_a_second() / 1e12:.1f} tera-operations a second in direct arithmetic; the card's peak is "
            f"{paper.GTX_1050_TI_OPERATIONS / 1e12:.1f}",
        ),
        (
            f"{' and '.join(vgg)} both cite [43] (Table II)",
            "[43] is the VGG paper; 'Resnet151' (IV.D) is Resnet152 in Table II",
        ),
        (
            f"first layers: {' and '.join(paper.FIRST_LAYERS_SAID)} (III.A)",
            " and ".join(f"{name} {detail}" for name, _, detail in paper.TABLE_1[:2]) + " in Table I",
        ),
        (
            "VEMO, 'Vietnam Emotion': 30,000 images labelled 'by the professional in emotion labeling [25]' (IV.A)",
            f"[25] is AffectNet; it stands behind {100 * outside:.0f} % of the {paper.VEMO_IMAGES['all']:,} images",
        ),
    ]
    return pd.DataFrame(rows, columns=["the paper says", "its numbers say"])
