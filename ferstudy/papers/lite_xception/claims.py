"""What the lite_xception paper claims, and what each claim is held against."""

from __future__ import annotations

from ferstudy.models.declarations import declared_models
from ferstudy.papers._claim import Claim, Counts, Extremes, Reaches
from ferstudy.papers.lite_xception.published import ACCURACY, PARAMETERS, TABLE_3

_STRICT = "lite_xception.fer2013.strict.s0"
CLAIMS = (
    Claim(
        entry="T4",
        says="the network of Table 1 classifies FER2013 right in 64.53 %",
        did="that network with a training of ours: PublicTest chose the epoch, PrivateTest was scored once",
        test=Reaches(ACCURACY, (_STRICT,)),
    ),
    Claim(
        entry="T4",
        says="64.53 % on the 7,178 pooled test images",
        did="the same, scored on PublicTest and PrivateTest together; no images chose the epoch",
        test=Reaches(ACCURACY, ("lite_xception.fer2013.published.s0",)),
    ),
    Claim(
        entry="X1",
        says="that accuracy takes 488.7 K parameters",
        did="Table 1 widened to that count, with a training of ours",
        test=Reaches(ACCURACY, ("lite_xception_wide.fer2013.strict.s0",)),
    ),
    Claim(
        entry="X1",
        says="the network of Table 1 has 488.7 K parameters",
        did="counted those of Table 1 with separable blocks and a fully connected layer",
        test=Counts(PARAMETERS, 100, lambda: declared_models("lite_xception")[0]["parameters"]),
    ),
    Claim(
        entry="F6",
        says="happy is recognised best, scared worst",
        did="the recalls of the same network on PrivateTest; scared is fear",
        test=Extremes(_STRICT, "happy", "fear", f"{TABLE_3['happy'].recall:.2f} and {TABLE_3['scared'].recall:.2f}"),
    ),
)
