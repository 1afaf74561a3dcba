"""T. Dao Cong and H. Le Trung, "AI Programming Project": a survey of networks for FER2013, and a small one.

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.small_cnn_errata`. Its figures are not in the text: what follows holds
the numbers that the text gives of them.

References, numbered as in the paper: [1] Y. K. Bhatti et al., 2021 (AlexNet); [5] Y. Khaireddin and Z. Chen, 2021
(VGGNet); [6] K. Mohan et al., 2021 (FER-net); [7] C. Pramerdorfer and M. Kampel, 2016 (deep networks); [9] M. N. Stolar
et al., 2017 (AlexNet).

Notebook: ``notebooks/small_cnn.ipynb``.
"""

from __future__ import annotations

from dataclasses import replace

from ferstudy.data.augmentation import PAPER_AUGMENTATIONS, Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.papers._paper import Entry, Paper
from ferstudy.recipes import Optimizer, Recipe, Schedule

# Figure 3, a table of [6]: images by class before and after augmentation, and the printed totals.
FIGURE_3_COLUMNS = ("NE", "AN", "DI", "FE", "HA", "SA", "SU")
FIGURE_3_BEFORE = {
    "FER2013": ((3095, 440, 4097, 7215, 4830, 3180, 4965), 27_822),
    "JAFFE": ((30, 30, 29, 31, 31, 31, 30), 212),
    "CK+": ((50, 47, 61, 24, 59, 28, 62), 331),
    "KDEF": ((70, 70, 70, 70, 70, 70, 70), 490),
    "RAF": ((3204, 867, 877, 355, 5957, 2460, 1463), 15_183),
}
FIGURE_3_AFTER = {
    "FER2013": ((6995, 740, 7097, 10_215, 7830, 6180, 7965), 47_022),
    "JAFFE": ((130, 130, 129, 131, 131, 131, 130), 912),
    "CK+": ((150, 147, 161, 124, 159, 128, 162), 1_031),
    "KDEF": ((120, 120, 120, 120, 120, 120, 120), 840),
    "RAF": ((3204, 867, 877, 355, 5957, 2460, 1463), 15_183),
}
# Section 2.2: shares for training, validation and test.
FERNET_SPLIT = (80, 10, 10)

