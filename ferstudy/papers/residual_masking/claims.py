"""What the residual_masking paper claims, and what each claim is held against."""

from __future__ import annotations

from ferstudy.models.declarations import declared_models
from ferstudy.papers._claim import Ahead, Claim, Counts, Extremes, Missing, Reaches
from ferstudy.papers.residual_masking.published import FIGURE_7, FRAMES_PER_SECOND, TABLE_2, TABLE_3, TABLE_4
from ferstudy.papers.residual_masking.studies import MASKING, NETWORKS

_TABLE_2 = {row.model: row for row in TABLE_2}
_OURS = _TABLE_2["resmasking"]
_ENSEMBLE = TABLE_3[-1].ensemble or 0.0
_MASKED = MASKING.arms["masks"].run_name
CLAIMS = (
    Claim(
        entry="T2",
        says="the Residual Masking Network reaches 74.14 %",
        did="a narrow one with a training of ours: PublicTest chose the epoch, PrivateTest was scored once",
        test=Reaches(_OURS.accuracy, (_MASKED,)),
        scale=MASKING.scale,
    ),
    Claim(
        entry="X3",
        says="masks add to ResNet-34",
        did="with and without masks, and without masks but with as many parameters, trained alike",
        test=Ahead(
            MASKING.name,
            (("masks", "no masks"), ("masks", "no masks, as many parameters")),
            round(_OURS.accuracy - _TABLE_2["resnet34"].accuracy, 2),
        ),
    ),
    Claim(
        entry="X2",
        says="the average of seven networks reaches 76.82 %",
        did="the average of seven networks of Table II",
        test=Reaches(_ENSEMBLE, tuple(recipe.run_name for recipe in NETWORKS.arms.values())),
        scale=NETWORKS.scale,
    ),
    Claim(
        entry="F7",
        says="happy is recognised best, fear worst",
        did="the recalls of the narrow network on PrivateTest",
        test=Extremes(_MASKED, "happy", "fear", f"{FIGURE_7['happy'].fer2013:.2f} and {FIGURE_7['fear'].fer2013:.2f}"),
        scale=MASKING.scale,
    ),
    Claim(
        entry="T2",
        says="the network has 142.9 M parameters",
        did="counted those of the network of Table I",
        test=Counts(_OURS.millions * 1e6, 1e5, lambda: declared_models("resmasking")[0]["parameters"]),
    ),
    Claim(
        entry="T4",
        says="65.94 % on VEMO",
        did="nothing: nobody else has its images",
        test=Missing(f"{TABLE_4[-1].accuracy:.2f} %", "VEMO, which its authors keep to themselves"),
    ),
    Claim(
        entry="X1",
        says="100 frames a second with one face",
        did="timed our network on this machine, which is another one",
        test=Missing(f"{FRAMES_PER_SECOND} frames a second", "a laptop's GTX 1050 Ti"),
    ),
)
