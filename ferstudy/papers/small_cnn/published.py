"""What the small_cnn paper prints, transcribed from its text as printed, misprints included.

The bars of two figures that it hands on are measured in their authors' own pictures, with the error of that reading.
"""

from __future__ import annotations

from typing import NamedTuple


class ImageCounts(NamedTuple):
    """Images of a dataset by class, under the printed header, and the printed total."""

    NE: int
    AN: int
    DI: int
    FE: int
    HA: int
    SA: int
    SU: int
    total: int

    @property
    def by_class(self) -> dict[str, int]:
        """Images under each name of the header."""
        return {name: getattr(self, name) for name in FIGURE_3_COLUMNS}


class SurveyedAccuracy(NamedTuple):
    """An accuracy in percent that the text gives: of which network, whose, on what, in which section."""

    network: str
    source: str
    accuracy: float
    dataset: str
    section: str


class SplitAccuracy(NamedTuple):
    """Accuracy in percent on the validation and the test images."""

    validation: float
    test: float


class Rates(NamedTuple):
    """Accuracy in percent with a constant rate of 0.001, and from 0.01 decaying on a plateau."""

    constant: float
    decaying: float


class Tuning(NamedTuple):
    """A row of Figure 7: tuned on which images, with which schedule, test accuracy in percent."""

    images: str
    schedule: str
    accuracy: float


# Figure 3, a table of [6]: images by class before and after augmentation.
FIGURE_3_COLUMNS = ImageCounts._fields[:-1]
FIGURE_3_BEFORE = {
    "FER2013": ImageCounts(3095, 440, 4097, 7215, 4830, 3180, 4965, total=27_822),
    "JAFFE": ImageCounts(30, 30, 29, 31, 31, 31, 30, total=212),
    "CK+": ImageCounts(50, 47, 61, 24, 59, 28, 62, total=331),
    "KDEF": ImageCounts(70, 70, 70, 70, 70, 70, 70, total=490),
    "RAF": ImageCounts(3204, 867, 877, 355, 5957, 2460, 1463, total=15_183),
}
FIGURE_3_AFTER = {
    "FER2013": ImageCounts(6995, 740, 7097, 10_215, 7830, 6180, 7965, total=47_022),
    "JAFFE": ImageCounts(130, 130, 129, 131, 131, 131, 130, total=912),
    "CK+": ImageCounts(150, 147, 161, 124, 159, 128, 162, total=1_031),
    "KDEF": ImageCounts(120, 120, 120, 120, 120, 120, 120, total=840),
    "RAF": ImageCounts(3204, 867, 877, 355, 5957, 2460, 1463, total=15_183),
}
# Section 2.2: shares in percent.
FERNET_SPLIT = {"training": 80, "validation": 10, "test": 10}

SURVEY = (
    SurveyedAccuracy("AlexNet", "[1]", 61.0, "FER2013", "2.1"),
    SurveyedAccuracy("AlexNet", "[9]", 61.1, "FER2013, as the text has it", "2.1"),
    SurveyedAccuracy("AlexNet", "[6]", 77.0, "FER2013", "2.1"),
    SurveyedAccuracy("FER-net", "[6]", 79.0, "FER2013", "2.2"),
    SurveyedAccuracy("FER-net", "the authors", 72.0, "FER2013, without augmentation, 48 × 48", "2.2"),
    SurveyedAccuracy("FER-net", "[6]", 97.0, "JAFFE", "2.2"),
    SurveyedAccuracy("FER-net", "[6]", 98.0, "CK+", "2.2"),
    SurveyedAccuracy("FER-net", "[6]", 83.0, "KDEF", "2.2"),
    SurveyedAccuracy("FER-net", "[6]", 82.0, "RAF", "2.2"),
    SurveyedAccuracy("VGGNet", "[5]", 73.06, "FER2013, ten-crop", "2.3"),
    SurveyedAccuracy("VGGNet, tuned", "[5]", 73.28, "FER2013, ten-crop", "2.3"),
    SurveyedAccuracy("ensemble of deep networks", "[7]", 75.2, "FER2013", "2.4"),
)

