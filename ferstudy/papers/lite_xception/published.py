"""What the lite_xception paper prints, transcribed from its text as printed, misprints included."""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """A row of Table 1: what is computed, the side of its output in pixels, its channels."""

    stage: int
    operator: str
    resolution: int
    channels: int


class ClassScores(NamedTuple):
    """A row of Table 3, as shares."""

    accuracy: float
    misclassification: float
    precision: float
    recall: float
    f1: float


class Technique(NamedTuple):
    """A row of Table 4: parameters in millions, accuracy in percent."""

    name: str
    millions: float
    accuracy: float


# Table 1, the body.
TABLE_1 = (
    Stage(1, "Conv3 x 3", 46, 8),
    Stage(2, "Conv3 x 3", 44, 8),
    Stage(3, "XceptionRes1", 22, 16),
    Stage(4, "XceptionRes2", 11, 32),
    Stage(5, "XceptionRes3", 6, 64),
    Stage(6, "XceptionRes4", 3, 128),
    Stage(7, "Fully Connected", 1, 7),
)
# The modules of our network whose outputs are the rows of Table 1.
TABLE_1_MODULES = ("stem.2", "stem.5", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "fc")

# Table 2 and section 2.3: images in all, for training, validation and test.
TABLE_2 = {"images": 35_887, "Training": 28_709, "validation": 3_589, "test": 3_589}

# Section 3: the test images that it gives for each class, in its order and words.
TEST_IMAGES_SAID = 3_589
TEST_COUNTS = {
    "angry": 958,
    "disgust": 111,
    "scared": 1024,
    "happy": 1774,
    "sad": 1233,
    "surprised": 1247,
    "neutral": 831,
}
CLASSES = tuple(TEST_COUNTS)

# Table 3, in the paper's order.
TABLE_3 = {
    "angry": ClassScores(0.61, 0.49, 0.51, 0.61, 0.56),
    "disgust": ClassScores(0.55, 0.35, 0.65, 0.55, 0.59),
    "scared": ClassScores(0.37, 0.49, 0.51, 0.37, 0.42),
    "happy": ClassScores(0.89, 0.19, 0.81, 0.89, 0.85),
    "sad": ClassScores(0.50, 0.46, 0.54, 0.50, 0.52),
    "surprised": ClassScores(0.74, 0.23, 0.77, 0.74, 0.75),
    "neutral": ClassScores(0.65, 0.38, 0.62, 0.65, 0.63),
}

# Table 4: five published networks and its own.
TABLE_4 = (
    Technique("VGG19", 139.5, 70.80),
    Technique("ResAttNet56", 29.0, 72.63),
    Technique("Densenet121", 6.9, 73.16),
    Technique("Resnet152", 58.1, 73.22),
    Technique("Cbam resnet50", 28.5, 73.39),
    Technique("lite-XceptionFCNet", 0.4887, 64.53),
)
ACCURACY = 64.53
PARAMETERS = 488_700
