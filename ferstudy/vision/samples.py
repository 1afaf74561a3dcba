"""Sample material that is always there: one public-domain photo, and the pans and groups made of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import Box
from ferstudy.vision.media import read_image

U8 = npt.NDArray[np.uint8]
PHOTO = Path(__file__).parents[1] / "assets" / "astronaut.jpg"
WIDTH, HEIGHT = 640, 480
MOST_FACES = 8
# Where the head is in the photo: left, top, right, bottom, with room for a detector around the face.
_HEAD = (125, 0, 325, 205)
# Brow to chin and temple to temple of the sitter, read off the photo.
FACE = Box(180, 70, 90, 105)


def sample_photo() -> U8:
    """NASA's portrait of Eileen Collins: uint8 RGB (512, 512, 3)."""
    return read_image(PHOTO)


def sample_frames(count: int) -> Iterator[U8]:
    """A camera moving over the photo, there and back: uint8 RGB (480, 640, 3), one at a time.

    Args:
        count: Number of frames.
    """
    from PIL import Image

    photo = Image.fromarray(sample_photo())
    for k in range(count):
        left, top, width, angle = _camera(k, count)
        turned = photo.rotate(angle, resample=Image.Resampling.BILINEAR, center=(224, 130))
        box = (left, top, left + width, top + width * HEIGHT / WIDTH)
        yield np.asarray(turned.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box))


def _camera(k: int, count: int) -> tuple[float, float, float, float]:
    """Where the camera looks at in a frame: left, top and width in the photo, and the angle in degrees."""
    phase = 2 * np.pi * k / max(count, 1)
    return 30 + 30 * np.sin(phase), 10 + 10 * np.sin(2 * phase), 400 + 50 * np.cos(phase), 4 * np.sin(phase)


def sample_group(faces: int, alike: bool = False) -> U8:
    """The sitter several times in one frame: uint8 RGB (480, 640, 3).

    Args:
        faces: 1 to 8.
        alike: All heads the same, as large as in a group of eight, so that groups differ in their number of faces
            alone; else as large as the frame allows, every other one mirrored, and lit differently.

    Raises:
        FerstudyError: Another number.
    """
    from PIL import Image, ImageEnhance, ImageOps

    if not 1 <= faces <= MOST_FACES:
        raise FerstudyError(f"a sample group has 1 to {MOST_FACES} faces, not {faces}")
    head = Image.fromarray(sample_photo()).crop(_HEAD)
    frame = Image.new("RGB", (WIDTH, HEIGHT), (120, 128, 140))
    for k, (left, top, scale) in enumerate(islice(_places(MOST_FACES if alike else faces), faces)):
        tile = head.resize((int(head.width * scale), int(head.height * scale)), Image.Resampling.LANCZOS)
        if not alike:
            tile = ImageEnhance.Brightness(ImageOps.mirror(tile) if k % 2 else tile).enhance(1 - 0.05 * (k % 4))
        frame.paste(tile, (left, top))
    return np.asarray(frame)


def _places(faces: int) -> Iterator[tuple[int, int, float]]:
    """Left, top and scale of each head of a group."""
    width, height = _HEAD[2] - _HEAD[0], _HEAD[3] - _HEAD[1]
    columns = 1 if faces == 1 else 2 if faces <= 2 else 3 if faces <= 6 else 4
    rows = -(-faces // columns)
    scale = min(WIDTH / columns / width, HEIGHT / rows / height)
    cell = (WIDTH // columns, HEIGHT // rows)
    for k in range(faces):
        left = k % columns * cell[0] + (cell[0] - int(width * scale)) // 2
        yield left, k // columns * cell[1] + (cell[1] - int(height * scale)) // 2, scale


def known_faces(
    pans: int = 24, sizes: tuple[int, ...] = (512, 1000, 2000, 4000)
) -> Iterator[tuple[str, U8, list[Box]]]:
    """Pictures whose faces are known, one at a time: what they show, uint8 RGB (H, W, 3), and the faces.

    Args:
        pans: Frames of the camera's move.
        sizes: Sides of the enlarged photo in pixels; the suit below the face, which holds none, comes at each, too.
    """
    from PIL import Image

    photo = Image.fromarray(sample_photo())
    for side in sizes:
        enlarged = photo.resize((side, side), Image.Resampling.BICUBIC)
        yield "photo", np.asarray(enlarged), [FACE.scaled(side / photo.width)]
        yield "suit", np.asarray(enlarged.crop((0, side // 2, side, side))), []
    for faces in range(1, MOST_FACES + 1):
        x, y = FACE.x - _HEAD[0], FACE.y - _HEAD[1]
        # Mirrored heads have theirs at the same place: it is in the middle.
        boxes = [
            Box(round(left + scale * x), round(top + scale * y), round(scale * FACE.width), round(scale * FACE.height))
            for left, top, scale in _places(faces)
        ]
        yield "group", sample_group(faces), boxes
    for k, frame in enumerate(sample_frames(pans)):
        left, top, width, _ = _camera(k, pans)
        moved = Box(round(FACE.x - left), round(FACE.y - top), FACE.width, FACE.height)
        yield "film", frame, [moved.scaled(WIDTH / width)]


def write_sample_video(path: Path, count: int = 48, fps: float = 24.0) -> None:
    """Write :func:`sample_frames` as a video; the kind follows from the suffix (``.mp4`` or ``.avi``)."""
    import cv2

    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), fps, (WIDTH, HEIGHT))
    for frame in sample_frames(count):
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
