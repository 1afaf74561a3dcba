"""What the residual_masking paper claims on VEMO, asked of synthetic faces in its layout.

VEMO is its authors' own and not given out. The stand-in has a fifth of its faces, in its splits. Nothing here says
anything about real faces.
"""

from __future__ import annotations

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.recipes import Optimizer, Recipe, Schedule
from ferstudy.studies.study import Study

# A fifth of the 25,560, 5,474 and 5,436 faces of the authors' later Table II.
VEMO = {"train": 5112, "val": 1095, "test": 1087, "seed": 5}
_OPTIONS = {"width": 0.125}
_MASKED = Recipe(
    name="resmasking.vemo.stand_in",
    model="resmasking",
    model_options=_OPTIONS,
    dataset="vemo",
    dataset_options={"stand_in": {"vemo": VEMO}},
    protocol="vemo_splits",
    preparation=Preparation(size=64),
    augmentation=Augmentation(flip=0.5, rotation=30, fill="zeros"),
    optimizer=Optimizer("adamw", lr=3e-3, weight_decay=0.05),
    schedule=Schedule("onecycle", warmup=0.15),
    epochs=12,
    batch_size=64,
    precision="auto",
    tta=("single",),
    cites="Table IV, section IV.B; synthetic faces, sizes, widths and training are ours",
)
ON_VEMO = Study(
    name="vemo_stand_in",
    rank=46,
    entries=("T4",),
    question="How do three of Table IV's networks compare on VEMO's splits, on synthetic faces?",
    arms={
        "ResMaskingNet": _MASKED,
        "ResNet-34, no masks": _MASKED.but(
            name="resmasking.vemo.stand_in_unmasked", model_options={**_OPTIONS, "masking": False}
        ),
        "ResNet-18, no masks": _MASKED.but(
            name="resmasking.vemo.stand_in_unmasked_18",
            model_options={**_OPTIONS, "masking": False, "backbone": "resnet18"},
        ),
    },
    compared=(("ResMaskingNet", "ResNet-34, no masks"), ("ResMaskingNet", "ResNet-18, no masks")),
    scale="networks at 1/8 of their widths, a fifth of the faces, 64 pixels, 12 epochs, from the seed; no ResAttNet56",
)

STAND_IN_STUDIES = (ON_VEMO,)
