"""What the mobilenet_realtime paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from ferstudy.data import ck_plus, fer2013, jaffe
from ferstudy.evaluation import wilson
from ferstudy.losses import CentreLoss
from ferstudy.papers._paper import Erratum
from ferstudy.papers._shares import cut_off, numerators
from ferstudy.papers.mobilenet_realtime import published as paper
from ferstudy.papers.mobilenet_realtime.printed_shares import (
    PARTS,
    fractions,
    matrix_sums,
    table_5_checks,
    validated_images_6,
)


def class_distribution() -> pd.DataFrame:
    """Table 1 beside the datasets' own counts; CK+ counts a film's last frame, and its first as neutral."""
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    films["neutral"] = sum(ck_plus.OFFICIAL)
    own = (
        dict(zip(fer2013.CLASSES, fer2013.OFFICIAL.sum(0).tolist(), strict=True)),
        films,
        dict(zip(jaffe.CLASSES, jaffe.OFFICIAL, strict=True)),
    )
    table = pd.DataFrame({"class": list(paper.TABLE_1)})
    for name, counts in zip(paper.ClassCounts._fields, own, strict=True):
        table[f"{name} (published)"] = [getattr(row, name) for row in paper.TABLE_1.values()]
        table[f"{name} (owners)"] = [counts.get(c, 0) for c in paper.TABLE_1]
    total = table.drop(columns="class").sum()
    return pd.concat([table, pd.DataFrame([{"class": "all", **total}])], ignore_index=True)


def sibling_share(films: int = sum(ck_plus.OFFICIAL), frames: int = 3, parts: int = PARTS) -> float:
    """Chance that a scored frame has another frame of its film in training, images split at random.

    Args:
        films: Films.
        frames: Frames of each.
        parts: Equal parts, one of which scores.
    """
    images = films * frames
    scored = images / parts
    alone = np.prod([(scored - j) / (images - j) for j in range(1, frames)])
    return float(1 - alone)


def centre_pull(distance: float) -> dict[str, float]:
    """Length of the centre loss's gradient by a feature so far from its centre, for either form of equation (1)."""
    pulls = {}
    for form in ("printed", "cited"):
        feature = torch.tensor([[distance, 0.0]], requires_grad=True)
        loss = CentreLoss(1, 2, form=form)(feature, torch.zeros(1, dtype=torch.int64))
        (gradient,) = torch.autograd.grad(loss, feature)
        pulls[form] = float(gradient.norm())
    return pulls


def frame_milliseconds(faces: int) -> float:
    """The paper's time of a frame with so many faces (section 5.2)."""
    return paper.DETECT_MS + faces * (paper.PREPARE_MS + paper.CLASSIFY_MS)


def _nearest(**where: str) -> dict[str, object]:
    """The nearest possible share of some rows of :func:`fractions`, each under the name that it is asked by."""
    nearest = fractions().set_index("where")["nearest possible"]
    return {name: nearest[row] for name, row in where.items()}


def _counts(**columns: tuple[str, str]) -> dict[str, object]:
    """Entries of :func:`class_distribution` by class and column, each under the name that it is asked by."""
    counts = class_distribution().set_index("class").to_dict("index")
    return {name: counts[row][column] for name, (row, column) in columns.items()}


def _centre_pulls() -> dict[str, object]:
    distances = {"far": 10.0, "near": 0.1}
    return {f"{form}_{name}": pull for name, d in distances.items() for form, pull in centre_pull(d).items()}


def _centre_gain() -> dict[str, object]:
    row = paper.TABLE_3["ck_plus"]
    return {"softmax": row.softmax, "centre": row.centre, "gain": row.centre - row.softmax}


def _no_fifths() -> dict[str, object]:
    shares = fractions()
    named = [where for where in shares.loc[~shares["possible"], "where"] if where.startswith("Table")]
    return {"accuracies": len(named), "named": "; ".join(named)}


