"""Pictures, folders, videos and cameras as one stream of RGB frames."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    from PIL import Image

U8 = npt.NDArray[np.uint8]
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".avif")
# What the annotated copy of a picture is called: after its whole name, and never taken for a picture to annotate.
ANNOTATED = ".annotated.png"
# Decoders give up on a broken stream one frame at a time; so many failures in a row are its end.
_MAX_CORRUPT_RUN = 25
_EXPECTED = "an image, a folder, a video or a camera's number"
# Rows of a picture that are converted at a time.
_STRIP = 512
# Cameras are counted from 0; a larger number is a slip.
_LAST_CAMERA = 99


@dataclass(frozen=True)
class Frame:
    """One picture of a source.

    Attributes:
        name: File it comes from, in a folder by its path from there, or ``camera N``.
        number: From 0, within that file.
        image: uint8 RGB (H, W, 3); ``None`` for a frame that could not be decoded.
        problem: Why not, in a line.
    """

    name: str
    number: int
    image: U8 | None
    problem: str = ""


@dataclass(frozen=True)
class Source:
    """Where frames come from.

    Attributes:
        kind: ``image``, ``folder``, ``video`` or ``camera``.
        name: What was asked for.
        fps: Frames a second of a video or camera, else 0.
        frames: Opens the source anew and yields its frames, one in memory at a time.
        count: Frames as far as is known beforehand, 0 where it is not; a film's own word may be wrong.
        skipped: Files of a folder that are no pictures.
    """

    kind: str
    name: str
    fps: float
    frames: Callable[[], Iterator[Frame]]
    count: int = 0
    skipped: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether frames follow each other in time."""
        return self.kind in ("video", "camera")


def printable(name: str) -> str:
    """A file's name for terminals and tables: control characters and bytes that are no text are spelled out."""
    text = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def read_image(path: Path) -> U8:
    """A picture file as RGB, whatever it holds: turned as its EXIF says, 16 bits scaled to 8, transparency on white.

    Returns:
        uint8 (H, W, 3).

    Raises:
        FerstudyError: Missing, empty, damaged or no picture.
    """
    from PIL import Image, ImageOps

    try:
        # Pillow warns of more than 90 million pixels, which is a large picture and no attack; it refuses twice as many.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                ImageOps.exif_transpose(image, in_place=True)
    except FileNotFoundError as error:
        raise FerstudyError(f"{printable(str(path))} does not exist; expected {_EXPECTED}") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FerstudyError(
            f"{printable(str(path))} is not a readable image (damaged, cut off, or another kind of file)"
        ) from error
    return _rgb(image)


def from_pillow(image: Image.Image) -> U8:
    """A picture that Pillow holds, treated as :func:`read_image` treats a file's; it is left as it was."""
    from PIL import ImageOps

    return _rgb(ImageOps.exif_transpose(image))


def _rgb(image: Image.Image) -> U8:
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        return _from_deep(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return _pixels(Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba))
    return _pixels(image)


