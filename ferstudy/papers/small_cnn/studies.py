"""What the small_cnn paper surveys, asked again of networks that two processor cores can train.

Everything is strict: PublicTest chooses the epoch, PrivateTest is scored once. VGGNet keeps its layers, an eighth of
its widths, and one random crop a visit in place of all ten; ten crops choose its epoch, as in its public code.
"""

from __future__ import annotations

from dataclasses import replace

from ferstudy.data.preparation import Preparation
from ferstudy.papers.small_cnn.recipes import ALEXNET, DEEP_STUDY, FERNET, OPTIMIZER_STUDY, SMALL_CNN, STRONG, VGGNET
from ferstudy.recipes import Recipe, Schedule
from ferstudy.studies.study import Study

_SCALE = "VGGNet at 1/8 of its widths, 20 of 300 epochs, one random crop a visit"
# In 20 epochs a rate has to move sooner than in 300.
_PLATEAU = Schedule("plateau", factor=0.75, patience=2)
_VGGNET = VGGNET.but(
    name="vggnet.fer2013.eighth_nesterov_decaying",
    model_options={"width": 0.125},
    protocol="strict",
    augmentation=replace(VGGNET.augmentation, crops="anywhere"),
    schedule=_PLATEAU,
    epochs=20,
    precision="auto",
    cites="section 2.3 in small: the widths, epochs and the patience of the plateau are ours",
)


def _rule(recipe: Recipe) -> Recipe:
    """One of the fourteen of Figure 5, in small."""
    constant = recipe.schedule.name == "constant"
    return _VGGNET.but(
        name=recipe.name.replace("fer2013.", "fer2013.eighth_").replace("published", "nesterov_decaying"),
        optimizer=recipe.optimizer,
        schedule=Schedule("constant") if constant else _PLATEAU,
        cites=f"{recipe.cites}; in small",
    )


OPTIMIZERS = Study(
    name="optimizers",
    rank=1,
    entries=("F5", "X3"),
    question="Which of seven optimisers trains VGGNet best, at a constant rate of 0.001 and from 0.01 decaying?",
    arms={f"{label}, {rate}": _rule(recipe) for (label, rate), recipe in OPTIMIZER_STUDY.items()},
    best=3,
    best_seeds=2,
    compared=tuple(
        ("SGD + Nesterov, decaying", f"{label}, {rate}")
        for label, rate in OPTIMIZER_STUDY
        if (label, rate) != ("SGD + Nesterov", "decaying")
    ),
    scale=_SCALE,
)

_SCHEDULES = {
    "Reduce on plateau": _VGGNET,
    **{
        label: _VGGNET.but(
            name=f"vggnet.fer2013.eighth_schedule_{schedule.name}",
            schedule=schedule,
            cites=f"figure 6: {label}; in small",
        )
        for label, schedule in (
            ("Constant", Schedule("constant")),
            ("Cosine", Schedule("cosine", period=5)),
            ("Cosine + WR", Schedule("cosine_restarts", patience=5)),
            ("One cycle", Schedule("onecycle", warmup=0.3)),
            ("Step", Schedule("step", factor=0.5, patience=5)),
        )
    },
}
SCHEDULES = Study(
    name="schedules",
    rank=2,
    entries=("F6",),
    question="Which of six schedules of the rate, from 0.01, trains VGGNet best?",
    arms=_SCHEDULES,
    compared=tuple(("Reduce on plateau", label) for label in list(_SCHEDULES)[1:]),
    scale=f"{_SCALE}; steps and periods shortened with the epochs",
)

TUNING = Study(
    name="tuning",
    rank=3,
    entries=("F7", "X3"),
    question="Does tuning at a rate of 0.0001 add to the trained VGGNet, with and without the validation images?",
    arms={
        "start": _VGGNET,
        **{
            f"{images}, {label}": _VGGNET.but(
                name=f"vggnet.fer2013.eighth_tuned_{schedule.name}{suffix}",
                protocol=protocol,
                init=_VGGNET.run_name,
                optimizer=replace(_VGGNET.optimizer, lr=1e-4),
                schedule=schedule,
                epochs=10,
                cites=f"figure 7: {images}, {label}; in small",
            )
            for images, suffix, protocol in (
                ("regular split", "", "strict"),
                ("training and validation", "_all", "train_val"),
            )
            for label, schedule in (
                ("Cosine + WR", Schedule("cosine_restarts", patience=5)),
                ("Cosine", Schedule("cosine", period=5)),
            )
        },
    },
    compared=tuple(
        ("start", f"{images}, {label}")
        for images in ("regular split", "training and validation")
        for label in ("Cosine + WR", "Cosine")
    ),
    scale=f"{_SCALE}; tuned for 10 of 50 epochs",
)

PUBLISHED = Study(
    name="published_recipes",
    rank=9,
    entries=("X2", "X4", "F9", "F10"),
    question="What do FER-net and the small CNN reach as their authors describe their training, and with ours?",
    arms={
        "FER-net, as described": FERNET,
        "FER-net, ours": STRONG.but(name="fernet.fer2013.strong", model="fernet", epochs=45),
        "small CNN, as described": SMALL_CNN,
        "small CNN, ours": STRONG,
    },
    compared=(("FER-net, as described", "FER-net, ours"), ("small CNN, as described", "small CNN, ours")),
)

_DEEP = {
    recipe.model: STRONG.but(
        name=f"{recipe.model}.fer2013.strong_{share}",
        model=recipe.model,
        model_options={"width": width},
        epochs=20,
        precision="auto",
        cites="section 2.4 names the family; widths and training are ours",
    )
    for recipe, share, width in zip(DEEP_STUDY, ("half", "half", "quarter"), (0.5, 0.5, 0.25), strict=True)
}
_FERNET_STRONG = STRONG.but(name="fernet.fer2013.strong", model="fernet", epochs=45)
DEEP = Study(
    name="deep_against_shallow",
    rank=10,
    entries=("X7",),
    question="Do modern deep networks, alone and averaged, surpass shallow ones trained alike?",
    arms={**_DEEP, "fernet": _FERNET_STRONG},
    seeds={**dict.fromkeys(_DEEP, 1), "fernet": 3},
    compared=tuple((model, "fernet") for model in _DEEP),
    scale="VGG and Inception at half, ResNet at a quarter of widths that are ours already; 20 epochs, one network a "
    "family",
)

_ALEXNET = ALEXNET.but(
    name="alexnet.fer2013.published_96",
    preparation=Preparation(size=96),
    epochs=13,
    precision="auto",
    cites="section 2.1 at 96 pixels in place of 227; no augmentation; the rest is not described and is ours",
)
ALEXNET_STUDY = Study(
    name="alexnet",
    rank=12,
    entries=("X1",),
    question="What does AlexNet reach on FER2013 without augmentation?",
    arms={"AlexNet": _ALEXNET},
    scale="96 pixels in place of 227, 13 epochs",
)

STUDIES = (OPTIMIZERS, SCHEDULES, TUNING, PUBLISHED, DEEP, ALEXNET_STUDY)
