"""What the small_cnn paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ferstudy.data import fer2013, jaffe, raf_db
from ferstudy.evaluation import wilson
from ferstudy.papers.small_cnn import published as paper

# The header of Figure 3 in this project's words; the datasets here keep FER2013's order.
_HEADER = dict(
    zip(paper.FIGURE_3_COLUMNS, ("neutral", "angry", "disgust", "fear", "happy", "sad", "surprise"), strict=True)
)
_TEST_IMAGES = int(fer2013.OFFICIAL[1].sum())


def fernet_counts() -> pd.DataFrame:
    """FER2013's row of Figure 3: under the printed header, and under the classes in the order of fer2013.csv."""
    before, after = (table["FER2013"][0] for table in (paper.FIGURE_3_BEFORE, paper.FIGURE_3_AFTER))
    official = dict(zip(fer2013.CLASSES, fer2013.OFFICIAL[0].tolist(), strict=True))
    table = pd.DataFrame({"header": paper.FIGURE_3_COLUMNS, "printed": before})
    table["Training, by the header"] = [official[_HEADER[name]] for name in paper.FIGURE_3_COLUMNS]
    table["in the order of the csv"] = fer2013.CLASSES
    table["Training, by the csv"] = [official[name] for name in fer2013.CLASSES]
    table["difference"] = table["printed"] - table["Training, by the csv"]
    table["after augmentation"] = after
    return table.assign(added=table["after augmentation"] - table["printed"])


def official_differences(dataset: str) -> dict[str, int]:
    """Printed minus published count by class, where they differ, of ``JAFFE`` or ``RAF`` in Figure 3."""
    published = {
        "JAFFE": dict(zip(jaffe.CLASSES, jaffe.OFFICIAL, strict=True)),
        "RAF": dict(zip(raf_db.CLASSES, np.sum(raf_db.OFFICIAL, axis=0).tolist(), strict=True)),
    }[dataset]
    pairs = zip(paper.FIGURE_3_COLUMNS, paper.FIGURE_3_BEFORE[dataset][0], strict=True)
    gaps = {_HEADER[name]: printed - published[_HEADER[name]] for name, printed in pairs}
    return {name: gap for name, gap in gaps.items() if gap}


def attainable(percent: float, images: int = _TEST_IMAGES) -> tuple[int, float, str]:
    """Which share of so many images a printed accuracy of two decimals is.

    Args:
        percent: As printed.
        images: Test images.

    Returns:
        The number of right images nearest to it, its share in percent, and ``rounded``, ``cut off`` or ``no share``.
    """
    near = round(percent / 100 * images)
    for correct in (near, near + 1, near - 1):
        share = 100 * correct / images
        if round(share, 2) == percent:
            return correct, share, "rounded"
        if math.floor(100 * share) / 100 == percent:
            return correct, share, "cut off"
    return near, 100 * near / images, "no share"


def attainable_table() -> pd.DataFrame:
    """Every printed test accuracy as a share of 3,589 images."""
    printed = {
        "VGGNet, validation (Fig. 6)": paper.FIGURE_6_BEST["Reduce on plateau"][0],
        **{f"VGGNet, {images} {schedule}".rstrip() + " (Fig. 7)": value for images, schedule, value in paper.FIGURE_7},
        **{f"proposed, {split} (5.2)": value for split, value in paper.ACCURACY.items()},
    }
    rows = []
    for name, value in printed.items():
        correct, share, how = attainable(value)
        rows.append(
            {"printed as": name, "printed": value, "right of 3,589": correct, "share": share, "the print is": how}
        )
    return pd.DataFrame(rows).round({"share": 4})


def split_gap() -> tuple[float, float]:
    """Points between the proposed network's two accuracies, and how likely so large a gap is by chance (z test)."""
    from statsmodels.stats.proportion import proportions_ztest

    public, private = paper.ACCURACY["PublicTest"], paper.ACCURACY["PrivateTest"]
    counts = [attainable(value)[0] for value in (public, private)]
    _, chance = proportions_ztest(counts, [_TEST_IMAGES] * 2)
    return public - private, float(chance)


def vggnet_test_split() -> str:
    """The official split whose class counts are the row sums of VGGNet's confusion matrix."""
    sums = np.array(paper.VGGNET_CONFUSION).sum(1)
    (match,) = np.flatnonzero((sums == fer2013.OFFICIAL).all(1))
    return fer2013.SPLITS[match]