def _pixels(image: Image.Image) -> U8:
    """RGB of a picture, strip by strip: Pillow would hold a large one three times while it hands it over."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, _STRIP):
        bottom = min(top + _STRIP, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)).convert("RGB"))
    return pixels


def _from_deep(image: Image.Image) -> U8:
    """16-bit, 32-bit or float grey to 8-bit RGB: the format's range is kept, not stretched to the picture's own.

    Where the mode leaves the range open, it is the smallest usual one that holds every value.
    """
    values = np.nan_to_num(np.asarray(image).astype(np.float64))
    usual = (65535,) if image.mode.startswith("I;16") else (255, 65535, 2**32 - 1)
    usual = (1, *usual) if image.mode == "F" else usual
    top = next((t for t in usual if values.max() <= t), usual[-1])
    if "transparency" in image.info:
        values[values == image.info["transparency"]] = top
    grey = np.clip(values * (255 / top), 0, 255).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def open_source(source: str, recursive: bool = False, leave_out: Path | None = None) -> Source:
    """An image, a folder of images, a video or a camera, by what its name turns out to be.

    Args:
        source: A path, or a camera's number.
        recursive: Of a folder, whether the folders in it are looked through, too.
        leave_out: A folder that is not looked through: where the results go.

    Raises:
        FerstudyError: Nothing there, a folder without images, or a file that is neither image nor video.
    """
    path, said = Path(source), printable(source)
    try:
        there = path.exists()
    except (OSError, ValueError) as error:
        raise FerstudyError(f"{said[:100]} is no path ({error}); expected {_EXPECTED}") from error
    if not there:
        if source.isascii() and source.isdigit():
            if int(source) > _LAST_CAMERA:
                raise FerstudyError(f"there is no camera {source}; they are numbered from 0")
            return _video(source, int(source))
        if "://" in source:
            raise FerstudyError(f"{said} is an address; download the file first and pass its path")
        raise FerstudyError(f"{said} does not exist; expected {_EXPECTED}")
    if path.is_dir():
        return _folder(path, source, recursive, leave_out)
    if not path.is_file():
        raise FerstudyError(f"{said} is neither a file nor a folder; expected {_EXPECTED}")
    if path.stat().st_size == 0:
        raise FerstudyError(f"{said} is empty; expected an image or a video")
    if path.suffix.lower() in IMAGE_SUFFIXES or _is_picture(path):
        # Read at once, so that a damaged one is told at once; handed over, so that a large one is in memory once.
        read = [read_image(path)]
        return Source("image", source, 0.0, lambda: _image(path, read), 1)
    return _video(source, str(path))


def _is_picture(path: Path) -> bool:
    """Whether a file is a picture by its first bytes, whatever it is called."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path):
                return True
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def _folder(path: Path, source: str, recursive: bool, leave_out: Path | None) -> Source:
    pictures: list[Path] = []
    skipped: list[str] = []
    for place, folders, names in os.walk(path):
        here = Path(place)
        folders[:] = sorted(
            f for f in folders if recursive and not f.startswith(".") and not _same(here / f, leave_out)
        )
        for name in sorted(names):
            if name.startswith(".") or not (here / name).is_file():
                continue
            if name.lower().endswith(IMAGE_SUFFIXES) and not name.endswith(ANNOTATED):
                pictures.append((here / name).relative_to(path))
            elif name != "faces.csv":
                skipped.append(str((here / name).relative_to(path)))
    if not pictures:
        raise FerstudyError(
            f"{printable(source)} holds no image; expected files ending in {', '.join(IMAGE_SUFFIXES)}"
            + ("" if recursive else ", in the folder itself")
        )
    return Source("folder", source, 0.0, lambda: _images(path, pictures), len(pictures), tuple(skipped))


def _same(folder: Path, other: Path | None) -> bool:
    return other is not None and other.is_dir() and folder.samefile(other)


def _image(path: Path, read: list[U8]) -> Iterator[Frame]:
    yield Frame(path.name, 0, read.pop() if read else read_image(path))


def _images(folder: Path, names: list[Path]) -> Iterator[Frame]:
    """Images of a folder; one that cannot be read is said and does not stop the others."""
    for name in names:
        try:
            yield Frame(name.as_posix(), 0, read_image(folder / name))
        except FerstudyError as error:
            yield Frame(name.as_posix(), 0, None, str(error))


def _video(name: str, target: str | int) -> Source:
    import cv2

    capture = _open(cv2, target)
    fps = float(capture.get(cv2.CAP_PROP_FPS)) or 25.0
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    readable, _ = capture.read()
    capture.release()
    if not readable:
        what = f"camera {target}" if isinstance(target, int) else printable(name)
        raise FerstudyError(f"{what} gives no frame; expected a video that OpenCV can decode, or a connected camera")
    kind = "camera" if isinstance(target, int) else "video"
    label = f"camera {target}" if isinstance(target, int) else Path(name).name
    # A container's frame count may be missing or wrong: it only tells a corrupt frame from the end.
    return Source(kind, name, fps, lambda: _frames(_open(cv2, target), cv2, label, count), max(count, 0))


def _open(cv2: Any, target: str | int) -> Any:
    # The decoders' own lines about files that they cannot read would stand beside our one line.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(target)
    finally:
        cv2.utils.logging.setLogLevel(level)


def _frames(capture: Any, cv2: Any, label: str, count: int) -> Iterator[Frame]:
    number, failures = 0, 0
    try:
        while failures < _MAX_CORRUPT_RUN:
            if not capture.grab():
                if number >= count:
                    return
                failures += 1
                yield Frame(label, number, None, f"{printable(label)}: frame {number} is damaged")
            else:
                decoded, image = capture.retrieve()
                failures = 0 if decoded else failures + 1
                if decoded:
                    yield Frame(label, number, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
                else:
                    yield Frame(label, number, None, f"{printable(label)}: frame {number} is damaged")
            number += 1
    finally:
        capture.release()
