"""What the lite_xception paper prints, transcribed from its text as printed, misprints included."""

from __future__ import annotations

# Table 1: stage, operator, resolution in pixels, channels.
TABLE_1 = (
    (1, "Conv3 x 3", 46, 8),
    (2, "Conv3 x 3", 44, 8),
    (3, "XceptionRes1", 22, 16),
    (4, "XceptionRes2", 11, 32),
    (5, "XceptionRes3", 6, 64),
    (6, "XceptionRes4", 3, 128),
    (7, "Fully Connected", 1, 7),
)
# The modules of our network whose outputs are the rows of Table 1.
TABLE_1_MODULES = ("stem.2", "stem.5", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "fc")

# Table 2 and section 2.3: images in all, for training, validation and test.
TABLE_2 = {"images": 35_887, "Training": 28_709, "validation": 3_589, "test": 3_589}

# Section 3: classes in the paper's order and words, and the test images that it gives for each.
CLASSES = ("angry", "disgust", "scared", "happy", "sad", "surprised", "neutral")
TEST_IMAGES_SAID = 3_589
TEST_COUNTS = (958, 111, 1024, 1774, 1233, 1247, 831)

# Table 3: accuracy, misclassification, precision, recall, F1 by class, in the paper's order.
TABLE_3 = {
    "angry": (0.61, 0.49, 0.51, 0.61, 0.56),
    "disgust": (0.55, 0.35, 0.65, 0.55, 0.59),
    "scared": (0.37, 0.49, 0.51, 0.37, 0.42),
    "happy": (0.89, 0.19, 0.81, 0.89, 0.85),
    "sad": (0.50, 0.46, 0.54, 0.50, 0.52),
    "surprised": (0.74, 0.23, 0.77, 0.74, 0.75),
    "neutral": (0.65, 0.38, 0.62, 0.65, 0.63),
}
TABLE_3_COLUMNS = ("accuracy", "misclassification", "precision", "recall", "f1")

# Table 4: technique, parameters as printed (in millions), accuracy in percent.
TABLE_4 = (
    ("VGG19", 139.5, 70.80),
    ("ResAttNet56", 29.0, 72.63),
    ("Densenet121", 6.9, 73.16),
    ("Resnet152", 58.1, 73.22),
    ("Cbam resnet50", 28.5, 73.39),
    ("lite-XceptionFCNet", 0.4887, 64.53),
)
ACCURACY = 64.53
PARAMETERS = 488_700
