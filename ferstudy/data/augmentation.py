"""What training may change at random, as a value, and the names of the views of test-time augmentation.

:mod:`ferstudy.data.transforms` does it. Papers that count augmented images ("100 samples a face") wrote them to files
once; here every epoch draws anew, so 100 epochs see 100 samples of every face.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from ferstudy.errors import FerstudyError, unknown

TTA = ("single", "flip", "ten_crop", "random", "eleven")
CROPS = ("anywhere", "ten", "all_ten")
FILLS = ("border", "zeros")


@dataclass(frozen=True)
class Augmentation:
    """What training draws anew for every image of every epoch.

    Attributes:
        flip: Probability of a left-right mirror.
        rotation: Largest angle either way, in degrees.
        translation: Largest shift either way, as a share of the side.
        zoom: Largest enlargement or shrinkage: factors are drawn from [1 - zoom, 1 + zoom].
        crop: Side in pixels of a random crop; 0 for none. Evaluation then takes the centre crop.
        brightness: Largest shift either way of the values in [0, 1].
        contrast: Contrast factors are drawn from [1 - contrast, 1 + contrast].
        erasing: Probability of erasing a rectangle (2 % to 20 % of the area) to the image's mean, of every crop apart.
        vertical_flip: Probability of an upside-down mirror.
        chance: Probability of each of rotation, translation and zoom, drawn independently; 1 for always.
        fill: What lies outside a rotated, shifted or shrunk image: ``border`` repeats its edge, ``zeros`` is black.
        area: Smallest share of the area that a random box (aspect 3:4 to 4:3) keeps, resized back; 1 for none.
        noise: Standard deviation of Gaussian noise on the values in [0, 1], the same in all channels.
        crops: Where a crop lies: ``anywhere``; ``ten`` a random one of the four corners and the centre, mirrored or
            not; ``all_ten`` all of these, so that a batch becomes ten times as large.
    """

    flip: float = 0.5
    rotation: float = 0.0
    translation: float = 0.0
    zoom: float = 0.0
    crop: int = 0
    brightness: float = 0.0
    contrast: float = 0.0
    erasing: float = 0.0
    vertical_flip: float = 0.0
    chance: float = 1.0
    fill: str = "border"
    area: float = 1.0
    noise: float = 0.0
    crops: str = "anywhere"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in ("rotation", "crop", "fill", "crops") and not 0 <= value <= 1:
                raise FerstudyError(f"augmentation {field.name}: expected 0 to 1, got {value}")
        if not 0 <= self.rotation <= 180 or self.crop < 0 or self.area == 0:
            raise FerstudyError("augmentation: expected rotation of 0 to 180 degrees, crop >= 0 pixels and area > 0")
        if self.fill not in FILLS:
            raise unknown("fill", self.fill, FILLS)
        if self.crops not in CROPS:
            raise unknown("choice of crops", self.crops, CROPS)
        if self.crops != "anywhere" and not self.crop:
            raise FerstudyError(f"augmentation crops={self.crops!r}: expected crop > 0, the side of a crop in pixels")

    @property
    def copies(self) -> int:
        """Images that training gets of one image, one after the other: repeat its target as often."""
        return 10 if self.crops == "all_ten" else 1
