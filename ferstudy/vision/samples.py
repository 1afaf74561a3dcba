"""Sample material that is always there: one public-domain photo, and the pans and groups made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError
from ferstudy.vision.media import read_image

U8 = npt.NDArray[np.uint8]
_PHOTO = Path(__file__).parents[1] / "assets" / "astronaut.jpg"
WIDTH, HEIGHT = 640, 480
MOST_FACES = 8
# Where the head is in the photo: left, top, right, bottom, with room for a detector around the face.
_HEAD = (125, 0, 325, 205)


def sample_photo() -> U8:
    """NASA's portrait of Eileen Collins: uint8 RGB (512, 512, 3)."""
    return read_image(_PHOTO)


def sample_frames(count: int) -> Iterator[U8]:
    """A camera moving over the photo, there and back: uint8 RGB (480, 640, 3), one at a time.

    Args:
        count: Number of frames.
    """
    from PIL import Image

    photo = Image.fromarray(sample_photo())
    for k in range(count):
        phase = 2 * np.pi * k / max(count, 1)
        width = 400 + 50 * np.cos(phase)
        left, top = 30 + 30 * np.sin(phase), 10 + 10 * np.sin(2 * phase)
        turned = photo.rotate(4 * np.sin(phase), resample=Image.Resampling.BILINEAR, center=(224, 130))
        box = (left, top, left + width, top + width * HEIGHT / WIDTH)
        yield np.asarray(turned.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box))


def sample_group(faces: int) -> U8:
    """The sitter several times in one frame, mirrored and lit differently: uint8 RGB (480, 640, 3).

    Args:
        faces: 1 to 8.

    Raises:
        FerstudyError: Another number.
    """
    from PIL import Image, ImageEnhance, ImageOps

    if not 1 <= faces <= MOST_FACES:
        raise FerstudyError(f"a sample group has 1 to {MOST_FACES} faces, not {faces}")
    head = Image.fromarray(sample_photo()).crop(_HEAD)
    columns = 1 if faces == 1 else 2 if faces <= 2 else 3 if faces <= 6 else 4
    rows = -(-faces // columns)
    scale = min(WIDTH / columns / head.width, HEIGHT / rows / head.height)
    cell = (WIDTH // columns, HEIGHT // rows)
    frame = Image.new("RGB", (WIDTH, HEIGHT), (120, 128, 140))
    for k in range(faces):
        tile = head.resize((int(head.width * scale), int(head.height * scale)), Image.Resampling.LANCZOS)
        tile = ImageEnhance.Brightness(ImageOps.mirror(tile) if k % 2 else tile).enhance(1 - 0.05 * (k % 4))
        left = k % columns * cell[0] + (cell[0] - tile.width) // 2
        frame.paste(tile, (left, k // columns * cell[1] + (cell[1] - tile.height) // 2))
    return np.asarray(frame)


def write_sample_video(path: Path, count: int = 48, fps: float = 24.0) -> None:
    """Write :func:`sample_frames` as a video; the kind follows from the suffix (``.mp4`` or ``.avi``)."""
    import cv2

    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), fps, (WIDTH, HEIGHT))
    for frame in sample_frames(count):
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