def _one_image() -> dict[str, object]:
    images = 42
    low, high = wilson(numerators(paper.TABLE_3["jaffe"].centre, images)[0], images)
    shares = _nearest(before="Table 2, JAFFE, two stages", after="Table 3, JAFFE, centre loss")
    return {"images": images, **shares, "low": 100 * low, "high": 100 * high}


def _neutral_against_contempt() -> dict[str, object]:
    return {"neutral": paper.TABLE_5["7_no_neutral_last"], "contempt": paper.TABLE_5["7_no_contempt_last"]}


def _accuracies(**setups: str) -> dict[str, object]:
    return {name: paper.TABLE_5[setup].accuracy for name, setup in setups.items()}


def _validated_images() -> dict[str, object]:
    few, more = sorted(validated_images_6()[0])
    return {"few": few, "more": more}


def _moved() -> dict[str, object]:
    matrix, scores = paper.FIGURE_6["8_last"], paper.TABLE_5["8_last"]
    rows = dict(zip(matrix.classes, matrix.rows, strict=True))
    own = {name: row[matrix.classes.index(name)] for name, row in rows.items()}
    moved = {**own, **{name: max(rows[name]) for name in ("fear", "happy")}}
    return {
        "printed": sum(own.values()) / len(own),
        "recall": scores.recall,
        "moved": sum(moved.values()) / len(moved),
    }


def _harmonic_means() -> dict[str, object]:
    checks = table_5_checks()
    return {"rows": int((checks["F1 (published)"] == checks["2PR / (P + R)"]).sum())}


def _one_face() -> dict[str, object]:
    one = frame_milliseconds(1)
    return {"milliseconds": one, "frames": 1000 / one, "percent": 100 * paper.CLASSIFY_MS / one}


