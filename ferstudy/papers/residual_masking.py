"""L. Pham, T. H. Vu and T. A. Tran, "Facial Expression Recognition Using Residual Masking Network", ICPR 2020.

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.residual_masking_errata`. Figure 7 is a picture; of its matrices only
what the text quotes is here.

The paper's protocol is strict already: PublicTest chooses the epoch and PrivateTest is scored, so its recipes are both
the published and the strict ones. What the text leaves open follows the public code, and says so.

Notebook: ``notebooks/residual_masking.ipynb``.
"""

from __future__ import annotations

from ferstudy.data.augmentation import PAPER_AUGMENTATIONS, Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.papers._paper import Entry, Paper
from ferstudy.recipes import Optimizer, Recipe, Schedule

# Table I: layer, output (channels, height, width), detail.
TABLE_1 = (
    ("Conv1", (64, 112, 112), "7×7, stride 2"),
    ("MaxPooling", (64, 56, 56), "3×3, stride 2"),
    ("Resmasking Block 1", (64, 56, 56), "RL 1, MB 1"),
    ("Resmasking Block 2", (128, 28, 28), "RL 2, MB 2"),
    ("Resmasking Block 3", (256, 14, 14), "RL 3, MB 3"),
    ("Resmasking Block 4", (512, 7, 7), "RL 4, MB 4"),
    ("Average pooling", (512, 1, 1), ""),
    ("FC, Softmax", (7,), "7"),
)
# The modules of our network whose outputs are the rows of Table I; a block's map has its mask's shape (equation 1).
TABLE_1_MODULES = ("conv1", "maxpool", "masks.0", "masks.1", "masks.2", "masks.3", "avgpool", "fc")
# Section III.A on the first two rows of Table I.
FIRST_LAYERS_SAID = ("3×3 convolution, stride 2", "2×2 max-pooling")

# Table II: network, our name of it, the reference printed beside it, parameters in millions, accuracy in percent.
TABLE_2 = (
    ("VGG19", "vgg19", 43, 139.5, 70.80),
    ("Efficientnet_b2b", "efficientnet_b2", 44, 7.7, 70.80),
    ("Googlenet", "googlenet", 43, 5.6, 71.97),
    ("Resnet34", "resnet34", 31, 21.2, 72.41),
    ("ResAttNet56", "resattnet56", 10, 29.0, 72.63),
    ("Inception_v3", "inception_v3", 30, 25.1, 72.72),
    ("Bam_resnet50", "bam_resnet50", 9, 23.8, 73.14),
    ("Densenet121", "densenet121", 42, 6.9, 73.16),
    ("Resnet152", "resnet152", 31, 58.1, 73.22),
    ("Cbam_resnet50", "cbam_resnet50", 8, 28.5, 73.39),
    ("Our ResMaskingNet", "resmasking", None, 142.9, 74.14),
)

# Table III: method, accuracy in percent of an ensemble (E) and of a single network (WE).
TABLE_3 = (
    ("Human Accuracy [27]", None, 65.0),
    ("DNN_L_Reg [45]", None, 66.4),
    ("Deep-Emotion [46]", None, 70.02),
    ("DL-SVM [47]", None, 71.16),
    ("CNN-SIFT [22]", None, 73.4),
    ("Ensemble N&A [48]", 73.31, None),
    ("Ensemble MLCNNs [49]", 74.09, None),
    ("CNNs and BOVW + local SVM [23]", 75.42, None),
    ("Ensemble 8 CNNs [37]", 75.2, None),
    ("Our ResMaskingNet", 76.82, 74.14),
)
HUMAN_ERROR = 5.0
# Section IV.D on Table III.
SECOND_SINGLE_SAID = 73.14
ENSEMBLE_GAIN_SAID = 1.0
ENSEMBLE_SIZE = 7

# Table IV: network, our name of it, accuracy in percent on VEMO.
TABLE_4 = (
    ("ResAttNet56", "resattnet56", 60.82),
    ("Resnet18", "resnet18", 63.94),
    ("Resnet34", "resnet34", 64.84),
    ("Our ResMaskingNet", "resmasking", 65.94),
)

# Section IV.A: images of FER2013 and of its splits, of VEMO and of its two parts.
FER2013_IMAGES = {"all": 35_887, "training": 28_709, "validation": 3_859, "test": 3_589}
VEMO_IMAGES = {"all": 36_470, "collected": 6_470, "labelled by professionals [25]": 30_000}
# Section IV.A on FER2013: "more than 6000" happy faces, "approximately 500" of disgust.
HAPPY_SAID, DISGUST_SAID = 6_000, 500

# Section IV.D on Figure 7: the diagonal for four emotions, on FER2013 and on VEMO.
FIGURE_7 = {"happy": (0.91, 0.81), "surprise": (0.85, 0.71), "fear": (0.56, 0.44), "sad": (0.59, 0.63)}

# Section IV.B: frames a second with one face on a laptop's GTX 1050 Ti, and what that card computes: its maker's data
# sheet has 768 cores at 1.62 GHz, each of two operations a cycle.
FRAMES_PER_SECOND = 100
GTX_1050_TI_OPERATIONS = 768 * 1.62e9 * 2

