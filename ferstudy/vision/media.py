"""Pictures, folders, videos and cameras as one stream of RGB frames."""

from __future__ import annotations

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
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif")
# Decoders give up on a broken stream one frame at a time; so many failures in a row are its end.
_MAX_CORRUPT_RUN = 25


@dataclass(frozen=True)
class Frame:
    """One picture of a source.

    Attributes:
        name: File it comes from, or ``camera N``.
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
    """

    kind: str
    name: str
    fps: float
    frames: Callable[[], Iterator[Frame]]


def read_image(path: Path) -> U8:
    """A picture file as RGB, whatever it holds: turned as its EXIF says, 16 bits scaled to 8, transparency on white.

    Returns:
        uint8 (H, W, 3).

    Raises:
        FerstudyError: Missing, empty, damaged or no picture.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
            image.load()
    except FileNotFoundError as error:
        raise FerstudyError(
            f"{path} does not exist; expected an image, a folder, a video or a camera's number"
        ) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FerstudyError(f"{path} is not a readable image (damaged, cut off, or another kind of file)") from error
    if image.mode.startswith(("I", "F")):
        return _from_deep(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.asarray(image.convert("RGB"))


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


def open_source(source: str) -> Source:
    """An image, a folder of images, a video or a camera, by what its name turns out to be.

    Args:
        source: A path, or a camera's number.

    Raises:
        FerstudyError: Nothing there, a folder without images, or a file that is neither image nor video.
    """
    path = Path(source)
    if source.isdigit() and not path.exists():
        return _video(source, int(source))
    if path.is_dir():
        files = sorted(f for f in path.iterdir() if f.suffix.lower() in IMAGE_SUFFIXES and f.is_file())
        if not files:
            raise FerstudyError(f"{path} holds no image; expected files ending in {', '.join(IMAGE_SUFFIXES)}")
        return Source("folder", source, 0.0, lambda: _images(files))
    if not path.exists():
        raise FerstudyError(f"{path} does not exist; expected an image, a folder, a video or a camera's number")
    if path.stat().st_size == 0:
        raise FerstudyError(f"{path} is empty; expected an image or a video")
    if path.suffix.lower() in IMAGE_SUFFIXES:
        image = read_image(path)
        return Source("image", source, 0.0, lambda: iter([Frame(path.name, 0, image)]))
    return _video(source, str(path))


def _images(files: list[Path]) -> Iterator[Frame]:
    """Images of a folder; one that cannot be read is said and does not stop the others."""
    for file in files:
        try:
            yield Frame(file.name, 0, read_image(file))
        except FerstudyError as error:
            yield Frame(file.name, 0, None, str(error))


def _video(name: str, target: str | int) -> Source:
    import cv2

    capture = _open(cv2, target)
    fps = float(capture.get(cv2.CAP_PROP_FPS)) or 25.0
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    readable, _ = capture.read()
    capture.release()
    if not readable:
        what = f"camera {target}" if isinstance(target, int) else name
        raise FerstudyError(f"{what} gives no frame; expected a video that OpenCV can decode, or a connected camera")
    kind = "camera" if isinstance(target, int) else "video"
    label = f"camera {target}" if isinstance(target, int) else Path(name).name
    # A container's frame count may be missing or wrong: it only tells a corrupt frame from the end.
    return Source(kind, name, fps, lambda: _frames(_open(cv2, target), cv2, label, count))


def _open(cv2: Any, target: str | int) -> Any:
    # OpenCV's own warnings about files it cannot read would stand beside our one line.
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
                yield Frame(label, number, None, f"{label}: frame {number} is damaged")
            else:
                decoded, image = capture.retrieve()
                failures = 0 if decoded else failures + 1
                if decoded:
                    yield Frame(label, number, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
                else:
                    yield Frame(label, number, None, f"{label}: frame {number} is damaged")
            number += 1
    finally:
        capture.release()
