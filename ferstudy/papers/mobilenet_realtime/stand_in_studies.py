"""What the mobilenet_realtime paper claims on JAFFE and CK+, asked of synthetic faces in their layouts.

Both datasets are given under agreements. Their stand-ins have their people, pictures, loaders and folds. JAFFE's faces
are of the studio and CK+'s are not, so that a network trained on one loses on the other. The first stage is on faces in
VEMO's layout, for real ones of FER2013 would teach another kind of face. Nothing here says anything about real faces.
"""

from __future__ import annotations

from typing import Any

from ferstudy.data.augmentation import Augmentation
from ferstudy.papers.mobilenet_realtime.published import CROSS, TABLE_5
from ferstudy.recipes import Optimizer, Recipe, Schedule
from ferstudy.settings import Loss
from ferstudy.studies.study import Study

# 10 women with three pictures of each of seven emotions (JAFFE has 213 in all); 118 people and 327 labelled films.
JAFFE = {"people": 10, "poses": 3, "scale": 0.5, "difficulty": 0.2}
CK_PLUS = {"people": 118, "emotions": 0, "frames": 10, "scale": 0.375, "difficulty": 1.0}
_FACES = {"faces": {"detector": "haar", "size": 48}}
_SCALE = "MobileNet V1 at half its widths, a first stage of 6,000 synthetic faces, {epochs} epochs"

STAGE_ONE = Recipe(
    name="mobilenet_v1.vemo.stand_in_stage_one",
    model="mobilenet_v1",
    model_options={"width": 0.5},
    dataset="vemo",
    dataset_options={"stand_in": {"vemo": {"train": 6000, "val": 700, "test": 700, "seed": 3}}},
    protocol="vemo_splits",
    augmentation=Augmentation(flip=0.5, rotation=10, translation=0.05, zoom=0.1, contrast=0.2),
    optimizer=Optimizer("adamw", lr=2e-3, weight_decay=0.05),
    schedule=Schedule("onecycle"),
    epochs=12,
    batch_size=64,
    tta=("single",),
    cites="section 5, stage one; synthetic faces in place of FER2013's, training is ours",
)
_STAGE_TWO = STAGE_ONE.but(
    init=STAGE_ONE.run_name,
    reinitialise=("fc",),
    loss=Loss(centre=0.001, centre_rate=0.001, centre_form="printed"),
    batch_size=32,
)


def _jaffe(**changes: Any) -> Recipe:
    values: dict[str, Any] = {
        "name": "mobilenet_v1.jaffe.stand_in",
        "dataset": "jaffe",
        "dataset_options": {**_FACES, "stand_in": {"jaffe": JAFFE}},
        "protocol": "random5",
        "epochs": 25,
        "cites": "sections 3 and 5, Table 4: two stages, centre loss; synthetic faces, training is ours",
    }
    return _STAGE_TWO.but(**{**values, **changes})


ON_JAFFE = Study(
    name="jaffe_stand_in",
    rank=43,
    entries=("T4", "F4"),
    question="What does the two-stage network reach on JAFFE's five parts, and by people, on synthetic faces?",
    arms={
        "stage one, VEMO's layout": STAGE_ONE,
        "five random parts": _jaffe(),
        "five random parts, one stage": _jaffe(
            name="mobilenet_v1.jaffe.stand_in_one_stage",
            init="",
            reinitialise=(),
            cites="Table 2, left column, from the seed; synthetic faces, training is ours",
        ),
        "five parts by people": _jaffe(name="mobilenet_v1.jaffe.stand_in_strict", protocol="random5_subject"),
    },
    compared=(("five random parts", "five random parts, one stage"),),
    scale=_SCALE.format(epochs=25),
)


def _ck_plus(setup: str) -> Recipe:
    return _STAGE_TWO.but(
        name=f"mobilenet_v1.ck_plus.stand_in_{setup}",
        dataset="ck_plus",
        dataset_options={**_FACES, "stand_in": {"ck_plus": CK_PLUS}, "frames": setup.rpartition("_")[2]},
        protocol=f"ck_plus_{setup}",
        cites="section 5, Table 5: two stages, centre loss; synthetic faces, training is ours",
    )


ON_CK_PLUS = Study(
    name="ck_plus_configurations_stand_in",
    rank=44,
    entries=("T5", "F5", "F6"),
    question="How much do CK+'s eight configurations differ for one network, on synthetic faces?",
    arms={"stage one, VEMO's layout": STAGE_ONE, **{setup: _ck_plus(setup) for setup in TABLE_5}},
    scale=_SCALE.format(epochs=12),
)


def _across(protocol: str) -> Recipe:
    trained, _, scored = protocol.partition("_to_")
    return _STAGE_TWO.but(
        name=f"mobilenet_v1.{trained}.stand_in_to_{scored}",
        dataset=trained,
        dataset_options={**_FACES, "stand_in": {"jaffe": JAFFE, "ck_plus": CK_PLUS}},
        protocol=protocol,
        epochs=25,
        cites="section 6: trained on the whole of one dataset, scored on the other; synthetic faces, training is ours",
    )


ACROSS = Study(
    name="across_datasets_stand_in",
    rank=45,
    entries=("X2",),
    question="What does crossing from one dataset to the other cost, on synthetic faces of different difficulty?",
    arms={
        "stage one, VEMO's layout": STAGE_ONE,
        "CK+ on itself": _ck_plus("6_last"),
        **{protocol.replace("_", " "): _across(protocol) for protocol in CROSS},
    },
    scale=_SCALE.format(epochs=25),
)

STAND_IN_STUDIES = (ON_JAFFE, ON_CK_PLUS, ACROSS)
