"""What the attention_fusion paper claims on CK+ and Oulu-CASIA, asked of synthetic faces in their layouts.

Both datasets are given under agreements. Their stand-ins have their people, films, loaders and ten folds, and a
difficulty each; networks start from the seed, see 48 pixels and are trained for few epochs. Nothing here says anything
about real faces: it shows the whole experiment, and what its protocol does.
"""

from __future__ import annotations

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.papers.attention_fusion.published import MEMBERS, SYSTEMS
from ferstudy.recipes import Optimizer, Recipe, Schedule
from ferstudy.settings import Loss
from ferstudy.studies.study import Study

# 118 people and 327 labelled films of CK+; 80 people with six films each of Oulu-CASIA, whose frames 7 to 9 count.
CK_PLUS = {"ck_plus": {"people": 118, "emotions": 0, "frames": 10, "scale": 0.2, "difficulty": 1.0}}
OULU_CASIA = {"oulu_casia": {"people": 80, "frames": 9, "scale": 0.5, "difficulty": 0.8}}
# The stand-ins' pictures are a fifth and a half of the owners' in size, and so are 20 pixels.
_FACES = {"detector": "mtcnn", "square": False, "size": 48, "channels": 3}
_NARROW = {"width": 0.25, "stem_stride": 1}
_SCALE = (
    "faces of 48 pixels in place of 128, {epochs} epochs, from the seed; Inception-ResNet V1 at a quarter of its widths"
)
_EPOCHS, _OULU_EPOCHS = 12, 8

_SMALL = Recipe(
    name="squeezenet_se.ck_plus.stand_in",
    model="squeezenet_se",
    dataset="ck_plus",
    dataset_options={"stand_in": CK_PLUS, "faces": {**_FACES, "margin": 4}, "frames": "last3"},
    protocol="ck_plus_identity",
    preparation=Preparation(size=48, channels=3, scaling="standardise"),
    augmentation=Augmentation(flip=0.5, rotation=15, translation=0.05, contrast=0.2),
    optimizer=Optimizer("adamw", lr=2e-3, weight_decay=0.05),
    schedule=Schedule("onecycle"),
    epochs=_EPOCHS,
    batch_size=32,
    precision="auto",
    tta=("single",),
    cites="sections 3.4, 3.5 and 4.2: last three frames, ten folds by identity; synthetic faces, training is ours",
)
_OULU = _SMALL.but(
    name="squeezenet_se.oulu_casia.stand_in",
    dataset="oulu_casia",
    dataset_options={
        "stand_in": OULU_CASIA,
        "faces": {**_FACES, "margin": 10},
        "imaging": "VL",
        "lighting": "Strong",
        "first_frame": 7,
    },
    protocol="oulu_casia_identity",
    epochs=_OULU_EPOCHS,
    cites="sections 3.4, 3.5 and 4.2: visible, strong light, from the 7th frame, ten folds by identity; synthetic "
    "faces, training is ours",
)


def _system(recipe: Recipe, model: str) -> Recipe:
    """The same of one of the four systems; the ensemble is trained as one, for a run keeps its last fold's weights."""
    options = _NARROW if model in ("inception_resnet_v1", "attention_fusion") else {}
    return recipe.but(name=recipe.name.replace("squeezenet_se", model, 1), model=model, model_options=options)


def _arms(recipe: Recipe) -> dict[str, Recipe]:
    strict = recipe.but(
        name=recipe.name + "_strict",
        protocol=f"{recipe.protocol}_subject",
        cites=f"{recipe.cites}; people validate who do not train",
    )
    systems = {name: _system(recipe, model) for model, name in SYSTEMS.items()}
    return {**systems, f"{SYSTEMS['squeezenet_se']}, strict": strict}


_PAIRS = tuple((SYSTEMS["attention_fusion"], SYSTEMS[member]) for member in MEMBERS)

ON_CK_PLUS = Study(
    name="ck_plus_stand_in",
    rank=40,
    entries=("T1", "T3", "X5"),
    question="How do the four systems score in CK+'s ten folds by identity, on synthetic faces?",
    arms=_arms(_SMALL),
    compared=_PAIRS,
    scale=_SCALE.format(epochs=_EPOCHS),
)
ON_OULU_CASIA = Study(
    name="oulu_casia_stand_in",
    rank=42,
    entries=("T2", "T4"),
    question="How do the four systems score in Oulu-CASIA's ten folds by identity, on synthetic faces?",
    arms=_arms(_OULU),
    compared=_PAIRS,
    scale=f"{_SCALE.format(epochs=_OULU_EPOCHS)}; three frames of each film",
)

# Other people than those of the stand-in: 118 with seven films each, of which five train and two are scored, 20 to 28
# pictures a person as in section 2.4.
_STRANGERS = {"ck_plus": {**CK_PLUS["ck_plus"], "emotions": 7, "seed": 7}}
_IDENTITY = _SMALL.but(
    name="squeezenet_se.ck_plus.stand_in_identity",
    dataset_options={**_SMALL.dataset_options, "stand_in": _STRANGERS},
    protocol="strict",
    task="identity",
    loss=Loss("arcface", scale=16.0, margin=0.2),
    epochs=12,
    cites="sections 2.4 and 4.2: ArcFace on identities; synthetic people stand in for MS-Celeb-1M, training is ours",
)
# 12 epochs of 2,360 pictures are 876 steps of 32; 36 epochs of a fold's 795 are 864.
_AS_MANY = 36
_SHORT = _SMALL.but(epochs=10)
IDENTITIES = Study(
    name="identities_stand_in",
    rank=41,
    entries=("X4",),
    question="What does telling people apart first add to as many steps of expressions, on synthetic faces?",
    arms={
        "identities, ArcFace": _IDENTITY,
        "expressions after identities": _SHORT.but(
            name="squeezenet_se.ck_plus.stand_in_arcface",
            init=_IDENTITY.run_name,
            reinitialise=("fc",),
            cites="section 2.4: expressions from the weights that tell people apart; synthetic faces, training is ours",
        ),
        "expressions from the seed, equal steps": _SHORT.but(
            name="squeezenet_se.ck_plus.stand_in_equal_steps",
            epochs=_SHORT.epochs + _AS_MANY,
            cites="as after identities, with the steps of both; synthetic faces, training is ours",
        ),
        "expressions from the seed": _SHORT.but(
            name="squeezenet_se.ck_plus.stand_in_short",
            cites="as after identities, without them; synthetic faces, training is ours",
        ),
    },
    compared=(
        ("expressions after identities", "expressions from the seed, equal steps"),
        ("expressions after identities", "expressions from the seed"),
    ),
    scale="118 synthetic people in place of MS-Celeb-1M's, faces of 48 pixels in place of 128, 10 epochs",
)

STAND_IN_STUDIES = (ON_CK_PLUS, IDENTITIES, ON_OULU_CASIA)
