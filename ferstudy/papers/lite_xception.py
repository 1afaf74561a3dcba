"""V. H. Chuong and V. H. Cuong, "Facial Expression Recognition: A Lite Deep Learning Based Approach".

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.lite_xception_errata`.

The paper names no optimiser, rate, schedule, augmentation or number of epochs, and not how the epoch was chosen. Our
recipes differ only in the network, and in the augmentation and smoothing that the larger one bears.

Notebook: ``notebooks/lite_xception.ipynb``.
"""

from __future__ import annotations

from dataclasses import replace

from ferstudy.data.augmentation import Augmentation
from ferstudy.papers._paper import Entry, Paper
from ferstudy.recipes import Optimizer, Recipe, Schedule

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

_TABLE_1 = Recipe(
    name="lite_xception.fer2013.strict",
    model="lite_xception",
    augmentation=Augmentation(flip=0.5, rotation=10, translation=0.05, zoom=0.1),
    optimizer=Optimizer("adamw", lr=6e-3, weight_decay=0.01),
    schedule=Schedule("onecycle", warmup=0.15),
    epochs=45,
    ema=0.998,
    precision="bfloat16",
    cites="Table 1 (body), section 2.1 (head); training is not described, this recipe is ours",
)

# What each part of our recipe brings: short runs that differ from it in one thing, by what that is.
_STRONGER = Augmentation(flip=0.5, rotation=15, translation=0.08, zoom=0.15, contrast=0.2, erasing=0.25)
_SHORT = _TABLE_1.but(
    name="lite_xception.fer2013.ablation",
    protocol="development",
    epochs=12,
    tta=("single",),
    cites="the recipe of lite_xception.fer2013.strict in 12 epochs, with one part changed: ours",
)
ABLATION = {
    what: _SHORT.but(name=f"{_SHORT.name}_{key}", **change)
    for key, what, change in (
        ("base", "the recipe", {}),
        ("no_augmentation", "no augmentation", {"augmentation": Augmentation(flip=0)}),
        ("mirror", "mirrored only", {"augmentation": Augmentation(flip=0.5)}),
        ("stronger", "stronger augmentation, with erasing", {"augmentation": _STRONGER}),
        ("no_ema", "no average of the weights", {"ema": 0.0}),
        ("constant", "constant rate", {"schedule": Schedule("constant")}),
        ("sgd", "SGD with momentum, rate 0.1", {"optimizer": Optimizer("sgd", lr=0.1, weight_decay=5e-4)}),
        ("smoothing", "label smoothing 0.1", {"label_smoothing": 0.1}),
        ("mixup", "mixup", {"mix": "mixup"}),
        ("cutmix", "cutmix", {"mix": "cutmix", "mix_alpha": 1.0}),
        ("sam", "SAM, radius 0.05, at twice the cost", {"optimizer": replace(_TABLE_1.optimizer, sam=0.05)}),
    )
}

RECIPES = (
    _TABLE_1,
    *ABLATION.values(),
    _TABLE_1.but(
        name="lite_xception.fer2013.published",
        protocol="pooled",
        cites="section 3: class counts of the pooled 7,178 test images; training is not described, this recipe is ours",
    ),
    _TABLE_1.but(
        name="lite_xception_wide.fer2013.strict",
        model="lite_xception_wide",
        model_options={"dropout": 0.3},
        augmentation=_STRONGER,
        optimizer=Optimizer("adamw", lr=4e-3, weight_decay=0.05),
        label_smoothing=0.1,
        epochs=40,
        cites="'around 488,700 parameters' (section 2.1): Table 1 widened to that count; the recipe is ours",
    ),
    _TABLE_1.but(
        name="lite_xception.synthetic.lesson",
        dataset="synthetic",
        optimizer=Optimizer("adamw", lr=1e-2, weight_decay=0.01),
        epochs=20,
        batch_size=64,
        ema=0.98,
        cites="the network of Table 1 on synthetic faces: a stand-in that trains in a minute without data",
    ),
)

PAPER = Paper(
    key="lite_xception",
    title="Facial Expression Recognition: A Lite Deep Learning Based Approach",
    authors="V. H. Chuong and V. H. Cuong",
    year=2022,
    entries=(
        Entry("T1", "Body architecture", "7 stages, 46 to 3 pixels, 8 to 128 channels"),
        Entry("T2", "Dataset", "35,887 images: 28,709 + 3,589 + 3,589"),
        Entry("T3", "Accuracy, misclassification, precision, recall and F-score per class", "recall .37 to .89"),
        Entry("T4", "Accuracy and parameters against five published networks", "64.53 % with 488.7 K"),
        Entry(
            "F1", "Standard against depthwise separable convolution: multiply-adds and time", "'less time to calculate'"
        ),
        Entry("F2", "The pipeline: detect, crop, prepare, classify"),
        Entry("F3", "Real-time system: label and percentage on the frame"),
        Entry("F4", "Samples of FER2013"),
        Entry("F5", "Qualitative results on a video"),
        Entry("F6", "Confusion matrix", "happy .89 best, scared .37 worst"),
        Entry("F7", "Misclassified faces", "anger and disgust taken for neutral and sad"),
        Entry("X1", "Number of parameters", "488.7 K"),
        Entry("history", "Training curves on FER2013"),
        Entry("ablation", "What each part of our recipe brought, on PublicTest"),
        Entry("lesson", "The same network trained in class on synthetic faces"),
        Entry("grad_cam", "Where the network looks: Grad-CAM by class"),
        Entry("calibration", "Calibration, top-2 accuracy and test-time augmentation"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
)
