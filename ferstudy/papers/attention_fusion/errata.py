"""What the attention_fusion paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from torch import nn

from ferstudy.data import ck_plus
from ferstudy.models import count_parameters, create_model
from ferstudy.models.squeezenet_se import EMBEDDING, SQUEEZE
from ferstudy.papers._paper import Erratum
from ferstudy.papers._shares import numerators
from ferstudy.papers.attention_fusion import published as paper

_PROPOSED = ("squeezenet_se", "squeezenet_complex_se", "attention_fusion")
# SE reductions and squeeze widths of the ninth fire module that the text leaves open.
_READINGS = ((64, 16), (64, 4), (64, 2), (64, 1), (80, 16), (80, 2), (80, 1))


def parameter_readings() -> pd.DataFrame:
    """Parameters of every reading of the text: widths of the ninth fire module, reductions, places of 1 x 1 bypasses.

    "1 x 1 on all" gives every fire module a convolution on its bypass, not only those that change the channels.
    """
    rows = []
    for ninth, reduction in _READINGS:
        options = {"ninth": ninth, "se_reduction": reduction}
        with torch.device("meta"):
            plain = create_model("squeezenet_se", **options)
            bypassed = create_model("squeezenet_complex_se", **options)
        widths = [8 * squeeze for squeeze in (*SQUEEZE, ninth)]
        # Where the channels stay: a 1 x 1 convolution of C to C without bias, and its batch norm.
        on_all = count_parameters(bypassed) + sum(c * c + 2 * c for b, c in pairwise(widths) if b == c)
        rows.append((f"{ninth} / {4 * ninth}", reduction, count_parameters(plain), count_parameters(bypassed), on_all))
    table = pd.DataFrame(rows, columns=["ninth fire", "SE reduction", "SE", "Complex-SE", "Complex-SE, 1 × 1 on all"])
    return table.assign(
        **{
            "SE / 2.6 M": (table["SE"] / paper.PARAMETERS["squeezenet_se"]).round(2),
            "Complex-SE / 4.4 M": (table["Complex-SE"] / paper.PARAMETERS["squeezenet_complex_se"]).round(2),
            "on all / 4.4 M": (table.iloc[:, 4] / paper.PARAMETERS["squeezenet_complex_se"]).round(2),
        }
    )


def inception_readings() -> pd.DataFrame:
    """Parameters of Inception-ResNet V1 by what is counted of its batch norms, with and without the classifier."""
    with torch.device("meta"):
        model = create_model("inception_resnet_v1")
    channels = sum(m.num_features for m in model.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)))
    whole, classifier = count_parameters(model), count_parameters(model.get_submodule("fc"))
    ways = ("gamma and beta (PyTorch)", "beta, mean and variance (slim)", "all four (Keras)")
    rows = [(way, whole + extra * channels - classifier, whole + extra * channels) for extra, way in enumerate(ways)]
    table = pd.DataFrame(rows, columns=["batch norm counted as", "without classifier", "with 7 classes"])
    return table.assign(printed="22.8 M", agrees=(table.iloc[:, 1:3].round(-5) == 22_800_000).all(axis=1))


def implied_accuracy() -> pd.DataFrame:
    """Accuracy in percent that Tables 1 and 2 imply, beside what Tables 3 and 4 print.

    CK+'s classes are weighed by their labelled films, three frames each; Oulu-CASIA has 80 films of every class, so
    that the mean over the classes is near the accuracy whatever the films' lengths.
    """
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    weights = [films[name] for name in paper.CkPlusAccuracies._fields]
    rows = []
    for model, name in paper.SYSTEMS.items():
        by_class = paper.TABLE_1[model]
        weighed, mean = float(np.average(by_class, weights=weights)), float(np.mean(by_class))
        rows.append(("CK+", name, paper.ACCURACY["ck_plus"][model], round(weighed, 2), round(mean, 2)))
    for model, name in paper.SYSTEMS.items():
        mean = float(np.mean(paper.TABLE_2[model]))
        rows.append(("Oulu-CASIA", name, paper.ACCURACY["oulu_casia"][model], np.nan, round(mean, 2)))
    columns = ["dataset", "system", "printed", "weighed by images", "mean over classes"]
    return pd.DataFrame(rows, columns=columns)


def whole_images() -> pd.DataFrame:
    """Whether each accuracy of Table 1 is some whole number of its class's images, three frames a film."""
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    rows = []
    for name in paper.CkPlusAccuracies._fields:
        for printed in sorted({getattr(row, name) for row in paper.TABLE_1.values()} - {100}):
            images = 3 * films[name]
            digits = len(f"{printed:g}".partition(".")[2])
            right = round(printed * images / 100)
            nearest = round(100 * right / images, 2)
            agrees = bool(numerators(printed, images, digits))
            rows.append((name, images, printed, f"{right} of {images}", nearest, agrees))
    return pd.DataFrame(rows, columns=["class", "images", "printed", "nearest", "that is", "agrees"])


