"""The residual_masking paper's systems as recipes."""

from __future__ import annotations

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.papers.residual_masking.published import TABLE_2, TABLE_4
from ferstudy.recipes import Optimizer, Recipe, Schedule

_CODE = (
    "the public code adds what the text leaves open: RAdam with momentum 0.9 and a decay decoupled from the gradient, "
    "values / 255, a lowest rate of 0.000001, selection on PublicTest, ten random views, drawn for each image, whose "
    "probabilities are averaged"
)
_RESMASKING = Recipe(
    name="resmasking.fer2013.published",
    model="resmasking",
    preparation=Preparation(size=224, channels=3, scaling="unit"),
    augmentation=Augmentation(flip=0.5, rotation=30, fill="zeros"),  # outside is black in the public code
    init="imagenet",
    optimizer=Optimizer("radam", lr=1e-4, weight_decay=1e-3),
    schedule=Schedule("plateau", factor=0.1, patience=2, floor=1e-6),
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
    *(_baseline(row.model) for row in TABLE_2[:-1]),
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
    for recipe in (_RESMASKING, *(_baseline(row.model) for row in TABLE_4[:-1]))
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
