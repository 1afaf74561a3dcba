"""What the mobilenet_realtime paper's printed numbers say against themselves, each as a computation on them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd
import torch

from ferstudy.data import ck_plus, fer2013, jaffe
from ferstudy.evaluation import wilson
from ferstudy.losses import CentreLoss
from ferstudy.papers.mobilenet_realtime import published as paper

# Section 5: a dataset is split into five groups, one of which validates.
PARTS = 5


def ck_plus_images(setup: str) -> int:
    """Images of a configuration of Table 5 by CK+'s own counts: a neutral one a film, one or three of each emotion.

    Args:
        setup: Key of ``TABLE_5``.
    """
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    contempt = films["contempt"] if setup.startswith(("8", "7_no_neutral")) else 0
    neutral = sum(films.values()) if setup.startswith(("8", "7_no_contempt")) else 0
    emotions = sum(films.values()) - films["contempt"] + contempt
    return emotions * (3 if setup.endswith("last3") else 1) + neutral


def figure_6_shares(setup: str) -> np.ndarray:
    """Printed confusion matrix as shares of 0 to 1, (K, K), rows true; of (a) to (d) only."""
    return np.array(paper.FIGURE_6[setup][1]) / 100


def numerators(percent: float, images: int, digits: int = 2) -> list[int]:
    """Numbers of right answers, of so many images, that round to a printed percentage.

    Args:
        percent: As printed.
        images: Images scored.
        digits: Decimal places printed.
    """
    near = round(percent * images / 100)
    # Twice rounded half up in floats could differ in the last bit: a hundredth of the last place is allowed.
    half = 0.51 * 10**-digits
    return [k for k in range(max(near - 1, 0), min(near + 1, images) + 1) if abs(100 * k / images - percent) <= half]


def denominators(percent: float, images: Iterable[int]) -> list[int]:
    """Those numbers of images of which a printed percentage can be a share."""
    return [n for n in images if numerators(percent, n)]


def cut_off(percent: float, images: int) -> list[int]:
    """Numbers of right answers, of so many images, whose percentage has a printed one's first two decimal places."""
    hundredths = round(100 * percent)
    return [k for k in range(images + 1) if 10_000 * k // images == hundredths]


def fractions() -> pd.DataFrame:
    """Every printed accuracy on CK+, JAFFE and FER-2013 as a share of images.

    Returns:
        Columns ``where``, ``printed %``, ``images of the protocol`` (all that the text says are scored, a fifth where
        it says one of five groups), ``possible`` (whether some number of right answers of so many images gives the
        printed number), ``nearest possible`` (the share of the nearest number of images that does), and its 95 % Wilson
        interval in percent. Of a number with a +-, the lower end has a row of its own.
    """
    rows = []
    for where, percent, images, part in _printed_accuracies():
        expected = [images // PARTS, -(-images // PARTS)] if part else [images]
        fits = denominators(percent, expected)
        nearest = min(denominators(percent, range(2, 2 * images + 2)), key=lambda n: min(abs(n - e) for e in expected))
        n = fits[0] if fits else nearest
        k = numerators(percent, n)[0]
        low, high = wilson(k, n)
        rows.append(
            {
                "where": where,
                "printed %": round(percent, 2),
                "images of the protocol": " or ".join(str(e) for e in dict.fromkeys(expected)),
                "possible": bool(fits),
                "nearest possible": f"{k}/{n}",
                "95 % interval": f"{100 * low:.1f} to {100 * high:.1f}",
            }
        )
    return pd.DataFrame(rows)


def _printed_accuracies() -> list[tuple[str, float, int, bool]]:
    """Where, percent, images of the dataset, and whether one of five parts is scored."""
    six, all_jaffe = ck_plus_images("6_last"), sum(jaffe.OFFICIAL)
    not_neutral = all_jaffe - jaffe.OFFICIAL[jaffe.CLASSES.index("neutral")]
    one_stage, spread = paper.TABLE_2["ck_plus"][0]
    scores = [
        ("Table 2, CK+, one stage", one_stage, six, True),
        ("Table 2, CK+, one stage, lower end", one_stage - spread, six, True),
        ("Table 2, CK+, two stages", paper.TABLE_2["ck_plus"][1][0], six, True),
        ("Table 2, JAFFE, one stage", paper.TABLE_2["jaffe"][0][0], all_jaffe, True),
        ("Table 2, JAFFE, two stages", paper.TABLE_2["jaffe"][1][0], all_jaffe, True),
        ("Table 3, JAFFE, centre loss", paper.TABLE_3["jaffe"][1], all_jaffe, True),
    ]
    for setup, row in paper.TABLE_5.items():
        where, images = f"Table 5, CK+, {paper.FIGURE_6_NAMES[setup]}", ck_plus_images(setup)
        if row.accuracy < 100:
            scores.append((where, row.accuracy, images, True))
        if row.spread:
            scores.append((f"{where}, lower end", row.accuracy - row.spread, images, True))
    scores += [
        ("section 6, JAFFE to CK+", paper.CROSS["jaffe_to_ck_plus"], six, False),
        ("section 6, CK+ to JAFFE", paper.CROSS["ck_plus_to_jaffe"], not_neutral, False),
    ]
    for split, percent in paper.STAGE_ONE.items():
        scores.append((f"section 5.1.1, FER-2013, {split}", percent, paper.FER2013_IMAGES[split], False))
    return scores


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
    for k, name in enumerate(paper.TABLE_1_COLUMNS):
        table[f"{name} (published)"] = [row[k] for row in paper.TABLE_1.values()]
        table[f"{name} (owners)"] = [own[k].get(c, 0) for c in paper.TABLE_1]
    total = table.drop(columns="class").sum()
    return pd.concat([table, pd.DataFrame([{"class": "all", **total}])], ignore_index=True)


def row_counts(shares: Iterable[float], most: int = 100) -> tuple[int, int]:
    """Fewest images that a printed row of a confusion matrix can be of, and how many of them were wrong.

    Args:
        shares: The row in percent, the true class's own share largest.
        most: Largest number of images considered.

    Returns:
        Images and errors; one image and no error for a row of 100.
    """
    # The printed 1.56 beside 98.46 is no share of what 98.46 is one of: only the largest must fit.
    largest = max(shares)
    images = denominators(largest, range(1, most + 1))[0]
    return images, images - numerators(largest, images)[0]


def table_5_checks() -> pd.DataFrame:
    """Table 5 against Figure 6 and the definitions.

    Returns:
        A row a configuration: the printed recall and the mean diagonal of the printed matrix (NaN where it is a picture
        only); the printed F1, and 2PR/(P+R) of the printed averages; the fewest errors that the matrix needs, and the
        accuracy of so many errors in the nearest possible number of images.
    """
    rows = []
    for setup, scores in paper.TABLE_5.items():
        row = {
            "setup": paper.FIGURE_6_NAMES[setup],
            "recall (published)": scores.recall,
            "mean diagonal": np.nan,
            "F1 (published)": scores.f1,
            "2PR / (P + R)": round(2 * scores.precision * scores.recall / (scores.precision + scores.recall), 2),
            "fewest errors": np.nan,
            "images so": np.nan,
        }
        if setup in paper.FIGURE_6:
            matrix = paper.FIGURE_6[setup][1]
            errors = sum(row_counts(shares)[1] for shares in matrix)
            row["mean diagonal"] = round(float(np.mean([matrix[k][k] for k in range(len(matrix))])), 2)
            row["fewest errors"] = errors
            row["images so"] = images_of_errors(scores.accuracy, errors)
        rows.append(row)
    return pd.DataFrame(rows)


def images_of_errors(percent: float, errors: int, most: int = 2_000) -> int:
    """Images of which so many errors give a printed accuracy; the first of them where several do."""
    return next(n for n in range(errors + 1, most) if n - errors in numerators(percent, n))


def matrix_sums() -> pd.DataFrame:
    """Rows of the printed matrices that do not sum to 100 % beyond rounding."""
    rows = []
    for setup, (classes, matrix) in paper.FIGURE_6.items():
        for name, shares in zip(classes, matrix, strict=True):
            if abs(sum(shares) - 100) > 0.005 * sum(share > 0 for share in shares):
                rows.append((paper.FIGURE_6_NAMES[setup], name, round(sum(shares), 2)))
    return pd.DataFrame(rows, columns=["setup", "class", "sum %"])


def validated_images_6() -> list[tuple[int, int]]:
    """Numbers of disgust and sad images that 6-S-NC's printed precision allows.

    Its matrix has one wrong answer in each of these columns and none elsewhere, so the mean precision of the six
    classes is (4 + d/(d + 1) + s/(s + 1)) / 6.

    Returns:
        Pairs of disgust and sad images, at most 59 and 28 as CK+ has.
    """
    films = dict(zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True))
    printed = paper.TABLE_5["6_last"].precision
    return [
        (d, s)
        for d in range(1, films["disgust"] + 1)
        for s in range(1, films["sad"] + 1)
        if abs(100 * (4 + Fraction(d, d + 1) + Fraction(s, s + 1)) / 6 - printed) <= 0.005
    ]


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


def errata() -> pd.DataFrame:
    """The paper's slips: what it says, what the numbers say, and the computation's verdict."""
    shares = fractions()
    nearest = dict(zip(shares["where"], shares["nearest possible"], strict=True))
    impossible = [where for where in shares.loc[~shares["possible"], "where"] if where.startswith("Table")]
    counts = class_distribution().set_index("class").to_dict("index")
    table_5, checks = paper.TABLE_5, table_5_checks()
    without_neutral, without_contempt = table_5["7_no_neutral_last"], table_5["7_no_contempt_last"]
    parts = sum(paper.FER2013_IMAGES[split] for split in ("Training", "PublicTest", "PrivateTest"))
    low, high = wilson(numerators(paper.TABLE_3["jaffe"][1], 42)[0], 42)
    far, near = centre_pull(10.0), centre_pull(0.1)
    one = frame_milliseconds(1)
    few, more = sorted(validated_images_6()[0])
    cut = {split: cut_off(percent, 3_589)[0] for split, percent in paper.STAGE_ONE.items()}
    wrong_sum = matrix_sums().iloc[0]
    centre = paper.TABLE_3["ck_plus"]
    rows = [
        ("FER-2013 has 36,887 images (section 4)", f"its own splits sum to {parts:,}"),
        (
            "4,593 angry faces in FER-2013 (Table 1)",
            f"the challenge has {counts['angry']['fer2013 (owners)']:,}: two digits changed places, and the column "
            f"sums to {counts['all']['fer2013 (published)']:,}",
        ),
        (
            "30 disgust and 31 fear in JAFFE (Table 1)",
            f"by the names of its files {counts['disgust']['jaffe (owners)']} and "
            f"{counts['fear']['jaffe (owners)']}; both sum to {counts['all']['jaffe (owners)']}",
        ),
        (
            "centre loss with a norm that is not squared (equations 1 and 3)",
            f"its pull is {far['printed']:g} at distance 10 and {near['printed']:g} at 0.1; that of the cited loss "
            f"{far['cited']:g} and {near['cited']:g}",
        ),
        (
            "rate of stage one 0.001 (3.2.2) and 0.01 (5)",
            f"stage two's 0.045 is {0.045 / 0.001:.0f} or {0.045 / 0.01:.1f} times as large, 'since we do not intend "
            "to heavily alter' the weights: a larger rate alters them more",
        ),
        (
            "centre loss brings 1.85 % on CK+ (5.1.2)",
            f"{centre[1]} - {centre[0]} = {centre[1] - centre[0]:.2f}, as Table 3 has it",
        ),
        (
            "95.08 and 96.92 % on CK+'s six classes (Table 3)",
            f"95.08 is {nearest['Table 2, CK+, two stages']}, a fifth of the 309 images; 96.92 is no share of 61 or 62 "
            f"but {nearest['Table 5, CK+, 6-S-NC']}, and 65 is a fifth of 327: they are of different images",
        ),
        (
            "one of five groups validates (section 5)",
            f"{len(impossible)} accuracies are no share of a fifth: {'; '.join(impossible)}",
        ),
        (
            "centre loss brings 2.38 % on JAFFE (Table 3)",
            f"one image of 42: from {nearest['Table 2, JAFFE, two stages']} to "
            f"{nearest['Table 3, JAFFE, centre loss']}, 95 % interval {100 * low:.1f} to {100 * high:.1f} %",
        ),
        (
            "precision, recall and F1 of 7-S-N are lower than those of 7-S-C, as its accuracy is (section 6)",
            f"Table 5 has them higher: {without_neutral.precision} against {without_contempt.precision}, "
            f"{without_neutral.recall} against {without_contempt.recall}, {without_neutral.f1} against "
            f"{without_contempt.f1}",
        ),
        (
            "accuracy drops as the number of classes increases (5.1.4)",
            f"small: seven classes without neutral {without_neutral.accuracy}, eight {table_5['8_last'].accuracy}; "
            f"large: seven without contempt {table_5['7_no_contempt_last3'].accuracy}, eight "
            f"{table_5['8_last3'].accuracy}",
        ),
        (
            "recall 100 % for sad among six classes (Figure 6a)",
            f"the printed precision allows only {few} images of one and {more} of the other of disgust and sad among "
            "those validated",
        ),
        (
            f"a row of Figure 6 ({wrong_sum['setup']}, {wrong_sum['class']}): 98.46 and 1.56",
            f"it sums to {wrong_sum['sum %']:.2f} %; 1/65 is {100 / 65:.2f}",
        ),
        (
            "F1-score (Tables 4 and 5)",
            f"2PR/(P + R) of the averages in {int((checks['F1 (published)'] == checks['2PR / (P + R)']).sum())} of 8 "
            "configurations: not the mean of the classes' F1",
        ),
        (
            "98.80 to 100 % with three frames a film (Table 5)",
            f"images are shuffled, so {100 * sibling_share():.0f} % of the scored frames have another frame of the "
            "same film in training",
        ),
        (
            "67.03 and 68.31 % on FER-2013 (5.1.1)",
            f"no number of right answers of 3,589 rounds to either; {cut['PublicTest']:,} and {cut['PrivateTest']:,} "
            "give them where decimals are cut off",
        ),
        (
            "run-time cost 3.57 ms a frame (abstract, Table 6)",
            f"by its own formula a frame with one face takes {one:.2f} ms, {1000 / one:.0f} frames a second; "
            f"classification is {100 * paper.CLASSIFY_MS / one:.0f} % of it, and is a time a face, not a frame",
        ),
    ]
    return pd.DataFrame(rows, columns=["the paper says", "its numbers say"])