def aev_rank(images: int = 512, seed: int = 0) -> int:
    """Dimensions that the AEV of section 3.6 really has: its rank over random embeddings, without the constant part.

    Averaging follows the 1 x 3 convolution directly, and both are linear, so that the 128 values of the AEV are sums of
    the means of E1, E2 and E3 and of nothing else.
    """
    generator = torch.Generator().manual_seed(seed)
    embeddings = torch.randn(images, 1, EMBEDDING, 3, generator=generator, dtype=torch.float64)
    kernel = torch.randn(EMBEDDING, 1, 1, 3, generator=generator, dtype=torch.float64)
    aev = nn.functional.conv2d(embeddings, kernel, padding=(0, 1)).mean((2, 3))  # (N, 1, 128, 3) -> (N, 128)
    return int(torch.linalg.matrix_rank(aev - aev.mean(0)))


def gaps(dataset: str, models: Sequence[str]) -> list[tuple[float, str]]:
    """Points by which the paper's systems are above each of the others' in Tables 3 to 5, ascending, and whom."""
    others = {"ck_plus": paper.TABLE_3, "oulu_casia": paper.TABLE_4, "fer2013": paper.TABLE_5}[dataset]
    accuracies = [paper.ACCURACY[dataset][model] for model in models]
    return sorted((round(accuracy - study.accuracy, 2), study.name) for accuracy in accuracies for study in others)


def claimed_gains() -> pd.DataFrame:
    """What section 4.3 says of the distance to others, and the distances in its Tables 3 to 5, in points."""
    rows = []
    for dataset, models, said in (
        ("ck_plus", _PROPOSED, "the three proposed 2-4 % higher"),
        ("oulu_casia", _PROPOSED, "the three proposed higher"),
        ("fer2013", _PROPOSED[2:], "the ensemble 0.55 % lower than one, 1-3 % higher than the others"),
    ):
        (least, to_least), *_, (most, to_most) = gaps(dataset, models)
        rows.append((dataset, said, least, to_least, most, to_most))
    return pd.DataFrame(rows, columns=["dataset", "the text", "least gap", "above", "largest gap", "above "])


def _better_members() -> dict[str, object]:
    accuracy = paper.ACCURACY["ck_plus"]
    better = [model for model in paper.SYSTEMS if accuracy[model] > accuracy["attention_fusion"]]
    named = ", ".join(f"{paper.SYSTEMS[model]} {accuracy[model]:.2f} %" for model in better)
    return {"ensemble": accuracy["attention_fusion"], "better": len(better), "named": named}


def _not_implied() -> dict[str, object]:
    implied = implied_accuracy()
    wrong = (implied["weighed by images"] - implied["printed"]).abs() > 0.05
    plain = (implied["mean over classes"].round(1) - implied["printed"]).abs() < 0.05
    return {"wrong": int(wrong.sum()), "plain": " and ".join(implied.loc[wrong & plain, "system"])}


def _no_whole_number() -> dict[str, object]:
    images = whole_images()
    wrong = images[~images["agrees"]]
    named = ", ".join(f"{row.printed} % of {row.images}" for row in wrong.itertuples())
    return {"wrong": len(wrong), "values": len(images), "named": named}


def _below_100() -> dict[str, object]:
    below = [value for row in paper.TABLE_1.values() for value in row if value < 100]
    return {"below": len(below), "besides": sum(value != 89 for value in below)}


def _fear() -> dict[str, object]:
    best = max(paper.TABLE_2, key=lambda model: paper.TABLE_2[model].fear)
    ensemble = paper.TABLE_2["attention_fusion"].fear
    return {"highest": paper.TABLE_2[best].fear, "system": paper.SYSTEMS[best], "ensemble": ensemble}


def _accuracy(table: Sequence[paper.Work], author: str) -> float:
    return next(study.accuracy for study in table if study.name.startswith(author))


def _gap_on_fer2013() -> dict[str, object]:
    (gap, _), *_ = gaps("fer2013", ["attention_fusion"])
    other = _accuracy(paper.TABLE_5, "Georgescu")
    return {"other": other, "ensemble": paper.ACCURACY["fer2013"]["attention_fusion"], "gap": -gap}


def _range(dataset: str, models: Sequence[str], above_first: int = 0) -> dict[str, object]:
    """The least and the largest gap to others, without so many of the least."""
    ascending = [gap for gap, _ in gaps(dataset, models)][above_first:]
    return {"least": ascending[0], "most": ascending[-1]}