_CODE = "the public code adds what the text leaves open: RAdam, values / 255, selection on PublicTest, ten random views"
_RESMASKING = Recipe(
    name="resmasking.fer2013.published",
    model="resmasking",
    preparation=Preparation(size=224, channels=3, scaling="unit"),
    augmentation=PAPER_AUGMENTATIONS["residual_masking"],
    init="imagenet",
    optimizer=Optimizer("radam", lr=1e-4, weight_decay=1e-3),
    schedule=Schedule("plateau", factor=0.1, patience=2),
    epochs=50,
    batch_size=48,
    patience=8,
    tta=("single", "random"),
    cites="section IV.B: 224 pixels, RGB, flip, 30 degrees, 50 epochs, stop after 8, batch 48, rate 0.0001 reduced ten "
    f"times after 2, decay 0.001; {_CODE}",
)


def _baseline(model: str, note: str = "") -> Recipe:
    """Another network in "the same setting environment" (section IV.B)."""
    return _RESMASKING.but(
        name=f"{model}.fer2013.published",
        model=model,
        # torchvision has no ImageNet weights of Residual Attention Networks; the public code starts it afresh too.
        init="" if model == "resattnet56" else "imagenet",
        cites=f"Table II and section IV.B, 'the same setting environment'; {_CODE}{note}",
    )


_OURS = "; one of the seven networks of the public code's ensemble"
_BASELINES = (
    *(_baseline(model) for _, model, *_ in TABLE_2[:-1]),
    _baseline("resnet18", _OURS),
    _baseline("resnet50", f"{_OURS}, there from VGGFace2 weights that are lost"),
    _baseline("resnet101", _OURS),
)
_PLAIN = _RESMASKING.but(
    name="resmasking.fer2013.plain",
    model_options={"dropout": 0.0},
    cites=f"Figure 2 draws no dropout{_OURS}; otherwise as resmasking.fer2013.published",
)
_UNMASKED = _RESMASKING.but(
    name="resmasking.fer2013.unmasked",
    model_options={"masking": False},
    cites="section III.B: the backbone alone, with the same head, to see what masking adds; ours",
)
_VEMO = tuple(
    recipe.but(
        name=f"{recipe.model}.vemo.published",
        dataset="vemo",
        protocol="vemo_splits",
        cites=f"Table IV, section IV.B; {_CODE}",
    )
    for recipe in (_RESMASKING, *(_baseline(model) for _, model, _ in TABLE_4[:-1]))
)
_LESSON = Recipe(
    name="resmasking.synthetic.lesson",
    model="resmasking",
    dataset="synthetic",
    model_options={"backbone": "resnet18", "width": 0.125, "dropout": 0.1},
    preparation=Preparation(size=96, channels=3, scaling="unit"),
    augmentation=Augmentation(flip=0.5),
    optimizer=Optimizer("adamw", lr=8e-3, weight_decay=0.01),
    schedule=Schedule("onecycle", warmup=0.2),
    epochs=8,
    batch_size=16,
    tta=("single",),
    cites="the network of Figure 2 on ResNet-18 with an eighth of the channels: a stand-in that trains without data",
)
LESSONS = (
    _LESSON,
    _LESSON.but(
        name="resmasking.synthetic.unmasked",
        model_options={**_LESSON.model_options, "masking": False},
        cites="the lesson's network without its masks",
    ),
)
RECIPES = (_RESMASKING, _PLAIN, _UNMASKED, *_BASELINES, *_VEMO, *LESSONS)

PAPER = Paper(
    key="residual_masking",
    title="Facial Expression Recognition Using Residual Masking Network",
    authors="L. Pham, T. H. Vu and T. A. Tran",
    year=2020,
    entries=(
        Entry("F3", "Samples of FER2013 and VEMO"),
        Entry(
            "F4", "Images by class and split, both datasets", "35,887 and 36,470 images; happy > 6,000, disgust ~ 500"
        ),
        Entry("T1", "Layers of the Residual Masking Network", "8 rows, 112 to 7 pixels, 64 to 512 channels"),
        Entry(
            "T2", "Parameters and accuracy of 11 networks", "74.14 % with 142.9 M, before Cbam_resnet50 with 73.39 %"
        ),
        Entry("X3", "What masking adds", "ResNet-34 72.41 %, with masks 74.14 %"),
        Entry(
            "F1", "Landmarks, face, feature map before and after the third mask", "'prefers the eyes, nose, and mouth'"
        ),
        Entry("F6", "Grad-CAM by class", "'often positions near the mouth or the eyes'"),
        Entry("T3", "Without and with ensemble against eight published methods", "74.14 % alone, 76.82 % together"),
        Entry("X2", "Unweighted average of seven networks", "76.82 %"),
        Entry("T4", "VEMO, four networks", "65.94 %, Resnet34 64.84 %"),
        Entry("F7", "Confusion matrices, both datasets", "happy .91 / .81 best, fear .56 / .44 worst"),
        Entry("F8", "Misclassified faces", "'wrongly labeling or the unclear emotion'"),
        Entry("X1", "Frames a second with one face", "100 on a laptop's GTX 1050 Ti"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
)
