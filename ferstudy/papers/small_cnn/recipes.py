"""The small_cnn paper's systems as recipes."""

from __future__ import annotations

from dataclasses import replace

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.papers.small_cnn.published import EPOCHS
from ferstudy.recipes import Optimizer, Recipe, Schedule

_NONE = Augmentation(flip=0)  # section 2.1
STRONG = Recipe(
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
SMALL_CNN = Recipe(
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
ALEXNET = Recipe(
    name="alexnet.fer2013.published",
    model="alexnet",
    preparation=Preparation(size=227, channels=3),
    augmentation=_NONE,
    optimizer=Optimizer("sgd", lr=0.01, weight_decay=5e-4, nesterov=False),
    schedule=Schedule("plateau"),
    epochs=60,
    cites="section 2.1 (227 × 227 by bilinear interpolation, no augmentation); the rest is not described and is ours",
)
# Section 2.2: "translation, scaling, rotation, flipping [...] vertically and horizontally, and adding noise"; all the
# ranges are ours.
_FERNET_SOURCE = Augmentation(flip=0.5, vertical_flip=0.5, rotation=10, translation=0.1, zoom=0.1, noise=0.05)
FERNET = Recipe(
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
# Section 2.3: scale and shift of 20 %, 10 degrees, each with 50 %; ten crops of 40, each erased with 50 %.
_TEN_CROPS = Augmentation(
    flip=0, rotation=10, translation=0.2, zoom=0.2, chance=0.5, fill="zeros", crop=40, crops="all_ten", erasing=0.5
)
VGGNET = Recipe(
    name="vggnet.fer2013.published",
    model="vggnet",
    protocol="swapped",
    preparation=Preparation(scaling="unit"),
    augmentation=_TEN_CROPS,
    optimizer=Optimizer("sgd", lr=0.01, weight_decay=1e-4),
    schedule=_PLATEAU,
    epochs=300,
    batch_size=64,
    select_tta="ten_crop",
    tta=("single", "ten_crop"),
    cites="section 2.3; batch, augmentation, splits and ten crops for validation as in the public code of [5]",
)

# Figure 5: each of the seven with a constant rate of 0.001, and with 0.01 that decays on a plateau.
_RULES = {
    "SGD": ("sgd", VGGNET.optimizer),
    "SGD + Nesterov": ("nesterov", VGGNET.optimizer),
    "Average SGD": ("asgd", Optimizer("asgd", weight_decay=1e-4)),
    "Adam": ("adam", Optimizer("adam", weight_decay=1e-4)),
    "Adam + AMSGrad": ("amsgrad", Optimizer("adam_amsgrad", weight_decay=1e-4)),
    "Adadelta": ("adadelta", Optimizer("adadelta", weight_decay=1e-4)),
    "Adagrad": ("adagrad", Optimizer("adagrad", weight_decay=1e-4)),
}
OPTIMIZER_STUDY = {
    (label, rate): VGGNET.but(
        name=f"vggnet.fer2013.{key}_{rate}",
        optimizer=replace(rule, lr=lr, nesterov=key == "nesterov"),
        schedule=schedule,
        cites=f"figure 5: {label}, {lr:g} {rate}",
    )
    for label, (key, rule) in _RULES.items()
    for rate, lr, schedule in (("constant", 0.001, Schedule("constant")), ("decaying", 0.01, _PLATEAU))
}
OPTIMIZER_STUDY["SGD + Nesterov", "decaying"] = VGGNET

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
    label: VGGNET.but(name=f"vggnet.fer2013.schedule_{key}", schedule=schedule, cites=f"figure 6: {label}")
    for label, (key, schedule) in _SCHEDULES.items()
}
SCHEDULE_STUDY = {"Reduce on plateau": VGGNET, **SCHEDULE_STUDY}

# Figure 7: 50 epochs more from 0.0001, on the regular split or with the validation images among the training images.
_IMAGES = (("regular split", "", "swapped"), ("training and validation", "_all", "swapped_train_val"))
TUNING_STUDY = {
    (images, label): VGGNET.but(
        name=f"vggnet.fer2013.tuned_{_SCHEDULES[label][0]}{suffix}",
        protocol=protocol,
        init="vggnet.fer2013.published.s0",
        optimizer=replace(VGGNET.optimizer, lr=1e-4),
        schedule=_SCHEDULES[label][1],
        epochs=50,
        cites=f"figure 7: {images}, {label}",
    )
    for images, suffix, protocol in _IMAGES
    for label in ("Cosine + WR", "Cosine")
}

_STRICT_CITES = "section 2.3, with PublicTest for validation and PrivateTest for the test"
_VGGNET_STRICT = VGGNET.but(name="vggnet.fer2013.strict", protocol="strict", cites=_STRICT_CITES)
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
    SMALL_CNN,
    STRONG,
    ALEXNET,
    FERNET,
    FERNET.but(
        name="fernet.fer2013.source",
        preparation=Preparation(size=256),
        augmentation=_FERNET_SOURCE,
        cites="section 2.2: as [6] trains it, at 256 × 256 with augmentation; its ranges are ours",
    ),
    STRONG.but(name="fernet.fer2013.strong", model="fernet", epochs=45),
    VGGNET,
    *(recipe for recipe in OPTIMIZER_STUDY.values() if recipe is not VGGNET),
    *(recipe for recipe in SCHEDULE_STUDY.values() if recipe is not VGGNET),
    *TUNING_STUDY.values(),
    _VGGNET_STRICT,
    *_TUNED_STRICT,
    *DEEP_STUDY,
)
