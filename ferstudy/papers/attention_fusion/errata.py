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
    weights = [films[name] for name in paper.TABLE_1_CLASSES]
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
    for place, name in enumerate(paper.TABLE_1_CLASSES):
        for printed in sorted({row[place] for row in paper.TABLE_1.values()} - {100}):
            images = 3 * films[name]
            digits = len(f"{printed:g}".partition(".")[2])
            right = round(printed * images / 100)
            nearest = round(100 * right / images, 2)
            rows.append((name, images, printed, f"{right} of {images}", nearest, round(nearest, digits) == printed))
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
    return sorted((round(paper.ACCURACY[dataset][m] - a, 2), study) for m in models for study, _, a in others)


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


def errata() -> pd.DataFrame:
    """The paper's slips: what it says, what the numbers say, and the computation's verdict."""
    ck, fer = paper.ACCURACY["ck_plus"], paper.ACCURACY["fer2013"]
    better = [paper.SYSTEMS[m] for m in paper.MEMBERS if ck[m] > ck["attention_fusion"]]
    fear = {paper.SYSTEMS[m]: row[paper.TABLE_2_CLASSES.index("fear")] for m, row in paper.TABLE_2.items()}
    best = max(fear, key=lambda name: fear[name])
    georgescu = next(accuracy for study, _, accuracy in paper.TABLE_5 if study.startswith("Georgescu"))
    cai = next(accuracy for study, _, accuracy in paper.TABLE_3 if study.startswith("Cai"))
    below = [value for row in paper.TABLE_1.values() for value in row if value < 100]
    implied = implied_accuracy()
    weighed = (implied["weighed by images"] - implied["printed"]).abs() > 0.05
    mean_only = (implied["mean over classes"].round(1) - implied["printed"]).abs() < 0.05
    ck_gaps, oulu_gaps = gaps("ck_plus", _PROPOSED), gaps("oulu_casia", _PROPOSED)
    ensemble_gaps = [gap for gap, _ in gaps("fer2013", _PROPOSED[2:])]
    images = whole_images()
    readings = parameter_readings()
    near = min(readings.to_dict("records"), key=lambda row: abs(row["SE / 2.6 M"] - 1))
    rows = [
        (
            "ensemble 'equivalent' to the single models on CK+ (section 5)",
            f"its {ck['attention_fusion']} % is below {len(better)} of its members: "
            + ", ".join(f"{name} {ck[m]:.2f} %" for m, name in paper.SYSTEMS.items() if name in better),
        ),
        (
            "accuracies on CK+ (Table 3)",
            f"{weighed.sum()} of 4 are not what Table 1 gives, weighed by images; "
            + " and ".join(implied.loc[weighed & mean_only, "system"])
            + " has the plain mean over the classes instead",
        ),
        (
            "99.29 % of the angry faces of CK+ (Table 1)",
            f"{(~images['agrees']).sum()} of {len(images)} values is no whole number of images: "
            + ", ".join(f"{r.printed} % of {r.images}" for r in images[~images["agrees"]].itertuples()),
        ),
        (
            "'89 % for contempt [...] and 100 % for other emotions' (section 4.3)",
            f"{len(below)} values of Table 1 are below 100 %, {sum(v != 89 for v in below)} besides that one",
        ),
        (
            "'98.6 % for fear belongs to ensemble' (section 4.3)",
            f"the highest of Table 2 is {fear[best]} %, of {best}; the ensemble's fear is {fear['Ensemble Model']} %",
        ),
        (
            "'0.56 less' (section 5), '0.55 % lower' than 'the [35] model' (section 4.3)",
            f"{georgescu} - {fer['attention_fusion']} = {-ensemble_gaps[0]}, and the model is [42]",
        ),
        (
            f"{paper.INTRODUCTION['fer2013']} % on FER2013 (section 1)",
            f"{fer['attention_fusion']} % in Table 5 and section 4.3",
        ),
        (
            "'2-4 % higher' on CK+ (section 4.3)",
            f"{ck_gaps[0][0]} to {ck_gaps[-1][0]} points in Table 3",
        ),
        (
            "the three proposed models 'higher than other authors' on Oulu-CASIA (section 4.3)",
            f"SqueezeNet Complex-SE is {-oulu_gaps[0][0]} points below {oulu_gaps[0][1]}",
        ),
        (
            "'1-3 % higher than other models' on FER2013 (section 4.3)",
            f"{ensemble_gaps[1]} to {ensemble_gaps[-1]} points in Table 5, beside the one that is above it",
        ),
        (
            f"Cai et al. [24] reach {paper.RELATED['[24]'][1]:g} % on CK+ (section 2.1)",
            f"{cai} % in Table 3, which the proposed models are compared with",
        ),
        (
            "AEV, a 'new feature space' of 128 values (section 3.6)",
            f"averaged straight after a convolution they span {aev_rank()} dimensions: the means of E1, E2 and E3",
        ),
        (
            "2.6 M and 4.4 M parameters (section 4.2)",
            f"no reading of the text gives both; nearest to 2.6 M is {near['SE']:,} (ninth fire {near['ninth fire']}, "
            f"reduction {near['SE reduction']}), and its Complex-SE has {near['Complex-SE']:,}",
        ),
        (
            "'random vertical flipping' (section 3.3), 'random left-right flip' (section 1)",
            "two different augmentations; the first turns faces upside down",
        ),
        (
            "Inception-ResNet V1 'proposed in [13]', ten-crop [17], FACS 'in [9]'",
            "[13] is Oulu-CASIA, [17] is MS-Celeb-1M, [9] is ResNet; meant are [16], [20] and [12]",
        ),
    ]
    return pd.DataFrame(rows, columns=["the paper says", "its numbers say"])
