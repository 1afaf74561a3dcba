"""What the residual_masking paper claims, asked again of networks that two processor cores can train.

Everything is strict, as the paper itself is: PublicTest chooses the epoch, PrivateTest is scored once. No weights of
ImageNet can be had offline, so every network starts from the seed, and the training is ours.
"""

from __future__ import annotations

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.recipes import Optimizer, Recipe, Schedule
from ferstudy.studies.study import Study

# Section IV.B: mirrored and rotated by 30 degrees at most.
_MASKED = Recipe(
    name="resmasking.fer2013.eighth_masked",
    model="resmasking",
    model_options={"width": 0.125},
    preparation=Preparation(size=96),
    augmentation=Augmentation(flip=0.5, rotation=30, fill="zeros"),
    optimizer=Optimizer("adamw", lr=3e-3, weight_decay=0.05),
    schedule=Schedule("onecycle", warmup=0.15),
    epochs=15,
    batch_size=64,
    ema=0.998,
    precision="auto",
    tta=("single", "ten_crop"),
    cites="section III in small: mirrored and rotated as in section IV.B; size, widths and training are ours",
)
MASKING = Study(
    name="masking",
    rank=4,
    entries=("X3", "F1", "F6", "F7", "F8"),
    question="What do the masks add to ResNet-34: their choice, their scale, or their parameters?",
    arms={
        "masks": _MASKED,
        "no masks": _MASKED.but(
            name="resmasking.fer2013.eighth_unmasked", model_options={"width": 0.125, "masking": False}
        ),
        # 2,083,427 parameters against 2,162,463 with masks: the nearest below in steps of one channel.
        "no masks, as many parameters": _MASKED.but(
            name="resmasking.fer2013.eighth_wider", model_options={"width": 0.3125, "masking": False}
        ),
        "constant masks": _MASKED.but(
            name="resmasking.fer2013.eighth_constant", model_options={"width": 0.125, "learnt": False}
        ),
    },
    seeds=2,
    compared=(
        ("masks", "no masks"),
        ("masks", "no masks, as many parameters"),
        ("masks", "constant masks"),
    ),
    scale="ResNet-34 at 1/8 of its widths, grey faces of 96 pixels, 15 of 50 epochs, from the seed",
)

_NETWORKS = {
    "Resnet18": "resnet18",
    "Resnet34": "resnet34",
    "Googlenet": "googlenet",
    "Efficientnet_b2b": "efficientnet_b2",
    "Densenet121": "densenet121",
    "Bam_resnet50": "bam_resnet50",
    "Cbam_resnet50": "cbam_resnet50",
}
NETWORKS = Study(
    name="networks",
    rank=11,
    entries=("T2", "T3", "X2"),
    question="How do the networks of Table II rank when all are trained alike from the seed, and what is their average "
    "worth?",
    arms={
        label: _MASKED.but(
            name=f"{model}.fer2013.small_64",
            model=model,
            model_options={},
            preparation=Preparation(size=64),
            epochs=10,
            cites="Table II in small: 'the same setting environment' is ours",
        )
        for label, model in _NETWORKS.items()
    },
    scale="grey faces of 64 pixels, 10 of 50 epochs, from the seed",
)

STUDIES = (MASKING, NETWORKS)
