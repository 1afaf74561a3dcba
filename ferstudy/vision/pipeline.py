"""The real-time pipeline of lite_xception (section 2.2, Figs. 2, 3 and 5): detect, crop, prepare, classify, draw.

The crop is the detector's own square without a margin: FER2013's faces are cut that tightly, and a peer that widens the
box by 10 pixels a side falls from 65 % to 50 % on them.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ferstudy.colours import rgb
from ferstudy.data.preparation import Preparation, scale, to_unit
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import softmax
from ferstudy.runs import Run
from ferstudy.vision.detection import Box, Detector, crop, get_detector
from ferstudy.vision.media import Frame, Source

U8 = npt.NDArray[np.uint8]
STAGES = ("read", "detect", "prepare", "classify", "draw", "write")


@dataclass(frozen=True)
class Face:
    """A face and what its expression seems to be.

    Attributes:
        box: Where it is.
        label: The likeliest class.
        confidence: Its probability, 0 to 1.
        probabilities: (K,) of all classes, in the pipeline's order.
    """

    box: Box
    label: str
    confidence: float
    probabilities: tuple[float, ...]


@dataclass
class Summary:
    """What a source held and what it cost.

    Attributes:
        frames: Pictures processed.
        faces: Faces found.
        frames_without_face: Pictures in which none was found.
        corrupt_frames: Pictures that could not be decoded.
        problems: Why not, a line each, the first ten.
        seconds: By stage.
        files: What was written.
    """

    frames: int = 0
    faces: int = 0
    frames_without_face: int = 0
    corrupt_frames: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    files: list[str] = field(default_factory=list)

    @property
    def frames_per_second(self) -> float:
        """Over all stages."""
        return self.frames / max(sum(self.seconds.values()), 1e-9)

    def milliseconds(self) -> dict[str, float]:
        """Milliseconds a frame by stage."""
        return {stage: 1000 * s / max(self.frames, 1) for stage, s in self.seconds.items()}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "frames_per_second": self.frames_per_second}

    def __str__(self) -> str:
        lines = [f"{self.faces} faces in {self.frames} frames, {self.frames_per_second:.1f} frames a second"]
        if self.frames_without_face:
            lines.append(f"no face found in {self.frames_without_face} frames")
        if self.corrupt_frames:
            lines += [f"{self.corrupt_frames} frames could not be read", *(f"  {p}" for p in self.problems)]
        lines.append("milliseconds a frame: " + ", ".join(f"{k} {v:.1f}" for k, v in self.milliseconds().items()))
        return "\n".join([*lines, *(f"wrote {file}" for file in self.files)])


class Pipeline:
    """Detector and network, from a picture to labelled faces.

    Args:
        model: Network on the CPU or GPU, in evaluation mode.
        preparation: As it was trained.
        classes: Its classes in label order.
        detector: What finds the faces.
    """

    def __init__(self, model: nn.Module, preparation: Preparation, classes: Sequence[str], detector: Detector) -> None:
        self.model = model.eval().to(memory_format=torch.channels_last)
        self.preparation = preparation
        self.classes = tuple(classes)
        self.detector = detector
        self.seconds = dict.fromkeys(STAGES, 0.0)

    @classmethod
    def from_run(cls, run: Run, detector: str = "haar") -> Pipeline:
        """The pipeline of a run with weights.

        Raises:
            FerstudyError: The run has no weights, or no detector has this name.
        """
        return cls(run.load_model(), run.recipe.preparation, run.status["classes"], get_detector(detector))

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds of a block to a stage."""
        started = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - started

    def detect(self, image: U8) -> list[Box]:
        """Faces of an RGB (H, W, 3) or grey (H, W) picture, the largest first."""
        with self.timed("detect"):
            return self.detector.detect(image)

    @torch.inference_mode()
    def classify(self, faces: Sequence[U8]) -> npt.NDArray[np.float64]:
        """Probabilities of already cropped faces in one pass.

        Args:
            faces: uint8 (S, S, 3) or (S, S), each of its own size.

        Returns:
            (N, K) float64.
        """
        if not faces:
            return np.empty((0, len(self.classes)))
        device = next(self.model.parameters()).device
        with self.timed("prepare"):
            unit = [to_unit(torch.from_numpy(np.array(face))[None], self.preparation) for face in faces]
            x = scale(torch.cat(unit), self.preparation).to(device, memory_format=torch.channels_last)
        with self.timed("classify"):
            return softmax(self.model(x).float().cpu().numpy())

    def process(self, image: U8) -> list[Face]:
        """The faces of an RGB (H, W, 3) or grey (H, W) picture with their expressions, the largest first."""
        boxes = self.detect(image)
        probabilities = self.classify([crop(image, box) for box in boxes])
        return [
            Face(box, self.classes[row.argmax()], float(row.max()), tuple(map(float, row)))
            for box, row in zip(boxes, probabilities, strict=True)
        ]