def errata() -> pd.DataFrame:
    """The paper's slips: what it says, what the numbers say, and the computation's verdict."""
    counts = fernet_counts()
    by_header = int((counts["printed"] - counts["Training, by the header"]).abs().sum())
    by_csv = int(counts["difference"].abs().sum())
    total, training = paper.FIGURE_3_BEFORE["FER2013"][1], int(fer2013.OFFICIAL[0].sum())
    start = paper.FIGURE_7[0][2]
    worse = [row for row in paper.FIGURE_7 if row[2] < start]
    best = max(row[2] for row in paper.FIGURE_7)
    gained = attainable(best)[0] - attainable(start)[0]
    low, high = (100 * v for v in wilson(attainable(best)[0], _TEST_IMAGES))
    higher = [f"{name} {whose} {value:g}" for name, whose, value, on, _ in paper.SURVEY if value > best and "FER" in on]
    right = sum(row[k] for k, row in enumerate(paper.VGGNET_CONFUSION))
    gap, chance = split_gap()
    validation = paper.FIGURE_6_BEST["Reduce on plateau"][0]
    public, private = (attainable(value) for value in paper.ACCURACY.values())
    jaffe_gap, raf_gap = official_differences("JAFFE"), official_differences("RAF")
    rows = [
        (
            "FER2013's images by class under NE, AN, DI, FE, HA, SA, SU (Fig. 3)",
            f"under the header they miss the Training counts by {by_header:,}, in the order of fer2013.csv by "
            f"{by_csv:,}: the names are wrong, and 440 under AN are disgust",
        ),
        (
            f"FER2013 has {total:,} images (Fig. 3)",
            f"Training has {training:,} and all splits {paper.FER2013_IMAGES:,} (section 2.4); augmentation adds "
            f"{counts['added'][0]:,} to the first class and 3,000 to the other large ones, so its "
            f"{counts['printed'][0]:,} is a slip for 3,995, and the sum then {total + 900:,}",
        ),
        (
            "JAFFE and RAF by class (Fig. 3)",
            "against the datasets' own counts: "
            + ", ".join(f"JAFFE {name} {gap:+d}" for name, gap in jaffe_gap.items())
            + ", "
            + ", ".join(f"RAF {name} {gap:+d}" for name, gap in raf_gap.items()),
        ),
        (
            "AlexNet 61.1 % on FER2013 by [9] (section 2.1)",
            "the reference list gives [9] as 'Real time speech emotion recognition using RGB image classification'",
        ),
        (
            "'six different algorithms of optimizers' (section 2.3)",
            f"{len(paper.OPTIMIZERS_NAMED)} are named: {', '.join(paper.OPTIMIZERS_NAMED)}",
        ),
        (
            "a fixed rate of 0.001, and a constant baseline rate of 0.01 (section 2.3)",
            f"two constant rates, {paper.CONSTANT_RATES[1] / paper.CONSTANT_RATES[0]:g} times apart: the constant bars "
            "of Figs. 5 and 6 are not of one run",
        ),
        (
            f"the same run validates at {paper.FIGURE_5_BEST['decaying']} % (Fig. 5) and {validation} % (Fig. 6)",
            f"{validation} rounds to {validation:.1f}",
        ),
        (
            "'both models in two variation perform better after training' (Fig. 7)",
            f"{worse[0][1]} on the {worse[0][0]} gives {worse[0][2]}, {start - worse[0][2]:.2f} points less than the "
            f"start's {start}",
        ),
        (
            f"tuning brings {start} % to {best} % (Fig. 7)",
            f"{gained} images of {_TEST_IMAGES:,}; the 95 % interval of {best} is [{low:.2f}, {high:.2f}]",
        ),
        (
            f"'testing accuracy' {best} % (section 2.3)",
            f"the public code's confusion matrix has {right:,} right of {np.sum(paper.VGGNET_CONFUSION):,}, "
            f"{100 * right / np.sum(paper.VGGNET_CONFUSION):.2f} %; its row sums are those of {vggnet_test_split()}",
        ),
        (
            f"{best} % is 'the highest testing accuracy attained ever' (section 2.3)",
            f"the same survey gives {'; '.join(higher)}",
        ),
        (
            f"{paper.ACCURACY['PublicTest']} % and {paper.ACCURACY['PrivateTest']} % (section 5.2)",
            f"of {_TEST_IMAGES:,} images, {public[0]:,} are {public[1]:.4f} % ({public[2]}) and {private[0]:,} are "
            f"{private[1]:.4f} % ({private[2]} of them rounds to {paper.ACCURACY['PrivateTest']})",
        ),
        (
            "the same two accuracies",
            f"they lie {gap:.2f} points apart, by chance with p = {chance:.3f}: PublicTest probably chose the epoch",
        ),
        (
            f"F1 score {paper.F_SCORE} % (section 5.2)",
            f"the mean over classes is not named; it is not the micro mean, which equals the accuracy, "
            f"{paper.ACCURACY['PrivateTest']}",
        ),
        (
            f"{paper.PARAMETERS:,} parameters in {paper.FILE_MEGABYTES} MB, trained with SGD (Table 1)",
            f"{1e6 * paper.FILE_MEGABYTES / paper.PARAMETERS:.1f} bytes a parameter; weights are 4, with SGD's "
            "momentum 8, with both moments of Adam 12",
        ),
    ]
    return pd.DataFrame(rows, columns=["the paper says", "its numbers say"])