ERRATA = (
    Erratum(
        "fer2013_images",
        says=f"FER-2013 has {paper.FER2013_IMAGES['images']:,} images",
        where="section 4",
        finding="its own splits sum to {parts:,}",
        compute=lambda: {
            "parts": sum(paper.FER2013_IMAGES[split] for split in ("Training", "PublicTest", "PrivateTest"))
        },
    ),
    Erratum(
        "angry",
        says=f"{paper.TABLE_1['angry'].fer2013:,} angry faces in FER-2013",
        where="Table 1",
        finding="the challenge has {own:,}: two digits changed places, and the column sums to {total:,}",
        compute=lambda: _counts(own=("angry", "fer2013 (owners)"), total=("all", "fer2013 (published)")),
    ),
    Erratum(
        "jaffe",
        says=f"{paper.TABLE_1['disgust'].jaffe} disgust and {paper.TABLE_1['fear'].jaffe} fear in JAFFE",
        where="Table 1",
        finding="by the names of its files {disgust} and {fear}; both sum to {total}",
        compute=lambda: _counts(
            disgust=("disgust", "jaffe (owners)"), fear=("fear", "jaffe (owners)"), total=("all", "jaffe (owners)")
        ),
    ),
    Erratum(
        "centre_loss",
        says="centre loss with a norm that is not squared",
        where="equations 1 and 3",
        finding="its pull is {printed_far:g} at distance 10 and {printed_near:g} at 0.1; that of the cited loss "
        "{cited_far:g} and {cited_near:g}",
        compute=_centre_pulls,
    ),
    Erratum(
        "rates",
        says="rate of stage one 0.001 (3.2.2) and 0.01",
        where="5",
        finding="stage two's 0.045 is {larger:.0f} or {smaller:.1f} times as large, 'since we do not intend to heavily "
        "alter' the weights: a larger rate alters them more",
        compute=lambda: {"larger": 0.045 / 0.001, "smaller": 0.045 / 0.01},
    ),
    Erratum(
        "gain",
        says=f"centre loss brings {paper.TABLE_3_TEXT['ck_plus']} % on CK+",
        where="5.1.2",
        finding="{centre} - {softmax} = {gain:.2f}, as Table 3 has it",
        compute=_centre_gain,
    ),
    Erratum(
        "different_images",
        says="95.08 and 96.92 % on CK+'s six classes",
        where="Table 3",
        finding="95.08 is {softmax}, a fifth of the 309 images; 96.92 is no share of 61 or 62 but {centre}, and 65 is "
        "a fifth of 327: they are of different images",
        compute=lambda: _nearest(softmax="Table 2, CK+, two stages", centre="Table 5, CK+, 6-S-NC"),
    ),
    Erratum(
        "five_groups",
        says="one of five groups validates",
        where="section 5",
        finding="{accuracies} accuracies are no share of a fifth: {named}",
        compute=_no_fifths,
    ),
    Erratum(
        "one_image",
        says=f"centre loss brings {paper.TABLE_3_TEXT['jaffe']} % on JAFFE",
        where="Table 3",
        finding="one image of {images}: from {before} to {after}, 95 % interval {low:.1f} to {high:.1f} %",
        compute=_one_image,
    ),
    Erratum(
        "seven_classes",
        says="precision, recall and F1 of 7-S-N are lower than those of 7-S-C, as its accuracy is",
        where="section 6",
        finding="Table 5 has them higher: {neutral.precision} against {contempt.precision}, {neutral.recall} against "
        "{contempt.recall}, {neutral.f1} against {contempt.f1}",
        compute=_neutral_against_contempt,
    ),
    Erratum(
        "more_classes",
        says="accuracy drops as the number of classes increases",
        where="5.1.4",
        finding="small: seven classes without neutral {small_7}, eight {small_8}; large: seven without contempt "
        "{large_7}, eight {large_8}",
        compute=lambda: _accuracies(
            small_7="7_no_neutral_last", small_8="8_last", large_7="7_no_contempt_last3", large_8="8_last3"
        ),
    ),
    Erratum(
        "few_images",
        says="recall 100 % for sad among six classes",
        where="Figure 6a",
        finding="the printed precision allows only {few} images of one and {more} of the other of disgust and sad "
        "among those validated",
        compute=_validated_images,
    ),
    Erratum(
        "row_sum",
        says="a row of Figure 6 (8-S, neutral): 98.46 and 1.56",
        where="",
        finding="it sums to {percent:.2f} %; 1/65 is {one:.2f}",
        compute=lambda: {"percent": matrix_sums()["sum %"].item(), "one": 100 / 65},
    ),
    Erratum(
        "moved",
        says="8-S: all fear is taken for disgust, and all happy for fear",
        where="Figure 6d",
        finding="its mean recall would be {printed:.2f} %; Table 5's {recall} needs both 100s one column on, where "
        "{moved:.2f} % follows",
        compute=_moved,
    ),
    Erratum(
        "f1",
        says="F1-score",
        where="Tables 4 and 5",
        finding="2PR/(P + R) of the averages in {rows} of 8 configurations: not the mean of the classes' F1",
        compute=_harmonic_means,
    ),
    Erratum(
        "siblings",
        says="98.80 to 100 % with three frames a film",
        where="Table 5",
        finding="images are shuffled, so {percent:.0f} % of the scored frames have another frame of the same film in "
        "training",
        compute=lambda: {"percent": 100 * sibling_share()},
    ),
    Erratum(
        "stage_one",
        says=" and ".join(str(percent) for percent in paper.STAGE_ONE.values()) + " % on FER-2013",
        where="5.1.1",
        finding="no number of right answers of 3,589 rounds to either; {PublicTest:,} and {PrivateTest:,} give them "
        "where decimals are cut off",
        compute=lambda: {split: cut_off(percent, 3_589)[0] for split, percent in paper.STAGE_ONE.items()},
    ),
    Erratum(
        "time",
        says=f"run-time cost {paper.CLASSIFY_MS} ms a frame",
        where="abstract, Table 6",
        finding="by its own formula a frame with one face takes {milliseconds:.2f} ms, {frames:.0f} frames a second; "
        "classification is {percent:.0f} % of it, and is a time a face, not a frame",
        compute=_one_face,
    ),
)
