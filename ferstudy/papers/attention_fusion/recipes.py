"""The attention_fusion paper's systems as recipes."""

from __future__ import annotations

from dataclasses import replace

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.papers.attention_fusion.published import MEMBERS, SYSTEMS
from ferstudy.recipes import Optimizer, Recipe, Schedule
from ferstudy.settings import Loss

_FACES = {"detector": "mtcnn", "margin": 20, "square": False, "size": 128, "channels": 3}

# Section 3.3: rotation of 15 degrees, "random vertical flipping", contrast, whose range is ours. Section 4.2 adds the
# ten crops of 86 pixels on FER2013 at 96.
_AUGMENTATION = Augmentation(flip=0, vertical_flip=0.5, rotation=15, contrast=0.2)
_FER2013 = Recipe(
    name="squeezenet_se.fer2013.published",
    model="squeezenet_se",
    preparation=Preparation(size=96, channels=3, scaling="standardise"),
    augmentation=replace(_AUGMENTATION, crop=86, crops="ten"),
    optimizer=Optimizer("sgd", lr=0.01, weight_decay=5e-5),
    schedule=Schedule("plateau", factor=0.1, patience=10),
    epochs=150,
    batch_size=96,
    tta=("single", "ten_crop", "eleven"),
    seed=777,
    cites="sections 3.3, 3.4 and 4.2; rate, its factor and patience, epochs and contrast are ours; "
    "not started from MS-Celeb-1M",
)
_CK_PLUS = _FER2013.but(
    name="squeezenet_se.ck_plus.published",
    dataset="ck_plus",
    dataset_options={"faces": _FACES, "frames": "last3"},
    protocol="ck_plus_identity",
    preparation=Preparation(size=128, channels=3, scaling="standardise"),
    augmentation=_AUGMENTATION,
    tta=("single", "flip"),
    cites="sections 3.1 to 3.4 and 4.2: last three frames, ten folds by identity, 10 % of the samples validate; "
    "rate, its factor and patience, epochs and contrast are ours; not started from MS-Celeb-1M",
)
_OULU_CASIA = _CK_PLUS.but(
    name="squeezenet_se.oulu_casia.published",
    dataset="oulu_casia",
    dataset_options={"faces": _FACES, "imaging": "VL", "lighting": "Strong", "first_frame": 7},
    protocol="oulu_casia_identity",
    cites="sections 3.1 to 3.4 and 4.2: visible light, strong, from the 7th frame, ten folds by identity, 15 % of the "
    "samples validate; rate, its factor and patience, epochs and contrast are ours; not started from MS-Celeb-1M",
)


def _systems(recipe: Recipe) -> tuple[Recipe, ...]:
    """The same for each of the four systems."""
    variant = recipe.name.partition(".")[2]
    return tuple(recipe.but(name=f"{model}.{variant}", model=model) for model in SYSTEMS)


def _strict(recipe: Recipe) -> Recipe:
    """The same with validation images of other people than the training images'."""
    return recipe.but(
        name=recipe.name.replace("published", "strict"),
        protocol=f"{recipe.protocol}_subject",
        cites=f"{recipe.cites}; people validate who do not train",
    )


STRONG = Recipe(
    name="squeezenet_se.fer2013.strong",
    model="squeezenet_se",
    augmentation=Augmentation(flip=0.5, rotation=15, translation=0.08, zoom=0.15, contrast=0.2, erasing=0.25),
    optimizer=Optimizer("adamw", lr=3e-3, weight_decay=0.05),
    schedule=Schedule("onecycle", warmup=0.15),
    label_smoothing=0.1,
    ema=0.998,
    precision="bfloat16",
    epochs=40,
    cites="training is ours",
)

_IDENTITY = Recipe(
    name="squeezenet_se.synthetic.identity",
    model="squeezenet_se",
    dataset="synthetic",
    preparation=Preparation(size=48, channels=3, scaling="standardise"),
    task="identity",
    loss=Loss("arcface", scale=16.0, margin=0.2),
    optimizer=Optimizer("sgd", lr=0.05, weight_decay=5e-5),
    schedule=Schedule("onecycle"),
    epochs=30,
    batch_size=96,
    tta=("single",),
    seed=777,
    cites="sections 2.4 and 4.2: ArcFace on identities, SGD; synthetic people stand in for MS-Celeb-1M, whose 20 to 30 "
    "samples a person they do not have; scale, margin, rate and epochs are ours",
)

RECIPES = (
    # Section 3.6 does not say how the whole is trained. Ours joins the members that were trained apart and trains what
    # joins them; by folds it trains as one, for a run keeps the weights of its last fold only.
    *(
        recipe.but(
            init=" + ".join(f"{member}.fer2013.published.s{recipe.seed}" for member in MEMBERS), freeze=("members",)
        )
        if recipe.model == "attention_fusion"
        else recipe
        for recipe in _systems(_FER2013)
    ),
    *_systems(_CK_PLUS),
    *_systems(_strict(_CK_PLUS)),
    *_systems(_OULU_CASIA),
    *_systems(_strict(_OULU_CASIA)),
    STRONG,
    _IDENTITY,
)
