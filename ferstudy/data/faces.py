"""Picture files to face crops of one size: detect, widen the box, turn the eyes level, cut, resize.

The steps and their numbers are the papers' own: attention_fusion (section 3.1) finds the face with MTCNN, adds 20
pixels to its box, cuts it out and resizes it to 128 x 128; lite_xception (section 2.1), small_cnn and
mobilenet_realtime (section 3.1.1) cut out the box of Viola and Jones.

Each crop is cached by what it follows from, the bytes of its file and the :class:`FaceCrop`: renamed or repeated files
cost nothing, and a long run that is interrupted continues where it was.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ferstudy.data.base import I64, U8
from ferstudy.data.cache import cache_folder, read_array, write_array
from ferstudy.errors import FerstudyError, unknown
from ferstudy.vision.boxes import Box, Detection, Points, crop
from ferstudy.vision.detection import HaarDetector, get_detector, list_detectors
from ferstudy.vision.media import read_image
from ferstudy.vision.mtcnn import MTCNNDetector

WHOLE_PICTURE = "none"
MISSING = ("whole", "drop")
# Raise when the same file and FaceCrop give other pixels than before.
_VERSION = 1


@dataclass(frozen=True)
class FaceCrop:
    """How a picture becomes the crop of its face.

    Attributes:
        detector: ``haar`` or ``mtcnn``; ``none`` takes the whole picture.
        margin: Pixels of the picture added to each side of the box (attention_fusion section 3.1: 20).
        square: Cut the square around the box whose side is the box's longer one, so that faces keep their aspect;
            else the box itself, stretched. Beyond the picture the border is repeated.
        align: Turn the picture about the box's centre until the eyes are level; needs the landmarks of ``mtcnn``.
        size: Height and width of the result in pixels, 8 to 1024 (bilinear, antialiased when shrinking).
        channels: 1 for grey, 3 for RGB.
        missing: A picture without a face is kept ``whole`` or ``drop``-ped.
    """

    detector: str = WHOLE_PICTURE
    margin: int = 0
    square: bool = True
    align: bool = False
    size: int = 128
    channels: int = 1
    missing: str = "whole"

    def __post_init__(self) -> None:
        if self.detector not in (WHOLE_PICTURE, *list_detectors()):
            raise unknown("detector", self.detector, (WHOLE_PICTURE, *list_detectors()))
        if self.missing not in MISSING:
            raise unknown("treatment of pictures without a face", self.missing, MISSING)
        if not 8 <= self.size <= 1024 or not isinstance(self.size, int) or self.channels not in (1, 3):
            raise FerstudyError(
                f"face crop: expected a size of 8 to 1024 and 1 or 3 channels, got {self.size}, {self.channels}"
            )
        if self.margin < 0 or not isinstance(self.margin, int):
            raise FerstudyError(f"face crop: expected a margin of 0 or more whole pixels, got {self.margin}")
        if self.margin and self.detector == WHOLE_PICTURE:
            raise FerstudyError(
                "face crop: a margin widens a detector's box; choose detector haar or mtcnn, or margin 0"
            )
        if self.align and self.detector != "mtcnn":
            raise FerstudyError(f"face crop: aligning needs the eyes that mtcnn finds, not detector {self.detector}")


@dataclass(frozen=True)
class Faces:
    """The crops of some pictures.

    Attributes:
        images: (N, S, S) grey or (N, S, S, 3) RGB pixels, 0..255.
        boxes: (N, 4) left, top, width, height of the face in the picture's pixels, as the detector gave it, before
            margin and squaring; of the whole picture where no face was found or looked for.
        found: (N,) whether a detector found a face.
        detected: (N,) faces seen in each picture; the crop is of the largest.
        rows: (N,) position of each crop's picture in what was read: every one, or those with a face where the others
            are dropped. Labels follow as ``labels[faces.rows]``.
        warnings: What a reader of the results should know, a sentence each.
    """

    images: U8
    boxes: I64
    found: npt.NDArray[np.bool_]
    detected: I64
    rows: I64
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def read_faces(paths: Sequence[Path], crop: FaceCrop) -> Faces:
    """The face of each picture file, from the cache where it was cut before.

    All crops are held in memory: N x S x S x channels bytes. A bar shows the progress of long work on a terminal.

    Args:
        paths: Picture files in any format, depth and orientation that :func:`ferstudy.vision.media.read_image` reads.
        crop: What to cut.

    Raises:
        FerstudyError: A file is missing, damaged or no picture; its name is told.
    """
    from tqdm import tqdm

    entry = _entry_type(crop)
    folder = cache_folder() / "faces" / _key(crop)
    cut = _Cutter(crop)
    images = np.empty((len(paths), *entry["image"].shape), np.uint8)
    boxes, detected = np.empty((len(paths), 4), np.int64), np.empty(len(paths), np.int64)
    unwritten: OSError | None = None
    for row, path in enumerate(tqdm(paths, desc="faces", unit="picture", delay=2, leave=False, disable=None)):
        digest = _digest(path)
        file = folder / digest[:2] / f"{digest}.npy"
        made = read_array(file, entry)
        if made is None:
            made = np.array(cut(path), entry)
            try:
                write_array(file, made)
            except OSError as error:
                # A full or read-only disk must not stop the work: only the next read is slower.
                unwritten = error
        images[row], boxes[row], detected[row] = made["image"], made["box"], made["detected"]
    found = detected > 0
    notes = list(_notes(crop, detected))
    if unwritten is not None:
        notes.append(f"could not write the cache {folder.parent} ({unwritten.strerror}); set FERSTUDY_CACHE")
    rows = np.arange(len(paths))
    if crop.missing == "drop" and crop.detector != WHOLE_PICTURE:
        rows = np.flatnonzero(found)
        images = images[rows]
    return Faces(images, boxes[rows], found[rows], detected[rows], rows.astype(np.int64), tuple(notes))


def crop_face(image: U8, face: Detection | None, settings: FaceCrop) -> U8:
    """Cut one face out of a picture.

    Args:
        image: RGB (H, W, 3) or grey (H, W), 0..255.
        face: Where it is; ``None`` for the whole picture, to which neither margin nor aligning applies.
        settings: What to cut; its detector is not asked.

    Returns:
        (S, S) or (S, S, 3) by the settings' channels.

    Raises:
        FerstudyError: Aligning a face without landmarks.
    """
    box = Box(0, 0, image.shape[1], image.shape[0]) if face is None else face.box.grown(settings.margin)
    box = box.squared() if settings.square else box
    if face is not None and settings.align:
        if face.points is None:
            raise FerstudyError("aligning needs the eyes of the face; detect it with mtcnn")
        image, box = _levelled(image, box, eye_angle(face.points))
    return _cut(image, box, settings)


def eye_angle(points: Points) -> float:
    """Degrees by which the line from the left to the right eye of the picture falls; 0 is level."""
    (x0, y0), (x1, y1) = points[:2]
    return math.degrees(math.atan2(y1 - y0, x1 - x0))


class _Cutter:
    """Cuts the largest face of a file; the detector is made when the first file needs it."""

    def __init__(self, settings: FaceCrop) -> None:
        self.settings = settings

    @cached_property
    def detector(self) -> HaarDetector | MTCNNDetector:
        return get_detector(self.settings.detector)

    def __call__(self, path: Path) -> tuple[U8, tuple[int, ...], int]:
        """Image, box and number of faces, the fields of a cache entry."""
        image = read_image(path)
        found = [] if self.settings.detector == WHOLE_PICTURE else self.detector.find(image)
        face = found[0] if found else None
        box = face.box if face else Box(0, 0, image.shape[1], image.shape[0])
        return crop_face(image, face, self.settings), (box.x, box.y, box.width, box.height), len(found)


def _levelled(image: U8, box: Box, angle: float) -> tuple[U8, Box]:
    """The surroundings of a box turned about its centre, and the box in them."""
    from PIL import Image

    # So far from the centre that no corner of the box sees the outside once it is turned.
    reach = math.ceil(math.hypot(box.width, box.height) / 2) + 1
    x, y = box.x + box.width // 2, box.y + box.height // 2
    around = crop(image, Box(x - reach, y - reach, 2 * reach, 2 * reach))
    turned = Image.fromarray(around).rotate(angle, Image.Resampling.BILINEAR)
    return np.asarray(turned), Box(reach - box.width // 2, reach - box.height // 2, box.width, box.height)


def _cut(image: U8, box: Box, settings: FaceCrop) -> U8:
    """A box, beyond the picture its border, resized."""
    from PIL import Image

    rows = np.clip(np.arange(box.y, box.y + max(box.height, 1)), 0, image.shape[0] - 1)
    columns = np.clip(np.arange(box.x, box.x + max(box.width, 1)), 0, image.shape[1] - 1)
    part = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    pixels = np.asarray(part.convert("L" if settings.channels == 1 else "RGB"))
    # Resizing is separable. With the longer axis first, the square around a strip of 20,000 x 10 is never in memory.
    for axis in (0, 1) if pixels.shape[0] > pixels.shape[1] else (1, 0):
        index = (rows, columns)[axis]
        repeated = Image.fromarray(np.take(pixels, index - index[0], axis))
        size = (repeated.width, settings.size) if axis == 0 else (settings.size, repeated.height)
        pixels = np.asarray(repeated.resize(size, Image.Resampling.BILINEAR))
    return pixels


def _entry_type(settings: FaceCrop) -> np.dtype[np.void]:
    """What the cache holds of a picture."""
    shape = (settings.size, settings.size) + ((3,) if settings.channels == 3 else ())
    return np.dtype([("image", np.uint8, shape), ("box", np.int64, 4), ("detected", np.int64)])


def _key(settings: FaceCrop) -> str:
    # What becomes of pictures without a face is decided after the cache.
    what = {**asdict(settings), "missing": ""}
    return hashlib.sha256(repr((_VERSION, sorted(what.items()))).encode()).hexdigest()[:16]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FerstudyError(f"{path} cannot be read ({error.strerror}); expected a picture file") from error


def _notes(settings: FaceCrop, detected: I64) -> Iterator[str]:
    if settings.detector == WHOLE_PICTURE:
        return
    none, several = int((detected == 0).sum()), int((detected > 1).sum())
    if none:
        done = "left out" if settings.missing == "drop" else "kept whole"
        yield f"{settings.detector} found no face in {none:,} of {len(detected):,} pictures; they are {done}"
    if several:
        yield f"{settings.detector} saw several faces in {several:,} of {len(detected):,} pictures; the largest is kept"
