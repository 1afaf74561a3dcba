"""Accuracies on FER2013 that others print, and how each was really obtained.

Read from public repositories and their issues; where a protocol is said to be flawed, their own code or printed matrix
says so. The last four were measured on this project's FER2013 copy with the peers' released weights.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Printed:
    """A number of the field.

    Attributes:
        system: Network and who published it.
        accuracy: Percent, as printed.
        scored_on: Split that was really scored.
        selected_on: Split that chose the epoch.
        views: Test-time augmentation.
        finding: What a reader must know, a sentence.
    """

    system: str
    accuracy: float
    scored_on: str
    selected_on: str
    views: str
    finding: str = ""


PRINTED = (
    Printed(
        "ResMaskingNet and 6 others (RMN)", 76.82, "PrivateTest", "PublicTest", "10 random views",
        "two members' weights are lost, so it cannot be rebuilt",
    ),
    Printed(
        "ResMaskingNet (RMN)", 74.14, "PrivateTest", "PublicTest", "10 random views",
        "with the ImageNet start; the best independent reproduction reports 73.6",
    ),
    Printed(
        "VGGNet (Khaireddin and Chen)", 73.28, "PublicTest", "PrivateTest", "ten crops of 40",
        "the row sums of the printed matrix are PublicTest's: the splits are exchanged",
    ),
    Printed(
        "VGG19 (WuJie)", 73.11, "PrivateTest", "PrivateTest", "ten crops of 44",
        "the best of 250 epochs on the test set itself",
    ),
    Printed("ResNet-18 (WuJie)", 72.97, "PrivateTest", "PrivateTest", "ten crops of 44", "as above"),
    Printed(
        "mini-Xception (oarriaga)", 66.0, "PublicTest + PrivateTest", "PublicTest + PrivateTest", "single",
        "the last fifth of the rows, which early stopping also watched",
    ),
    Printed("lite-XceptionFCNet", 64.53, "PublicTest + PrivateTest", "unknown", "single", "class counts sum to 7,178"),
    Printed("deepface emotion", 57.43, "unknown", "unknown", "single", "92.05 on its training images"),
)  # fmt: skip

# Peers' released weights on PrivateTest, single view, scored by us; all chose their epochs on the pooled test images.
MEASURED = (
    Printed("mini-Xception 102 (oarriaga; what the package fer ships)", 65.4, "PrivateTest", "pooled tests", "single"),
    Printed("mini-Xception 107 (oarriaga)", 66.0, "PrivateTest", "pooled tests", "single"),
    Printed("big-Xception 54 (oarriaga)", 66.8, "PrivateTest", "pooled tests", "single"),
    Printed("fer 25.10, its tflite model", 65.8, "PrivateTest", "pooled tests", "single"),
)
