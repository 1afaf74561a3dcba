"""``ferstudy.predict``: the faces of whatever is at hand, with their expressions, by a shipped network, offline."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ferstudy.errors import FerstudyError, lookup
from ferstudy.pretrained import DEFAULT, shipped_networks
from ferstudy.vision.boxes import U8
from ferstudy.vision.detection import ReducedDetector
from ferstudy.vision.drawing import draw
from ferstudy.vision.media import from_pillow, open_source
from ferstudy.vision.networks import OnnxNetwork
from ferstudy.vision.pipeline import DETECTOR, Face, Pipeline
from ferstudy.vision.stream import labelled

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

    from ferstudy.runs import Run

# Pictures that a result keeps to be shown, and their longer side in pixels: a film of hours stays small.
_KEPT, _SIDE = 12, 640


class Predictions(Sequence[Face]):
    """Faces with their expressions, in the order of what was given; a sequence of :class:`Face`.

    In a notebook it shows the first annotated pictures.

    Attributes:
        classes: Class names, in the network's order.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)
        self._faces: list[Face] = []
        self._pictures: list[U8] = []

    def add(self, faces: Iterable[Face], image: U8) -> None:
        """Take in the faces of another picture, RGB (H, W, 3) or grey (H, W)."""
        faces = list(faces)
        self._faces += faces
        if len(self._pictures) < _KEPT:
            self._pictures.append(_small(draw(image, faces)))

    @overload
    def __getitem__(self, index: int) -> Face: ...
    @overload
    def __getitem__(self, index: slice) -> list[Face]: ...
    def __getitem__(self, index: int | slice) -> Face | list[Face]:
        return self._faces[index]

    def __len__(self) -> int:
        return len(self._faces)

    def __repr__(self) -> str:
        lines = [f"{face.source}{', ' if face.source else ''}{face}" for face in self._faces[:20]]
        more = [f"... and {len(self) - 20:,} more"] if len(self) > 20 else []
        return "\n".join([*lines, *more]) or "no face found"

    def to_frame(self) -> pd.DataFrame:
        """A row a face: ``source``, ``frame``, ``track``, the box, ``label``, ``confidence``, and a column a class."""
        import pandas as pd

        rows = [
            {
                "source": face.source,
                "frame": face.frame,
                "track": face.track,
                **{side: getattr(face.box, side) for side in ("x", "y", "width", "height")},
                "label": face.label,
                "confidence": face.confidence,
                **face.probabilities,
            }
            for face in self._faces
        ]
        columns = ["source", "frame", "track", "x", "y", "width", "height", "label", "confidence", *self.classes]
        return pd.DataFrame(rows, columns=columns).astype({"track": "Int64"})

    def picture(self) -> Image.Image:
        """The first annotated pictures, side by side and one below the other."""
        from PIL import Image

        if not self._pictures:
            return Image.new("RGB", (_SIDE, _SIDE // 4), "white")
        columns = min(len(self._pictures), 3)
        width, height = (max(p.shape[axis] for p in self._pictures) for axis in (1, 0))
        sheet = Image.new("RGB", (columns * width, -(-len(self._pictures) // columns) * height), "white")
        for k, picture in enumerate(self._pictures):
            sheet.paste(Image.fromarray(picture), (k % columns * width, k // columns * height))
        return sheet

    def show(self) -> None:
        """Show :meth:`picture`: in a notebook below the cell, else in the system's viewer."""
        try:
            from IPython import get_ipython

            notebook = get_ipython() is not None
        except ImportError:
            notebook = False
        if notebook:
            from IPython.display import display

            display(self.picture())
        else:
            self.picture().show()

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.picture().save(buffer, "png")
        return buffer.getvalue()


def _small(image: U8) -> U8:
    """A picture with a longer side of at most ``_SIDE`` pixels."""
    import cv2

    height, width = image.shape[:2]
    factor = max(height, width) / _SIDE
    if factor <= 1:
        return image
    return np.asarray(cv2.resize(image, (max(round(width / factor), 1), max(round(height / factor), 1)),
                                 interpolation=cv2.INTER_AREA), np.uint8)  # fmt: skip


def open_pipeline(run: Run | str | None = None, detector: str = DETECTOR, min_size: int | None = None) -> Pipeline:
    """Detector and network by their names; of a shipped run nothing but ONNX Runtime is loaded.

    Args:
        run: A run, which torch serves, or the name of a shipped one; the best of these where not given.
        detector: ``mtcnn`` or ``haar``.
        min_size: Smallest face in pixels; a 24th of a picture's shorter side, at least 40, where not given.

    Raises:
        FerstudyError: A name is unknown, or the run has no weights.
    """
    if run is not None and not isinstance(run, str):
        return Pipeline.from_run(run, detector, min_size)
    finder, name = ReducedDetector(detector, min_size), run or DEFAULT
    return Pipeline.from_onnx(OnnxNetwork(lookup("shipped run", name, shipped_networks())), finder)


def predict(
    source: Any,
    run_name: str | None = None,
    detector: str = DETECTOR,
    *,
    min_size: int | None = None,
    min_confidence: float = 0.0,
    smooth: int = 0,
    detect_every: int = 1,
    recursive: bool = False,
) -> Predictions:
    """The faces of pictures or a film with their expressions, by a shipped network; works offline.

    Args:
        source: A picture's or film's path, a folder, a PIL picture, an array, or a list of any of these. Arrays are RGB
            (H, W, 3), RGBA (H, W, 4) or grey (H, W) or (H, W, 1), integers of 0 to 255 or floats of 0 to 1; one of four
            dimensions is a list of pictures.
        run_name: One of the shipped runs; the best where not given.
        detector: ``mtcnn`` or ``haar``.
        min_size: Smallest face in pixels; a 24th of a picture's shorter side, at least 40, where not given.
        min_confidence: Faces whose likeliest class is less probable than this, 0 to 1, are left out.
        smooth, detect_every: Of films, as :class:`~ferstudy.vision.tracking.Tracker` has them.
        recursive: Of a folder, whether the folders in it are looked through, too.

    Raises:
        FerstudyError: A file or array is no picture, or a name is unknown.
    """
    pipeline = open_pipeline(run_name, detector, min_size)
    found = Predictions(pipeline.classes)
    for number, item in enumerate(_items(source)):
        if isinstance(item, (str, Path)):
            opened = open_source(str(item), recursive)
            for frame, faces in labelled(pipeline, opened, None, smooth, detect_every, min_confidence):
                if frame.image is not None:
                    found.add(faces, frame.image)
                elif not opened.moves:
                    raise FerstudyError(frame.problem)
        else:
            image = as_picture(item)
            faces = [replace(face, frame=number) for face in pipeline.process(image)]
            found.add((face for face in faces if face.confidence >= min_confidence), image)
    return found


def _items(source: Any) -> Iterator[Any]:
    """The pictures, paths or arrays in what was given."""
    if isinstance(source, (list, tuple)):
        for item in source:
            yield from _items(item)
    elif isinstance(source, np.ndarray) and source.ndim == 4:
        yield from source
    else:
        yield source


def as_picture(image: Any) -> U8:
    """An array or PIL picture as uint8 RGB (H, W, 3) or grey (H, W).

    Raises:
        FerstudyError: It is no picture.
    """
    if hasattr(image, "convert") and hasattr(image, "getbands"):
        return from_pillow(image)
    if not isinstance(image, np.ndarray):
        raise FerstudyError(
            f"predict: expected a path, a picture, an array or a list of these, got {type(image).__name__}"
        )
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (3, 4)) or 0 in image.shape:
        raise FerstudyError(f"predict: expected an array of (H, W), (H, W, 3) or (H, W, 4), got {image.shape}")
    pixels = _bytes(image)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        opacity = pixels[..., 3:].astype(np.float32) / 255
        pixels = (pixels[..., :3] * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
    return np.ascontiguousarray(pixels)


def _bytes(image: np.ndarray) -> U8:
    """Values as bytes: integers of 0 to 255 as they are, floats of 0 to 1 enlarged."""
    if image.dtype == np.uint8:
        return image
    kind, highest = image.dtype.kind, {"u": 255, "i": 255, "f": 1}.get(image.dtype.kind)
    if highest is None or not np.isfinite(image).all() or image.min() < 0 or image.max() > highest:
        raise FerstudyError(
            f"predict: expected integers from 0 to 255 or floats from 0 to 1, got {image.dtype} with values "
            + (f"from {image.min()} to {image.max()}" if kind in "uif" else "that are no brightness")
        )
    return (image * 255).round().astype(np.uint8) if kind == "f" else image.astype(np.uint8)
