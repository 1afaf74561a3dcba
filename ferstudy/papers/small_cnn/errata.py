"""What the small_cnn paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ferstudy.data import fer2013, jaffe, raf_db
from ferstudy.evaluation import wilson
from ferstudy.papers._paper import Erratum
from ferstudy.papers._shares import cut_off, numerators
from ferstudy.papers.small_cnn import published as paper

# The header of Figure 3 in this project's words; the datasets here keep FER2013's order.
_HEADER = dict(
    zip(paper.FIGURE_3_COLUMNS, ("neutral", "angry", "disgust", "fear", "happy", "sad", "surprise"), strict=True)
)
_TEST_IMAGES = int(fer2013.OFFICIAL[1].sum())


def fernet_counts() -> pd.DataFrame:
    """FER2013's row of Figure 3: under the printed header, and under the classes in the order of fer2013.csv."""
    before, after = (table["FER2013"].by_class for table in (paper.FIGURE_3_BEFORE, paper.FIGURE_3_AFTER))
    official = dict(zip(fer2013.CLASSES, fer2013.OFFICIAL[0].tolist(), strict=True))
    table = pd.DataFrame({"header": list(before), "printed": list(before.values())})
    table["Training, by the header"] = [official[_HEADER[name]] for name in before]
    table["in the order of the csv"] = fer2013.CLASSES
    table["Training, by the csv"] = [official[name] for name in fer2013.CLASSES]
    table["difference"] = table["printed"] - table["Training, by the csv"]
    table["after augmentation"] = list(after.values())
    return table.assign(added=table["after augmentation"] - table["printed"])


def fernet_bars() -> pd.DataFrame:
    """FER2013's row of Figure 3 by class, as its header names the counts and in the order of the csv, and Training."""
    printed = paper.FIGURE_3_BEFORE["FER2013"].by_class
    headed = {_HEADER[name]: count for name, count in printed.items()}
    return pd.DataFrame(
        {
            "printed, by its header": [headed[name] for name in fer2013.CLASSES],
            "printed, in the csv's order": list(printed.values()),
            "Training": fer2013.OFFICIAL[0],
        },
        index=fer2013.CLASSES,
    )


def official_differences(dataset: str) -> dict[str, int]:
    """Printed minus published count by class, where they differ, of ``JAFFE`` or ``RAF`` in Figure 3."""
    published = {
        "JAFFE": dict(zip(jaffe.CLASSES, jaffe.OFFICIAL, strict=True)),
        "RAF": dict(zip(raf_db.CLASSES, np.sum(raf_db.OFFICIAL, axis=0).tolist(), strict=True)),
    }[dataset]
    printed = paper.FIGURE_3_BEFORE[dataset].by_class
    gaps = {_HEADER[name]: count - published[_HEADER[name]] for name, count in printed.items()}
    return {name: gap for name, gap in gaps.items() if gap}


def attainable(percent: float, images: int = _TEST_IMAGES) -> tuple[int, float, str]:
    """Which share of so many images a printed accuracy of two decimals is.

    Args:
        percent: As printed.
        images: Test images.

    Returns:
        The number of right images nearest to it, its share in percent, and ``rounded``, ``cut off`` or ``no share``.
    """
    for how, found in (("rounded", numerators(percent, images)), ("cut off", cut_off(percent, images))):
        if found:
            return found[0], 100 * found[0] / images, how
    nearest = round(percent / 100 * images)
    return nearest, 100 * nearest / images, "no share"