def draw(image: U8, faces: Sequence[Face]) -> U8:
    """A copy of a picture with each face's box, label and percentage, as in the paper's Fig. 5.

    Args:
        image: RGB (H, W, 3) or grey (H, W).
        faces: From :meth:`Pipeline.process`.

    Returns:
        uint8 RGB (H, W, 3).
    """
    from PIL import Image, ImageDraw, ImageFont

    canvas = Image.fromarray(image).convert("RGB")
    pen = ImageDraw.Draw(canvas)
    stroke = max(3, round(min(canvas.size) / 160))
    for face in faces:
        colour, box = rgb(face.label), face.box
        pen.rectangle((box.x, box.y, box.x + box.width, box.y + box.height), outline=colour, width=stroke)
        text = f"{face.label} {100 * face.confidence:.0f} %"
        # As wide as the face, legible when that is small, and never wider than the picture.
        size = float(np.clip(box.width / 7, 13, 34))
        font = ImageFont.load_default(size)
        left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
        width, height, pad = right - left, bottom - top, round(size / 4)
        x = min(max(box.x, 0), max(canvas.width - width - 2 * pad, 0))
        y = box.y - height - 2 * pad
        y = y if y >= 0 else min(max(box.y, 0), max(canvas.height - height - 2 * pad, 0))
        pen.rectangle((x, y, x + width + 2 * pad, y + height + 2 * pad), fill=colour)
        ink = "black" if sum(colour) > 380 else "white"
        pen.text((x + pad - left, y + pad - top), text, fill=ink, font=font)
    return np.asarray(canvas)


class _Output:
    """The annotated pictures or video and the table of faces, in a hidden folder until they are whole."""

    def __init__(self, source: Source, folder: Path, classes: Sequence[str]) -> None:
        self.source = source
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
        except OSError as error:
            raise FerstudyError(f"cannot write to {folder} ({error.strerror}); choose another --out") from error
        self._table = (self.temporary / "faces.csv").open("w", newline="", encoding="utf-8")
        self._rows = csv.writer(self._table)
        self._rows.writerow(["source", "frame", "x", "y", "width", "height", "label", "confidence", *classes])
        self._video: Any = None
        self._size = (0, 0)

    def write(self, frame: Frame, annotated: U8, faces: Sequence[Face]) -> None:
        for face in faces:
            box = face.box
            numbers = [f"{v:.6f}" for v in (face.confidence, *face.probabilities)]
            row = [frame.name, frame.number, box.x, box.y, box.width, box.height, face.label, *numbers]
            self._rows.writerow(row)
        if self.source.kind in ("image", "folder"):
            from PIL import Image

            Image.fromarray(annotated).save(self.temporary / f"{Path(frame.name).name}.annotated.png")
            return
        import cv2

        height, width = annotated.shape[:2]
        if self._video is None:
            self._size = (width, height)
            path = str(self.temporary / "annotated.mp4")
            self._video = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"mp4v"), self.source.fps, self._size)
        image = annotated if (width, height) == self._size else cv2.resize(annotated, self._size)
        self._video.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))

    def finish(self) -> list[str]:
        self._close()
        files = []
        for path in sorted(self.temporary.iterdir()):
            os.replace(path, self.folder / path.name)
            files.append(str(self.folder / path.name))
        return files

    def _close(self) -> None:
        self._table.close()
        if self._video is not None:
            self._video.release()

    def discard(self) -> None:
        self._close()
        shutil.rmtree(self.temporary, ignore_errors=True)


def run(pipeline: Pipeline, source: Source, out: Path, limit: int | None = None) -> Summary:
    """Process a source and write its annotated pictures or video and ``faces.csv``, a row a face.

    Memory does not grow with the length of a video. Interrupting a camera keeps what was seen so far.

    Args:
        pipeline: Detector and network.
        source: From :func:`ferstudy.vision.media.open_source`.
        out: Folder for the results.
        limit: Stop after so many frames; ``None`` for the source's end.

    Raises:
        FerstudyError: The folder cannot be written, or no frame of the source could be read.
    """
    summary = Summary()
    pipeline.seconds = summary.seconds
    output = _Output(source, out, pipeline.classes)
    try:
        try:
            _process(pipeline, source, output, summary, limit)
        except KeyboardInterrupt:
            if source.kind != "camera":
                raise
        if not summary.frames:
            raise FerstudyError(
                f"{source.name}: no frame could be read; {'; '.join(summary.problems) or 'it is empty'}"
            )
        summary.files = output.finish()
    finally:
        output.discard()
    return summary


def _process(pipeline: Pipeline, source: Source, output: _Output, summary: Summary, limit: int | None) -> None:
    frames = source.frames()
    while limit is None or summary.frames + summary.corrupt_frames < limit:
        with pipeline.timed("read"):
            frame = next(frames, None)
        if frame is None:
            return
        if frame.image is None:
            summary.corrupt_frames += 1
            summary.problems = [*summary.problems, frame.problem][:10]
            continue
        faces = pipeline.process(frame.image)
        with pipeline.timed("draw"):
            annotated = draw(frame.image, faces)
        with pipeline.timed("write"):
            output.write(frame, annotated, faces)
        summary.frames += 1
        summary.faces += len(faces)
        summary.frames_without_face += not faces


def predict(image: U8 | str | Path, run_name: str | None = None, detector: str = "haar") -> list[Face]:
    """The faces of a picture with their expressions, by a shipped network; works offline.

    Args:
        image: uint8 RGB (H, W, 3) or grey (H, W), or a picture file.
        run_name: One of the shipped runs; the best where not given.
        detector: ``haar`` or ``mtcnn``.

    Raises:
        FerstudyError: The file is no picture, or a name is unknown.
    """
    from ferstudy.pretrained import DEFAULT, load_pretrained
    from ferstudy.vision.media import read_image

    pixels = read_image(Path(image)) if isinstance(image, (str, Path)) else image
    return Pipeline.from_run(load_pretrained(run_name or DEFAULT), detector).process(pixels)