# Figure 5, section 2.3: the optimisers named there, in its order, and the two validation accuracies that it prints.
OPTIMIZERS_NAMED = (
    "SGD",
    "SGD with Nesterov Momentum",
    "Average SGD",
    "Adam",
    "Adam with AMSGrad",
    "Adadelta",
    "Adagrad",
)
OPTIMIZERS_SAID = 6
FIGURE_5_BEST = {"constant": 73.2, "decaying": 73.5}
FIGURE_5_FLOOR = 70.0
# All bars of that figure, measured in the authors' own picture of it (images of the public code of [5]): validation
# accuracy by ten crops, in percent, each to within FIGURE_5_ERROR.
FIGURE_5 = {
    "SGD": Rates(constant=73.09, decaying=72.22),
    "SGD + Nesterov": Rates(constant=73.25, decaying=73.59),
    "Average SGD": Rates(constant=72.62, decaying=72.39),
    "Adam": Rates(constant=71.55, decaying=72.39),
    "Adam + AMSGrad": Rates(constant=71.64, decaying=71.91),
    "Adadelta": Rates(constant=68.57, decaying=67.62),
    "Adagrad": Rates(constant=71.55, decaying=70.86),
}
FIGURE_5_ERROR = 0.013
# Rates that section 2.3 calls constant.
CONSTANT_RATES = {"first experiment": 0.001, "baseline of the second": 0.01}

# Figure 6, section 2.3: the best schedule.
FIGURE_6_BEST = {"Reduce on plateau": SplitAccuracy(validation=73.59, test=73.06)}
# All bars, measured as those of Figure 5, each to within FIGURE_6_ERROR; both accuracies are by ten crops.
FIGURE_6 = {
    "Reduce on plateau": SplitAccuracy(validation=73.59, test=73.06),
    "Constant": SplitAccuracy(validation=73.26, test=71.27),
    "Cosine": SplitAccuracy(validation=73.34, test=71.95),
    "Cosine + WR": SplitAccuracy(validation=73.37, test=72.37),
    "One cycle": SplitAccuracy(validation=72.37, test=71.08),
    "Step": SplitAccuracy(validation=73.09, test=71.97),
}
FIGURE_6_ERROR = 0.007

# Figure 7, a table; the first row is the start.
FIGURE_7 = (
    Tuning("start", "", 73.06),
    Tuning("regular split", "Cosine + WR", 72.64),
    Tuning("regular split", "Cosine", 73.11),
    Tuning("training and validation", "Cosine + WR", 73.14),
    Tuning("training and validation", "Cosine", 73.28),
)

# The confusion matrix that VGGNet's public code prints for its test set: rows are true classes in FER2013's order.
VGGNET_CONFUSION = (
    (308, 3, 34, 20, 49, 9, 44),
    (13, 36, 2, 1, 3, 1, 0),
    (38, 0, 284, 11, 84, 32, 47),
    (11, 0, 10, 797, 12, 15, 50),
    (56, 0, 54, 19, 425, 8, 91),
    (7, 0, 26, 16, 7, 351, 8),
    (31, 0, 21, 39, 78, 9, 429),
)

# Section 2.4: images of FER2013.
FER2013_IMAGES = 35_887

# Section 4.1: middle widths of the four inverted residual blocks.
BLOCK_WIDTHS = (256, 256, 512, 512)

# The modules of our network that make its layer table, as Figure 8 would name them.
FIGURE_8_MODULES = {
    "features.0": "conv 3 × 3", "features.3": "max pool", "features.4": "conv 5 × 5", "features.7": "max pool",
    "features.8": "inverted 256", "features.9": "inverted 256", "features.10": "max pool",
    "features.11": "conv 3 × 3", "features.14": "max pool",
    "features.15": "inverted 512", "features.16": "inverted 512", "pool.0": "max pool",
    "classifier.0": "linear", "classifier.2": "linear", "fc": "linear",
}  # fmt: skip

# Table 1.
TABLE_1 = {
    "Parameters": "784,263",
    "File size": "9.62 (MB)",
    "Optimizer": "SGD",
    "Loss function": "Cross Entropy",
    "Learning rate": "0.01",
    "Batch size": "64",
}
PARAMETERS = 784_263
FILE_MEGABYTES = 9.62

# Section 5.2, the proposed model.
EPOCHS, TRAINING_HOURS = 158, 4
ACCURACY = {"PublicTest": 71.63, "PrivateTest": 68.52}
F_SCORE = 68.65
FRAMES_PER_SECOND = 10
