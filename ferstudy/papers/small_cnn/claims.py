"""What the small_cnn paper claims, its own and those that it surveys, and what each claim is held against."""

from __future__ import annotations

from ferstudy.models.declarations import declared_models
from ferstudy.papers._claim import Ahead, Claim, Counts, Missing, Reaches
from ferstudy.papers.small_cnn.published import (
    ACCURACY,
    FIGURE_6_BEST,
    FIGURE_7,
    FRAMES_PER_SECOND,
    PARAMETERS,
    SURVEY,
)
from ferstudy.papers.small_cnn.studies import ALEXNET_STUDY, DEEP, OPTIMIZERS, SCHEDULES, TUNING

_SURVEYED = {(row.network, row.source): row.accuracy for row in SURVEY if row.dataset.startswith("FER2013")}
_START, _, _, _, _TUNED = FIGURE_7
_OWN = "trained as the authors describe it: no augmentation, PublicTest chose the epoch"
CLAIMS = (
    Claim(
        entry="X4",
        says="the proposed network reaches 68.52 % on PrivateTest",
        did="that network with a training of ours: PublicTest chose the epoch, PrivateTest was scored once",
        test=Reaches(ACCURACY["PrivateTest"], ("small_cnn.fer2013.strong.s0",)),
    ),
    Claim(
        entry="X4",
        says="it reaches 68.52 % by the training of Table 1",
        did=_OWN,
        test=Reaches(ACCURACY["PrivateTest"], ("small_cnn.fer2013.published.s0",)),
    ),
    Claim(
        entry="T1",
        says="it has 784,263 parameters",
        did="counted those of the network of Figure 8",
        test=Counts(PARAMETERS, 1, lambda: declared_models("small_cnn")[0]["parameters"]),
    ),
    Claim(
        entry="X2",
        says="FER-net reaches 72 % without augmentation",
        did=_OWN,
        test=Reaches(_SURVEYED["FER-net", "the authors"], ("fernet.fer2013.published.s0",)),
    ),
    Claim(
        entry="X2",
        says="FER-net reaches 79 % in its own paper",
        did="FER-net with a training of ours and augmentation; PrivateTest in place of a random tenth",
        test=Reaches(_SURVEYED["FER-net", "[6]"], ("fernet.fer2013.strong.s0",)),
    ),
    Claim(
        entry="X1",
        says="AlexNet reaches 61.0 %",
        did="AlexNet without augmentation",
        test=Reaches(_SURVEYED["AlexNet", "[1]"], (ALEXNET_STUDY.arms["AlexNet"].run_name,)),
        scale=ALEXNET_STUDY.scale,
    ),
    Claim(
        entry="F5",
        says="SGD with Nesterov momentum and a decaying rate trains VGGNet best",
        did="fourteen networks, one for each optimiser and rate",
        test=Ahead(OPTIMIZERS.name),
    ),
    Claim(
        entry="F6",
        says="lowering the rate on a plateau is the best of six schedules",
        did="six networks, one for each schedule",
        test=Ahead(SCHEDULES.name),
    ),
    Claim(
        entry="F7",
        says="tuning on training and validation images adds to VGGNet",
        did="the trained network tuned with a cosine",
        test=Ahead(
            TUNING.name,
            ((f"{_TUNED.images}, {_TUNED.schedule}", _START.images),),
            round(_TUNED.accuracy - _START.accuracy, 2),
        ),
    ),
    Claim(
        entry="X3",
        says="VGGNet reaches 73.06 % with ten crops",
        did="VGGNet as surveyed; ten crops chose the epoch",
        test=Reaches(
            FIGURE_6_BEST["Reduce on plateau"].test, (SCHEDULES.arms["Reduce on plateau"].run_name,), "ten_crop"
        ),
        scale=SCHEDULES.scale,
    ),
    Claim(
        entry="X7",
        says="modern deep networks surpass shallow ones",
        did="one network of each deep family against FER-net, all trained alike",
        test=Ahead(DEEP.name),
    ),
    Claim(
        entry="X5",
        says="up to 10 frames a second on a CPU",
        did="timed the pipeline on this machine, which is another one",
        test=Missing(f"{FRAMES_PER_SECOND} frames a second", "the authors' CPU, which the paper does not name"),
    ),
)
