"""What the mobilenet_realtime paper claims, asked again on FER2013, which it trains its first stage on.

Everything is strict: PublicTest chooses the epoch, PrivateTest is scored once. Every network starts from the seed where
the paper starts from ImageNet; optimiser and schedule are ours.
"""

from __future__ import annotations

from ferstudy.papers.mobilenet_realtime.recipes import STRONG
from ferstudy.recipes import Optimizer
from ferstudy.settings import Loss
from ferstudy.studies.study import Study

_WEIGHTS = (0.001, 0.01, 0.1)
_SOFTMAX = STRONG.but(
    name="mobilenet_v1.fer2013.half_softmax",
    model_options={"width": 0.5},
    epochs=12,
    # Class centres need single classes and plain targets.
    label_smoothing=0.0,
    precision="auto",
    tta=("single", "ten_crop"),
    cites="section 3.2.3 on FER2013: MobileNet V1 at half its widths; training is ours",
)
_FORMS = {"squared": "cited", "as printed": "printed"}
_CENTRE = {
    f"centre loss, {label}, {weight:g}": _SOFTMAX.but(
        name=f"mobilenet_v1.fer2013.half_centre_{form}_{str(weight).replace('.', '_')}",
        loss=Loss(centre=weight, centre_rate=0.001, centre_form=form),
    )
    for label, form in _FORMS.items()
    for weight in _WEIGHTS
}
CENTRE_LOSS = Study(
    name="centre_loss",
    rank=7,
    entries=("T3", "F8"),
    question="Does the centre loss add accuracy, squared as in the paper it is from or as printed, at three weights?",
    arms={"softmax": _SOFTMAX, **_CENTRE},
    seeds=2,
    compared=tuple(("softmax", label) for label in _CENTRE),
    scale="MobileNet V1 at half its widths, 12 epochs, from the seed; FER2013 in place of CK+ and JAFFE",
)

_REST = _SOFTMAX.but(
    name="mobilenet_v1.fer2013.half_stage_one",
    protocol="small_target_rest",
    cites="section 5.1.1 on FER2013: stage one, all images of Training but the 213 of stage two; training is ours",
)
_ONE_STAGE = _SOFTMAX.but(
    name="mobilenet_v1.fer2013.half_one_stage",
    protocol="small_target",
    optimizer=Optimizer("adamw", lr=1e-3, weight_decay=0.05),
    epochs=60,
    batch_size=64,
    # The mean of 240 steps' weights: at 0.998 it would still hold the first ones.
    ema=0.98,
    cites="section 5.1.1 on FER2013: 213 images, as many as JAFFE has; every layer is trained; training is ours",
)
TWO_STAGES = Study(
    name="two_stages",
    rank=8,
    entries=("T2", "X1"),
    question="What is a first stage on many faces worth to 213 of them, with equal steps and every layer trained?",
    arms={
        "stage one alone": _REST,
        "one stage": _ONE_STAGE,
        "two stages": _ONE_STAGE.but(
            name="mobilenet_v1.fer2013.half_two_stages", init=_REST.run_name, reinitialise=("fc",)
        ),
    },
    seeds=2,
    compared=(("two stages", "one stage"), ("two stages", "stage one alone")),
    scale="MobileNet V1 at half its widths, 12 and 60 epochs, from the seed where the paper starts from ImageNet; 213 "
    "faces of FER2013, by unknown people, in place of JAFFE: the target is of the first stage's own kind",
)

STUDIES = (CENTRE_LOSS, TWO_STAGES)
