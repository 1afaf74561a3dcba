"""V. H. Chuong and V. H. Cuong, "Facial Expression Recognition: A Lite Deep Learning Based Approach".

The paper names no optimiser, rate, schedule, augmentation or number of epochs, and not how the epoch was chosen.
"""

from __future__ import annotations

from ferstudy.data.augmentation import Augmentation
from ferstudy.recipes import Optimizer, Recipe, Schedule

_STRICT = Recipe(
    name="lite_xception.fer2013.strict",
    model="lite_xception",
    augmentation=Augmentation(flip=0.5, rotation=10, translation=0.05, zoom=0.1),
    optimizer=Optimizer("adamw", lr=6e-3, weight_decay=0.01),
    schedule=Schedule("onecycle", warmup=0.15),
    epochs=45,
    ema=0.998,
    precision="bfloat16",
    cites="Table 1 (body), section 2.1 (head); training is not described, this recipe is ours",
)

RECIPES = (
    _STRICT,
    _STRICT.but(
        name="lite_xception_wide.fer2013.strict",
        model="lite_xception_wide",
        model_options={"dropout": 0.3},
        augmentation=Augmentation(flip=0.5, rotation=15, translation=0.08, zoom=0.15, contrast=0.2, erasing=0.25),
        optimizer=Optimizer("adamw", lr=4e-3, weight_decay=0.05),
        label_smoothing=0.1,
        epochs=40,
        cites="'around 488,700 parameters' (section 2.1): Table 1 widened to that count; the recipe is ours",
    ),
)
