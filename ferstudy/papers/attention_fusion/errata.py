"""What the attention_fusion paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from ferstudy.data import ck_plus
from ferstudy.papers._paper import Erratum
from ferstudy.papers._shares import numerators
from ferstudy.papers.attention_fusion import published as paper
from ferstudy.papers.attention_fusion.readings import parameter_readings

_PROPOSED = ("squeezenet_se", "squeezenet_complex_se", "attention_fusion")
_FOLDS = 10


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
    """Whether each accuracy of Table 1 is some whole number of its class's images, or a mean over ten folds of them.

    A film has three images. Where images are folded one by one, a fold holds a tenth of them, rounded down or up; the
    last column gives the fewest errors in folds of each size that make the printed mean.
    """
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    rows = []
    for name in paper.CkPlusAccuracies._fields:
        for printed in sorted({getattr(row, name) for row in paper.TABLE_1.values()} - {100}):
            images = 3 * films[name]
            digits = len(f"{printed:g}".partition(".")[2])
            right = round(printed * images / 100)
            nearest = round(100 * right / images, 2)
            agrees = bool(numerators(printed, images, digits))
            folds = _errors_in_folds(printed, images, digits)
            rows.append((name, images, printed, f"{right} of {images}", nearest, agrees, folds))
    columns = ["class", "images", "printed", "nearest", "that is", "agrees", "mean over ten folds"]
    return pd.DataFrame(rows, columns=columns)


def _errors_in_folds(printed: float, images: int, digits: int) -> str:
    """The fewest errors that make a printed mean over ten folds of single images; empty where none do."""
    small, large = images // _FOLDS, images // _FOLDS + 1
    many = {small: _FOLDS - images % _FOLDS, large: images % _FOLDS}
    ways = [
        (a + b, a, b)
        for a in range(small * many[small] + 1)
        for b in range(large * many[large] + 1)
        if _prints(printed, a / small + b / large, digits)
    ]
    if not ways:
        return ""
    _, a, b = min(ways)
    return " + ".join(f"{errors} in folds of {size}" for errors, size in ((a, small), (b, large)) if errors)


def _prints(printed: float, errors: float, digits: int) -> bool:
    """Whether the mean accuracy over ten folds, of errors summed over the folds as shares, is printed so."""
    return abs(100 * (1 - errors / _FOLDS) - printed) <= 0.5 * 10**-digits + 1e-9


def films_in_a_fold(printed: float, films: int, digits: int) -> int:
    """How many films one fold must hold at least, for a mean over ten folds of whole films to be printed so.

    A film has three images, so a fold of n films loses a third of 1/n with each error.

    Args:
        printed: Accuracy of a class in percent, near 100.
        films: Of that class.
        digits: Printed after the point.

    Returns:
        0 if no number does.
    """
    most = _FOLDS * (1 - printed / 100) + _FOLDS * 0.005 * 10**-digits
    for largest in range(1, films + 1):
        losses = [(e / (3 * n), n) for n in range(1, largest + 1) for e in range(1, 3 * n + 1) if e <= 3 * n * most]
        for folds in range(1, _FOLDS + 1):
            if not losses or folds * min(losses)[0] > most:
                break
            for chosen in combinations_with_replacement(losses, folds):
                if sum(n for _, n in chosen) <= films and _prints(printed, sum(loss for loss, _ in chosen), digits):
                    return largest
    return 0


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


def _images_of_a_film_apart() -> dict[str, object]:
    images = whole_images()
    wrong = images[~images["agrees"]].iloc[0]
    return {
        "whole": f"{wrong['printed']} % of {wrong['images']}",
        "fits": int((images["mean over ten folds"] != "").sum()),
        "values": len(images),
        "errors": wrong["mean over ten folds"],
        "films": films_in_a_fold(wrong["printed"], wrong["images"] // 3, 2),
        "of": wrong["images"] // 3,
    }


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
        says="99.29 % of the angry faces of CK+, in folds 'based on identity'",
        where="Table 1, section 4.2",
        finding="{whole} is no whole number of images; {fits} of the {values} values below 100 are means over ten "
        "folds of single images (errors here: {errors}). Folds of whole films give it only where one holds {films} of "
        "the {of} films, and a fold by identity has 12 people: images of one film stood in training and in test",
        compute=_images_of_a_film_apart,
    ),
    Erratum(
        "other_emotions",
        says="'89% for contempt expression belongs to the SqueezeNet Complex-SE model, and 100% for other emotions'",
        where="section 4.3",
        finding="{below} values of Table 1 are below 100 %, {besides} besides that one",
        compute=_below_100,
    ),
    Erratum(
        "fear",
        says="'The highest accuracy is 98.6% for fear expression belongs to ensemble model'",
        where="section 4.3",
        finding="the highest of Table 2 is {highest} %, of {system}; the ensemble's fear is {ensemble} %",
        compute=_fear,
    ),
    Erratum(
        "fer2013_gap",
        says="'0.56 less' (section 5), '0.55% lower accuracy than the [35] model'",
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
        says="'three proposed models have 2-4% higher results on the CK+ dataset'",
        where="section 4.3",
        finding="{least} to {most} points in Table 3",
        compute=lambda: _range("ck_plus", _PROPOSED),
    ),
    Erratum(
        "oulu_casia_gaps",
        says="'three proposed models also have higher results than the models of other authors on the Oulu-CASIA "
        "dataset'",
        where="section 4.3",
        finding="SqueezeNet Complex-SE is {points} points below {study}",
        compute=_below_another,
    ),
    Erratum(
        "fer2013_gaps",
        says="'1-3% higher accuracy than other models' on FER2013",
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
