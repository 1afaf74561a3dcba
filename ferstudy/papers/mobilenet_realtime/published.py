"""What the mobilenet_realtime paper prints, transcribed from its text as printed, misprints included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class ClassCounts(NamedTuple):
    """A row of Table 1: images of a class by dataset."""

    fer2013: int
    ck_plus: int
    jaffe: int


class Measured(NamedTuple):
    """A percentage and its +-."""

    value: float
    spread: float


class FineTuning(NamedTuple):
    """A row of Table 2: accuracy in percent of one-stage and two-stage fine-tuning, and the improvement."""

    one_stage: Measured
    two_stages: Measured
    improvement: Measured


class CentreLossGain(NamedTuple):
    """A row of Table 3: accuracy in percent with the softmax loss, with the centre loss added, and the improvement."""

    softmax: float
    centre: float
    improvement: float


class Method(NamedTuple):
    """A row of Table 4: methodology, reference, validation accuracy on JAFFE as printed, in percent."""

    name: str
    reference: int
    accuracy: str


class System(NamedTuple):
    """A row of Table 6: methodology, reference, classification time in ms per frame as printed, and on what."""

    name: str
    reference: str
    milliseconds: str
    hardware: str


class Evaluation(NamedTuple):
    """A row of Table 7: reference, our protocol of the same classes and frames, validation accuracy in percent."""

    reference: int
    setup: str
    accuracy: float


class Matrix(NamedTuple):
    """A confusion matrix: rows true, columns predicted, in percent of the row as printed."""

    classes: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    def shares(self) -> np.ndarray:
        """The same as shares of 0 to 1, (K, K)."""
        return np.array(self.rows) / 100


@dataclass(frozen=True)
class Scores:
    """Percentages that the paper prints for one system.

    Attributes:
        accuracy: Accuracy.
        precision, recall, f1: Averages over the classes.
        spread: The +- behind the accuracy; 0 where none is printed.
    """

    accuracy: float
    precision: float
    recall: float
    f1: float
    spread: float = 0.0


# Section 4: FER2013 in all, for training, validation and test.
FER2013_IMAGES = {"images": 36_887, "Training": 28_709, "PublicTest": 3_589, "PrivateTest": 3_589}

# Table 1: images by class in FER-2013, CK+ (last frames; first frames for neutral) and JAFFE.
TABLE_1 = {
    "angry": ClassCounts(4_593, 45, 30),
    "disgust": ClassCounts(547, 59, 30),
    "fear": ClassCounts(5_121, 25, 31),
    "happy": ClassCounts(8_989, 69, 31),
    "sad": ClassCounts(6_077, 28, 31),
    "surprise": ClassCounts(4_002, 83, 30),
    "neutral": ClassCounts(6_198, 327, 30),
    "contempt": ClassCounts(0, 18, 0),
}

# Section 5.1.1: accuracy in percent on FER-2013 after stage one.
STAGE_ONE = {"PublicTest": 67.03, "PrivateTest": 68.31}

# Table 2; CK+ with six classes.
TABLE_2 = {
    "ck_plus": FineTuning(Measured(91.80, 1.64), Measured(95.08, 0.0), Measured(3.28, 1.64)),
    "jaffe": FineTuning(Measured(71.43, 0.0), Measured(92.86, 0.0), Measured(21.43, 0.0)),
}
TABLE_3 = {"ck_plus": CentreLossGain(95.08, 96.92, 1.84), "jaffe": CentreLossGain(92.86, 95.24, 2.38)}
# Section 5.1.2 on the improvements of Table 3.
TABLE_3_TEXT = {"ck_plus": 1.85, "jaffe": 2.38}

# Table 4: ten published methods on JAFFE.
TABLE_4 = (
    Method("IVA + HOG + Adaboost & SVM", 12, "88.20"),
    Method("LBP + SVM/Adaboost", 43, "86.67"),
    Method("Boosted Deep Belief Networks (BDBN)", 44, "93"),
    Method("2D-LDA + SVM", 45, "94.13"),
    Method("Gaussian Process with Polynomial Kernels & Gaussian RBF", 46, "93.43 ~ 95.24"),
    Method("Local Fisher Discriminant Analysis (LFDA)", 47, "94.37"),
    Method("Patch-based Gabor Feature + DL2 with SVM", 6, "92.93"),
    Method("DCNN + SVM", 14, "98.12"),
    Method("Advanced LBP + Tsallis Entropy + NLDA", 10, "90.54 (48x48) 94.59 (64x64)"),
    Method("Feature-based Salient Facial Patches", 42, "91.80"),
)

# Section 5.1.3 and Table 4's last row.
JAFFE = Scores(95.24, 96.19, 94.76, 95.47)

# Table 5, by the end of our protocol's name (ck_plus_{...}): classes, and the last or the last three frames.
TABLE_5 = {
    "6_last": Scores(96.92, 92.78, 95.95, 94.34),
    "7_no_neutral_last": Scores(93.85, 93.84, 93.51, 93.67),
    "7_no_contempt_last": Scores(95.38, 91.58, 91.62, 91.60),
    "8_last": Scores(95.38, 94.83, 91.38, 93.07),
    "6_last3": Scores(100, 100, 100, 100),
    "7_no_neutral_last3": Scores(100, 100, 100, 100),
    "7_no_contempt_last3": Scores(98.80, 99.25, 99.21, 99.23, spread=0.40),
    "8_last3": Scores(99.69, 99.17, 99.81, 99.49, spread=0.31),
}
# What Figures 5 and 6 call them: classes; small or large; what is left out.
FIGURE_6_NAMES = dict(zip(TABLE_5, ("6-S-NC", "7-S-N", "7-S-C", "8-S", "6-L-NC", "7-L-N", "7-L-C", "8-L"), strict=True))

# Figure 6 (a) to (d), in the paper's order of the classes; (e) to (h) are pictures only, of which (e) and (f) follow
# from Table 5's 100 %.
FIGURE_6 = {
    "6_last": Matrix(
        ("angry", "disgust", "fear", "happy", "sad", "surprise"),
        (
            (90, 0, 0, 0, 10, 0),
            (0, 100, 0, 0, 0, 0),
            (0, 14.29, 85.71, 0, 0, 0),
            (0, 0, 0, 100, 0, 0),
            (0, 0, 0, 0, 100, 0),
            (0, 0, 0, 0, 0, 100),
        ),
    ),
    "7_no_neutral_last": Matrix(
        ("angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"),
        (
            (90, 0, 10, 0, 0, 0, 0),
            (0, 83.33, 0, 0, 0, 16.67, 0),
            (0, 0, 100, 0, 0, 0, 0),
            (0, 0, 0, 100, 0, 0, 0),
            (0, 0, 0, 0, 100, 0, 0),
            (12.5, 0, 0, 0, 0, 87.5, 0),
            (0, 0, 0, 6.25, 0, 0, 93.75),
        ),
    ),
    "7_no_contempt_last": Matrix(
        ("neutral", "angry", "disgust", "fear", "happy", "sad", "surprise"),
        (
            (100, 0, 0, 0, 0, 0, 0),
            (11.11, 55.56, 11.11, 11.11, 0, 11.11, 0),
            (0, 8.33, 91.67, 0, 0, 0, 0),
            (0, 0, 0, 100, 0, 0, 0),
            (0, 0, 0, 0, 100, 0, 0),
            (0, 0, 0, 0, 0, 100, 0),
            (5.88, 0, 0, 0, 0, 0, 94.12),
        ),
    ),
    "8_last": Matrix(
        ("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"),
        (
            (98.46, 1.56, 0, 0, 0, 0, 0, 0),
            (0, 87.5, 0, 12.5, 0, 0, 0, 0),
            (16.67, 0, 83.33, 0, 0, 0, 0, 0),
            (7.69, 0, 0, 92.31, 0, 0, 0, 0),
            # As printed: below "FE" 100 stands under DI, below "HA" under FE.
            (0, 0, 0, 100, 0, 0, 0, 0),
            (0, 0, 0, 0, 100, 0, 0, 0),
            (25, 0, 0, 0, 0, 0, 75, 0),
            (0, 0, 5.56, 0, 0, 0, 0, 94.44),
        ),
    ),
}

# Table 6: classification time of seven published systems and its own.
TABLE_6 = (
    System("IVA + HOG + Adaboost + SVM", "[12]", "66.7", "2.4 GHz CPU with no GPU"),
    System("LBP + SVM/Adaboost", "[43]", "227", "Intel i3 2.2 GHz CPU"),
    System("Boosted Deep Belief Networks (BDBN)", "[44]", "210", "6-core 2.4GHz PC"),
    System("2D-LDA + SVM", "[45]", "35.7", "Pentium IV with 2.80GHz"),
    System("DCNN + SVM", "[14]", "140 ~ 145", "Tesla K20Xm GPU with compute version 3.5 / CPU (700-900ms)"),
    System("CNN + OVA Binary Classification", "[48]", "230", "Intel Core i7 3.4 GHz with a NVIDIA GeForce GTX 660"),
    System("68 Facial Landmarks + Optical Flow + SVM", "[11]", "83.3", "2.6 GHz Intel Core i5 CPU"),
    System("Proposed Method", "", "3.57", "NVIDIA Quadro K4200 GPU / Intel Xeon (R) E5-1603 v3 2.8 GHz * 4 CPU"),
)
# Section 5.2, in ms: detection a frame, then preparation and classification a face.
DETECT_MS, PREPARE_MS, CLASSIFY_MS = 46.93, 7.49, 3.57

# Table 7: ten published results on CK+.
TABLE_7 = (
    Evaluation(49, "7_no_neutral_last", 88.00),
    Evaluation(50, "6_last", 99.10),
    Evaluation(33, "7_no_neutral_last3", 99.60),
    Evaluation(12, "6_last", 88.20),
    Evaluation(51, "6_last", 98.30),
    Evaluation(51, "8_last", 96.40),
    Evaluation(44, "7_no_neutral_last3", 96.70),
    Evaluation(48, "6_last3", 97.81),
    Evaluation(11, "7_no_contempt_last", 98.12),
    Evaluation(14, "6_last", 97.08),
)

# Section 6: trained on the first, scored on the second, six classes, percent.
CROSS = {"jaffe_to_ck_plus": 72.49, "ck_plus_to_jaffe": 50.27}