# Accuracies in percent that the text gives: network, whose, on what, section.
SURVEY = (
    ("AlexNet", "[1]", 61.0, "FER2013", "2.1"),
    ("AlexNet", "[9]", 61.1, "FER2013, as the text has it", "2.1"),
    ("AlexNet", "[6]", 77.0, "FER2013", "2.1"),
    ("FER-net", "[6]", 79.0, "FER2013", "2.2"),
    ("FER-net", "the authors", 72.0, "FER2013, without augmentation, 48 × 48", "2.2"),
    ("FER-net", "[6]", 97.0, "JAFFE", "2.2"),
    ("FER-net", "[6]", 98.0, "CK+", "2.2"),
    ("FER-net", "[6]", 83.0, "KDEF", "2.2"),
    ("FER-net", "[6]", 82.0, "RAF", "2.2"),
    ("VGGNet", "[5]", 73.06, "FER2013, ten-crop", "2.3"),
    ("VGGNet, tuned", "[5]", 73.28, "FER2013, ten-crop", "2.3"),
    ("ensemble of deep networks", "[7]", 75.2, "FER2013", "2.4"),
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
FIGURE_5_LOW = "Adadelta"
FIGURE_5_FLOOR = 70.0
# Rates that section 2.3 calls constant: of the first experiment, and of the second one's baseline.
CONSTANT_RATES = (0.001, 0.01)

# Figure 6, section 2.3: validation and test accuracy of the best schedule.
FIGURE_6_BEST = {"Reduce on plateau": (73.59, 73.06)}

# Figure 7, a table: tuned on which images, with which schedule, test accuracy; the first row is the start.
FIGURE_7 = (
    ("start", "", 73.06),
    ("regular split", "Cosine + WR", 72.64),
    ("regular split", "Cosine", 73.11),
    ("training and validation", "Cosine + WR", 73.14),
    ("training and validation", "Cosine", 73.28),
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

_NONE = PAPER_AUGMENTATIONS["alexnet"]
_STRONG = Recipe(
    name="small_cnn.fer2013.strong",
    model="small_cnn",
    augmentation=Augmentation(flip=0.5, rotation=15, translation=0.08, zoom=0.15, contrast=0.2, erasing=0.25),
    optimizer=Optimizer("adamw", lr=3e-3, weight_decay=0.05),
    schedule=Schedule("onecycle", warmup=0.15),
    epochs=80,
    label_smoothing=0.1,
    ema=0.998,
    precision="bfloat16",
    cites="training is ours",
)
_SMALL_CNN = Recipe(
    name="small_cnn.fer2013.published",
    model="small_cnn",
    augmentation=_NONE,
    optimizer=Optimizer("sgd", lr=0.01, momentum=0.0),
    schedule=Schedule("constant"),
    epochs=EPOCHS,
    batch_size=64,
    cites="table 1 (SGD, rate, loss, batch), section 5.2 (epochs); momentum, augmentation and schedule are not "
    "mentioned, and not how the epoch was chosen",
)
_ALEXNET = Recipe(
    name="alexnet.fer2013.published",
    model="alexnet",
    preparation=Preparation(size=227, channels=3),
    augmentation=_NONE,
    optimizer=Optimizer("sgd", lr=0.01, weight_decay=5e-4, nesterov=False),
    schedule=Schedule("plateau"),
    epochs=60,
    cites="section 2.1 (227 × 227 by bilinear interpolation, no augmentation); the rest is not described and is ours",
)
_FERNET = Recipe(
    name="fernet.fer2013.published",
    model="fernet",
    augmentation=_NONE,
    optimizer=Optimizer("adam"),
    schedule=Schedule("constant"),
    epochs=200,
    patience=15,
    cites="section 2.2 (Adam, early stopping; the authors' own run: 48 × 48, no augmentation); rate, batch and "
    "patience are ours",
)

# Section 2.3: 300 epochs, momentum 0.9, weight decay 0.0001; "reduced by a factor of 0.75 if the validation accuracy
# plateaus for 5 epochs". Batch, augmentation and the splits' roles are those of the authors' public code.
_PLATEAU = Schedule("plateau", factor=0.75, patience=5)
_VGGNET = Recipe(
    name="vggnet.fer2013.published",
    model="vggnet",
    protocol="swapped",
    preparation=Preparation(scaling="unit"),
    augmentation=PAPER_AUGMENTATIONS["vggnet"],
    optimizer=Optimizer("sgd", lr=0.01, weight_decay=1e-4),
    schedule=_PLATEAU,
    epochs=300,
    batch_size=64,
    tta=("single", "ten_crop"),
    cites="section 2.3; batch, augmentation and splits as in the public code of [5]",
)

# Figure 5: each of the seven with a constant rate of 0.001, and with 0.01 that decays on a plateau.
_RULES = {
    "SGD": ("sgd", _VGGNET.optimizer),
    "SGD + Nesterov": ("nesterov", _VGGNET.optimizer),
    "Average SGD": ("asgd", Optimizer("asgd", weight_decay=1e-4)),
    "Adam": ("adam", Optimizer("adam", weight_decay=1e-4)),
    "Adam + AMSGrad": ("amsgrad", Optimizer("adam_amsgrad", weight_decay=1e-4)),
    "Adadelta": ("adadelta", Optimizer("adadelta", weight_decay=1e-4)),
    "Adagrad": ("adagrad", Optimizer("adagrad", weight_decay=1e-4)),
}
OPTIMIZER_STUDY = {
    (label, rate): _VGGNET.but(
        name=f"vggnet.fer2013.{key}_{rate}",
        optimizer=replace(rule, lr=lr, nesterov=key == "nesterov"),
        schedule=schedule,
        cites=f"figure 5: {label}, {lr:g} {rate}",
    )
    for label, (key, rule) in _RULES.items()
    for rate, lr, schedule in (("constant", 0.001, Schedule("constant")), ("decaying", 0.01, _PLATEAU))
}
OPTIMIZER_STUDY["SGD + Nesterov", "decaying"] = _VGGNET

# Figure 6: six schedules from 0.01. "Both of these schedulers slowly oscillate the learning rate back and forth": so
# cosine rises again after its period. Periods, steps and factors are not printed; those here are of the public code.
_SCHEDULES = {
    "Constant": ("constant", Schedule("constant")),
    "Cosine": ("cosine", Schedule("cosine", period=10)),
    "Cosine + WR": ("cosine_restarts", Schedule("cosine_restarts", patience=10)),
    "One cycle": ("onecycle", Schedule("onecycle", warmup=0.3)),
    "Step": ("step", Schedule("step", factor=0.5, patience=20)),
}
SCHEDULE_STUDY = {
    label: _VGGNET.but(name=f"vggnet.fer2013.schedule_{key}", schedule=schedule, cites=f"figure 6: {label}")
    for label, (key, schedule) in _SCHEDULES.items()
}
SCHEDULE_STUDY = {"Reduce on plateau": _VGGNET, **SCHEDULE_STUDY}

# Figure 7: 50 epochs more from 0.0001, on the regular split or with the validation images among the training images.
_IMAGES = (("regular split", "", "swapped"), ("training and validation", "_all", "swapped_train_val"))
TUNING_STUDY = {
    (images, label): _VGGNET.but(
        name=f"vggnet.fer2013.tuned_{_SCHEDULES[label][0]}{suffix}",
        protocol=protocol,
        init="vggnet.fer2013.published.s0",
        optimizer=replace(_VGGNET.optimizer, lr=1e-4),
        schedule=_SCHEDULES[label][1],
        epochs=50,
        cites=f"figure 7: {images}, {label}",
    )
    for images, suffix, protocol in _IMAGES
    for label in ("Cosine + WR", "Cosine")
}

_STRICT_CITES = "section 2.3, with PublicTest for validation and PrivateTest for the test"
_VGGNET_STRICT = _VGGNET.but(name="vggnet.fer2013.strict", protocol="strict", cites=_STRICT_CITES)
_TUNED_STRICT = tuple(
    recipe.but(
        name=recipe.name.replace(".tuned_", ".strict_tuned_"),
        protocol={"swapped": "strict", "swapped_train_val": "train_val"}[recipe.protocol],
        init="vggnet.fer2013.strict.s0",
        cites=_STRICT_CITES,
    )
    for recipe in TUNING_STUDY.values()
)

_DEEP = Recipe(
    name="deep_vgg.fer2013.strict",
    model="deep_vgg",
    augmentation=Augmentation(flip=0.5, translation=0.1),
    optimizer=Optimizer("sgd", lr=0.1, weight_decay=1e-4),
    schedule=Schedule("plateau", factor=0.5),
    epochs=300,
    cites="section 2.4 names the families and says 'standard augmentation'; the training is ours",
)
DEEP_STUDY = tuple(
    _DEEP.but(name=f"{m}.fer2013.strict", model=m) for m in ("deep_vgg", "deep_inception", "deep_resnet")
)

RECIPES = (
    _SMALL_CNN,
    _STRONG,
    _ALEXNET,
    _FERNET,
    _FERNET.but(
        name="fernet.fer2013.source",
        preparation=Preparation(size=256),
        augmentation=PAPER_AUGMENTATIONS["fernet"],
        cites="section 2.2: as [6] trains it, at 256 × 256 with augmentation; its ranges are ours",
    ),
    _STRONG.but(name="fernet.fer2013.strong", model="fernet", epochs=45),
    _VGGNET,
    *(recipe for recipe in OPTIMIZER_STUDY.values() if recipe is not _VGGNET),
    *(recipe for recipe in SCHEDULE_STUDY.values() if recipe is not _VGGNET),
    *TUNING_STUDY.values(),
    _VGGNET_STRICT,
    *_TUNED_STRICT,
    *DEEP_STUDY,
)

PAPER = Paper(
    key="small_cnn",
    title="AI Programming Project: a survey, and a small CNN for FER2013",
    authors="T. Dao Cong and H. Le Trung",
    year=2021,
    entries=(
        Entry("T0", "Images by class of five datasets, before and after augmentation (Fig. 3)", "FER2013: 27,822"),
        Entry("samples", "The faces that this report trains on"),
        Entry("X1", "AlexNet on FER2013", "61.0 %; 61.1 % and 77 % elsewhere"),
        Entry("X2", "FER-net on FER2013", "72 % by the authors, 79 % in its own paper"),
        Entry("F5", "Seven optimisers, constant and decaying rate", "SGD + Nesterov best: 73.2 % and 73.5 %"),
        Entry("F6", "Six learning-rate schedules, validation and test", "plateau best: 73.59 % and 73.06 %"),
        Entry("F7", "Fine-tuning with two schedules, with and without the validation images", "73.06 % to 73.28 %"),
        Entry("X3", "VGGNet: ten-crop accuracy, and on which images", "73.06 %, tuned 73.28 %"),
        Entry("X6", "Saliency maps", "'most of the critical regions', and some background"),
        Entry("X7", "Modern deep networks and their ensemble against shallow ones", "75.2 % by an ensemble"),
        Entry("F8", "Architecture of the proposed network, layer by layer", "middle widths 256, 256, 512, 512"),
        Entry("T1", "Details of the proposed network", "784,263 parameters, 9.62 MB; SGD, 0.01, batches of 64"),
        Entry("F9", "Accuracy and loss by epoch", "158 epochs in four hours"),
        Entry("X4", "Accuracy and F-score of the proposed network", "71.63 % public, 68.52 % private, F-score 68.65"),
        Entry("F10", "Confusion matrix", "disgust low; sad taken for fear and neutral"),
        Entry("X5", "Frames a second with Haar cascades on a CPU", "up to 10"),
        Entry("grad_cam", "Where the proposed network looks: Grad-CAM by class"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
)
