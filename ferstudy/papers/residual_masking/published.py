"""What the residual_masking paper prints, transcribed from its text as printed, misprints included."""

from __future__ import annotations

from typing import NamedTuple


class Layer(NamedTuple):
    """A row of Table I; its output is (channels, height, width)."""

    name: str
    output: tuple[int, ...]
    detail: str


class Network(NamedTuple):
    """A row of Table II: our name of it, the reference beside it, parameters in millions, accuracy in percent."""

    name: str
    model: str
    reference: int | None
    millions: float
    accuracy: float


class Method(NamedTuple):
    """A row of Table III: accuracy in percent of an ensemble (E) and of a single network (WE)."""

    name: str
    ensemble: float | None
    single: float | None


class VemoAccuracy(NamedTuple):
    """A row of Table IV: our name of the network, accuracy in percent on VEMO."""

    name: str
    model: str
    accuracy: float


class Diagonal(NamedTuple):
    """An entry of the diagonals of Figure 7's two matrices, as a share."""

    fer2013: float
    vemo: float


# Table I, the layers of the network.
TABLE_1 = (
    Layer("Conv1", (64, 112, 112), "7×7, stride 2"),
    Layer("MaxPooling", (64, 56, 56), "3×3, stride 2"),
    Layer("Resmasking Block 1", (64, 56, 56), "RL 1, MB 1"),
    Layer("Resmasking Block 2", (128, 28, 28), "RL 2, MB 2"),
    Layer("Resmasking Block 3", (256, 14, 14), "RL 3, MB 3"),
    Layer("Resmasking Block 4", (512, 7, 7), "RL 4, MB 4"),
    Layer("Average pooling", (512, 1, 1), ""),
    Layer("FC, Softmax", (7,), "7"),
)
# The modules of our network whose outputs are the rows of Table I; a block's map has its mask's shape (equation 1).
TABLE_1_MODULES = ("conv1", "maxpool", "masks.0", "masks.1", "masks.2", "masks.3", "avgpool", "fc")
# Section III.A on the first two rows of Table I.
FIRST_LAYERS_SAID = ("3×3 convolution, stride 2", "2×2 max-pooling")

# Table II, on FER2013.
TABLE_2 = (
    Network("VGG19", "vgg19", 43, 139.5, 70.80),
    Network("Efficientnet_b2b", "efficientnet_b2", 44, 7.7, 70.80),
    Network("Googlenet", "googlenet", 43, 5.6, 71.97),
    Network("Resnet34", "resnet34", 31, 21.2, 72.41),
    Network("ResAttNet56", "resattnet56", 10, 29.0, 72.63),
    Network("Inception_v3", "inception_v3", 30, 25.1, 72.72),
    Network("Bam_resnet50", "bam_resnet50", 9, 23.8, 73.14),
    Network("Densenet121", "densenet121", 42, 6.9, 73.16),
    Network("Resnet152", "resnet152", 31, 58.1, 73.22),
    Network("Cbam_resnet50", "cbam_resnet50", 8, 28.5, 73.39),
    Network("Our ResMaskingNet", "resmasking", None, 142.9, 74.14),
)

# Table III, on FER2013.
TABLE_3 = (
    Method("Human Accuracy [27]", None, 65.0),
    Method("DNN_L_Reg [45]", None, 66.4),
    Method("Deep-Emotion [46]", None, 70.02),
    Method("DL-SVM [47]", None, 71.16),
    Method("CNN-SIFT [22]", None, 73.4),
    Method("Ensemble N&A [48]", 73.31, None),
    Method("Ensemble MLCNNs [49]", 74.09, None),
    Method("CNNs and BOVW + local SVM [23]", 75.42, None),
    Method("Ensemble 8 CNNs [37]", 75.2, None),
    Method("Our ResMaskingNet", 76.82, 74.14),
)
HUMAN_ERROR = 5.0
# Section IV.D on Table III.
SECOND_SINGLE_SAID = 73.14
ENSEMBLE_GAIN_SAID = 1.0
ENSEMBLE_SIZE = 7

# Table IV, on VEMO.
TABLE_4 = (
    VemoAccuracy("ResAttNet56", "resattnet56", 60.82),
    VemoAccuracy("Resnet18", "resnet18", 63.94),
    VemoAccuracy("Resnet34", "resnet34", 64.84),
    VemoAccuracy("Our ResMaskingNet", "resmasking", 65.94),
)

# Section IV.A: images of FER2013 and of its splits, of VEMO and of its two parts.
FER2013_IMAGES = {"all": 35_887, "training": 28_709, "validation": 3_859, "test": 3_589}
VEMO_IMAGES = {"all": 36_470, "collected": 6_470, "labelled by professionals [25]": 30_000}
# Section IV.A on FER2013: "more than 6000" happy faces, "approximately 500" of disgust.
HAPPY_SAID, DISGUST_SAID = 6_000, 500

# Figure 7: the diagonals of its two matrices, whose rows are the true classes, read off the figure in the authors'
# repository (docs/paper.pdf); +- .005, as it prints two decimals. The text quotes happy, surprise, fear and sad.
FIGURE_7 = {
    "angry": Diagonal(0.68, 0.67),
    "disgust": Diagonal(0.75, 0.57),
    "fear": Diagonal(0.56, 0.44),
    "happy": Diagonal(0.91, 0.81),
    "sad": Diagonal(0.59, 0.63),
    "surprise": Diagonal(0.85, 0.71),
    "neutral": Diagonal(0.76, 0.60),
}
FIGURE_7_ERROR = 0.005
# Section IV.D names these two as the lowest of both datasets.
LOWEST_SAID = ("fear", "sad")

# Section IV.B: frames a second with one face on a laptop's GTX 1050 Ti, and what that card computes: its maker's data
# sheet has 768 cores at 1.62 GHz, each of two operations a cycle.
FRAMES_PER_SECOND = 100
GTX_1050_TI_OPERATIONS = 768 * 1.62e9 * 2