def _below_another() -> dict[str, object]:
    (gap, study), *_ = gaps("oulu_casia", _PROPOSED)
    return {"points": -gap, "study": study}


def _nearest_reading() -> dict[str, object]:
    readings = parameter_readings().to_dict("records")
    near = min(readings, key=lambda row: abs(row["SE / 2.6 M"] - 1))
    names = {"ninth": "ninth fire", "reduction": "SE reduction", "se": "SE", "complex_se": "Complex-SE"}
    return {name: near[column] for name, column in names.items()}


ERRATA = (
    Erratum(
        "equivalent",
        says="ensemble 'equivalent' to the single models on CK+",
        where="section 5",
        finding="its {ensemble} % is below {better} of its members: {named}",
        compute=_better_members,
    ),
    Erratum(
        "table_3",
        says="accuracies on CK+",
        where="Table 3",
        finding="{wrong} of 4 are not what Table 1 gives, weighed by images; {plain} has the plain mean over the "
        "classes instead",
        compute=_not_implied,
    ),
    Erratum(
        "whole_images",
        says="99.29 % of the angry faces of CK+",
        where="Table 1",
        finding="{wrong} of {values} values is no whole number of images: {named}",
        compute=_no_whole_number,
    ),
    Erratum(
        "other_emotions",
        says="'89 % for contempt [...] and 100 % for other emotions'",
        where="section 4.3",
        finding="{below} values of Table 1 are below 100 %, {besides} besides that one",
        compute=_below_100,
    ),
    Erratum(
        "fear",
        says="'98.6 % for fear belongs to ensemble'",
        where="section 4.3",
        finding="the highest of Table 2 is {highest} %, of {system}; the ensemble's fear is {ensemble} %",
        compute=_fear,
    ),
    Erratum(
        "fer2013_gap",
        says="'0.56 less' (section 5), '0.55 % lower' than 'the [35] model'",
        where="section 4.3",
        finding="{other} - {ensemble} = {gap}, and the model is [42]",
        compute=_gap_on_fer2013,
    ),
    Erratum(
        "introduction",
        says=f"{paper.INTRODUCTION['fer2013']} % on FER2013",
        where="section 1",
        finding="{ensemble} % in Table 5 and section 4.3",
        compute=lambda: {"ensemble": paper.ACCURACY["fer2013"]["attention_fusion"]},
    ),
    Erratum(
        "ck_plus_gaps",
        says="'2-4 % higher' on CK+",
        where="section 4.3",
        finding="{least} to {most} points in Table 3",
        compute=lambda: _range("ck_plus", _PROPOSED),
    ),
    Erratum(
        "oulu_casia_gaps",
        says="the three proposed models 'higher than other authors' on Oulu-CASIA",
        where="section 4.3",
        finding="SqueezeNet Complex-SE is {points} points below {study}",
        compute=_below_another,
    ),
    Erratum(
        "fer2013_gaps",
        says="'1-3 % higher than other models' on FER2013",
        where="section 4.3",
        finding="{least} to {most} points in Table 5, beside the one that is above it",
        compute=lambda: _range("fer2013", ["attention_fusion"], above_first=1),
    ),
    Erratum(
        "cai",
        says=f"Cai et al. [24] reach {paper.RELATED['[24]'].accuracy:g} % on CK+",
        where="section 2.1",
        finding="{accuracy} % in Table 3, which the proposed models are compared with",
        compute=lambda: {"accuracy": _accuracy(paper.TABLE_3, "Cai")},
    ),
    Erratum(
        "aev",
        says="AEV, a 'new feature space' of 128 values",
        where="section 3.6",
        finding="averaged straight after a convolution they span {rank} dimensions: the means of E1, E2 and E3",
        compute=lambda: {"rank": aev_rank()},
    ),
    Erratum(
        "parameters",
        says="2.6 M and 4.4 M parameters",
        where="section 4.2",
        finding="no reading of the text gives both; nearest to 2.6 M is {se:,} (ninth fire {ninth}, reduction "
        "{reduction}), and its Complex-SE has {complex_se:,}",
        compute=_nearest_reading,
    ),
    Erratum(
        "flips",
        says="'random vertical flipping' (section 3.3), 'random left-right flip'",
        where="section 1",
        finding="two different augmentations; the first turns faces upside down",
    ),
    Erratum(
        "references",
        says="Inception-ResNet V1 'proposed in [13]', ten-crop [17], FACS 'in [9]'",
        where="",
        finding="[13] is Oulu-CASIA, [17] is MS-Celeb-1M, [9] is ResNet; meant are [16], [20] and [12]",
    ),
)