def attainable_table() -> pd.DataFrame:
    """Every printed test accuracy as a share of 3,589 images."""
    printed = {
        "VGGNet, validation (Fig. 6)": paper.FIGURE_6_BEST["Reduce on plateau"].validation,
        **{f"VGGNet, {row.images} {row.schedule}".rstrip() + " (Fig. 7)": row.accuracy for row in paper.FIGURE_7},
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


_START, _BEST = paper.FIGURE_7[0].accuracy, max(row.accuracy for row in paper.FIGURE_7)
_VALIDATION = paper.FIGURE_6_BEST["Reduce on plateau"].validation
_PUBLIC, _PRIVATE = paper.ACCURACY["PublicTest"], paper.ACCURACY["PrivateTest"]


def _header() -> dict[str, object]:
    counts = fernet_counts()
    by_header = int((counts["printed"] - counts["Training, by the header"]).abs().sum())
    return {"by_header": by_header, "by_csv": int(counts["difference"].abs().sum())}


def _totals() -> dict[str, object]:
    counts = fernet_counts()
    return {
        "training": int(fer2013.OFFICIAL[0].sum()),
        "all_splits": paper.FER2013_IMAGES,
        "added": int(counts["added"][0]),
        "first": int(counts["printed"][0]),
        "corrected": paper.FIGURE_3_BEFORE["FER2013"].total + 900,
    }


def _other_datasets() -> dict[str, object]:
    gaps = [(name, *gap) for name in ("JAFFE", "RAF") for gap in official_differences(name).items()]
    return {"gaps": ", ".join(f"{name} {label} {gap:+d}" for name, label, gap in gaps)}


def _tuned_worse() -> dict[str, object]:
    worse = next(row for row in paper.FIGURE_7 if row.accuracy < _START)
    return {**worse._asdict(), "less": _START - worse.accuracy, "start": _START}


def _tuning() -> dict[str, object]:
    before, after = attainable(_START)[0], attainable(_BEST)[0]
    low, high = (100 * share for share in wilson(after, _TEST_IMAGES))
    return {"gained": after - before, "images": _TEST_IMAGES, "best": _BEST, "low": low, "high": high}


def _public_code() -> dict[str, object]:
    matrix = np.array(paper.VGGNET_CONFUSION)
    right, images = int(np.trace(matrix)), int(matrix.sum())
    return {"right": right, "images": images, "percent": 100 * right / images, "split": vggnet_test_split()}


def _higher() -> dict[str, object]:
    higher = [row for row in paper.SURVEY if row.accuracy > _BEST and "FER" in row.dataset]
    return {"higher": "; ".join(f"{row.network} {row.source} {row.accuracy:g}" for row in higher)}


def _shares() -> dict[str, object]:
    (public, public_share, public_how), (private, private_share, private_how) = map(attainable, (_PUBLIC, _PRIVATE))
    return {
        "images": _TEST_IMAGES, "printed": _PRIVATE,
        "public": public, "public_share": public_share, "public_how": public_how,
        "private": private, "private_share": private_share, "private_how": private_how,
    }  # fmt: skip


def _constant_bars() -> dict[str, object]:
    rates = paper.CONSTANT_RATES.values()
    bars = paper.FIGURE_5["SGD + Nesterov"].constant, paper.FIGURE_6["Constant"].validation
    return {"times": max(rates) / min(rates), "first": bars[0], "second": bars[1], "error": paper.FIGURE_5_ERROR}


def _decay() -> dict[str, object]:
    gains = {name: bars.decaying - bars.constant for name, bars in paper.FIGURE_5.items()}
    # A difference of two bars is read to within both their errors.
    worse = {name: gain for name, gain in gains.items() if gain < -2 * paper.FIGURE_5_ERROR}
    return {
        "worse": len(worse),
        "rules": len(gains),
        "losses": ", ".join(f"{name} {gain:+.2f}" for name, gain in sorted(worse.items(), key=lambda item: item[1])),
        "helped": ", ".join(name for name, gain in gains.items() if gain > 2 * paper.FIGURE_5_ERROR),
    }


ERRATA = (
    Erratum(
        "figure_3_header",
        says="FER2013's images by class under NE, AN, DI, FE, HA, SA, SU",
        where="Fig. 3",
        finding="under the header they miss the Training counts by {by_header:,}, in the order of fer2013.csv by "
        "{by_csv:,}: the names are wrong, and 440 under AN are disgust",
        compute=_header,
    ),
    Erratum(
        "figure_3_total",
        says=f"FER2013 has {paper.FIGURE_3_BEFORE['FER2013'].total:,} images",
        where="Fig. 3",
        finding="Training has {training:,} and all splits {all_splits:,} (section 2.4); augmentation adds {added:,} to "
        "the first class and 3,000 to the other large ones, so its {first:,} is a slip for 3,995, and the "
        "sum then {corrected:,}",
        compute=_totals,
    ),
    Erratum(
        "figure_3_others",
        says="JAFFE and RAF by class",
        where="Fig. 3",
        finding="against the datasets' own counts: {gaps}",
        compute=_other_datasets,
    ),
    Erratum(
        "speech",
        says="AlexNet 61.1 % on FER2013 by [9]",
        where="section 2.1",
        finding="the reference list gives [9] as 'Real time speech emotion recognition using RGB image classification'",
    ),
    Erratum(
        "optimisers",
        says="'six different algorithms of optimizers'",
        where="section 2.3",
        finding="{named} are named: {names}",
        compute=lambda: {"named": len(paper.OPTIMIZERS_NAMED), "names": ", ".join(paper.OPTIMIZERS_NAMED)},
    ),
    Erratum(
        "constant_rates",
        says="a fixed rate of 0.001 (Fig. 5), and a constant baseline rate of 0.01 (Fig. 6)",
        where="section 2.3",
        finding="two rates, {times:g} times apart; yet the two constant bars measure {first:.2f} and {second:.2f} in "
        "the authors' pictures, which read to {error:g}: probably one run, and one of the two rates is a slip",
        compute=_constant_bars,
    ),
    Erratum(
        "validation",
        says=f"the same run validates at {paper.FIGURE_5_BEST['decaying']} % (Fig. 5) and {_VALIDATION} %",
        where="Fig. 6",
        finding="its bar in Fig. 5 measures {bar:.2f} too: {printed:g} is {validation} cut off, which rounds to "
        "{rounded}",
        compute=lambda: {
            "bar": paper.FIGURE_5["SGD + Nesterov"].decaying,
            "printed": paper.FIGURE_5_BEST["decaying"],
            "validation": _VALIDATION,
            "rounded": round(_VALIDATION, 1),
        },
    ),
    Erratum(
        "decay",
        says="SGD with Nesterov momentum 'performs the best in both experiments'; of the others only that they pass "
        f"{paper.FIGURE_5_FLOOR:g} %",
        where="section 2.3, Fig. 5",
        finding="in the authors' picture the decaying rate is worse for {worse} of {rules} rules: {losses} points, "
        "several times the reading error; it helps {helped}",
        compute=_decay,
    ),
    Erratum(
        "tuned_worse",
        says="'both models in two variation perform better after training'",
        where="Fig. 7",
        finding="{schedule} on the {images} gives {accuracy}, {less:.2f} points less than the start's {start}",
        compute=_tuned_worse,
    ),
    Erratum(
        "tuning",
        says=f"tuning brings {_START} % to {_BEST} %",
        where="Fig. 7",
        finding="{gained} images of {images:,}; the 95 % interval of {best} is [{low:.2f}, {high:.2f}]",
        compute=_tuning,
    ),
    Erratum(
        "test_split",
        says=f"'testing accuracy' {_BEST} %",
        where="section 2.3",
        finding="the public code's confusion matrix has {right:,} right of {images:,}, {percent:.2f} %; its row sums "
        "are those of {split}",
        compute=_public_code,
    ),
    Erratum(
        "highest",
        says=f"{_BEST} % is 'the highest testing accuracy attained ever'",
        where="section 2.3",
        finding="the same survey gives {higher}",
        compute=_higher,
    ),
    Erratum(
        "shares",
        says=f"{_PUBLIC} % and {_PRIVATE} %",
        where="section 5.2",
        finding="of {images:,} images, {public:,} are {public_share:.4f} % ({public_how}) and {private:,} are "
        "{private_share:.4f} % ({private_how} of them rounds to {printed})",
        compute=_shares,
    ),
    Erratum(
        "gap",
        says="the same two accuracies",
        where="",
        finding="they lie {gap:.2f} points apart, by chance with p = {chance:.3f}; the text says neither why nor which "
        "images chose the epoch",
        compute=lambda: dict(zip(("gap", "chance"), split_gap(), strict=True)),
    ),
    Erratum(
        "f1",
        says=f"F1 score {paper.F_SCORE} %",
        where="section 5.2",
        finding="the mean over classes is not named; it is not the micro mean, which equals the accuracy, {accuracy}",
        compute=lambda: {"accuracy": _PRIVATE},
    ),
    Erratum(
        "file_size",
        says=f"{paper.PARAMETERS:,} parameters in {paper.FILE_MEGABYTES} MB, trained with SGD",
        where="Table 1",
        finding="{each:.1f} bytes a parameter; weights are 4, with SGD's momentum 8, with both moments of Adam 12",
        compute=lambda: {"each": 1e6 * paper.FILE_MEGABYTES / paper.PARAMETERS},
    ),
)
