"""Writers of the datasets' own layouts on disk, so that loaders and protocols run anywhere, on any faces."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ferstudy.data.base import FaceDataset
from ferstudy.errors import unknown

FER2013_LAYOUTS = ("fer2013.csv", "icml_face_data.csv", "train_test_csv", "folders", "folders_pooled")


def write_fer2013(data: FaceDataset, folder: Path, layout: str = "fer2013.csv", zipped: bool = False) -> Path:
    """Write faces in one of the forms in which people have FER2013.

    Args:
        data: Faces of 48 x 48 in FER2013's classes and splits.
        folder: Where to; made if need be.
        layout: One of ``FER2013_LAYOUTS``; ``folders_pooled`` leaves the split out of the file names.
        zipped: As ``fer2013.zip`` instead of as it is.

    Returns:
        The folder.

    Raises:
        FerstudyError: Unknown layout.
    """
    if layout not in FER2013_LAYOUTS:
        raise unknown("layout of fer2013", layout, FER2013_LAYOUTS)
    if layout.startswith("folders"):
        files = _tree(data, named=layout == "folders")
    elif layout == "train_test_csv":
        train, test = data.split("Training"), data.split("PublicTest", "PrivateTest")
        files = {"train.csv": _table(train, "emotion,pixels"), "test.csv": _table(test, "emotion,pixels")}
    else:
        header = "emotion,pixels,Usage" if layout == "fer2013.csv" else "emotion, Usage, pixels"
        files = {layout: _table(data, header)}
    folder.mkdir(parents=True, exist_ok=True)
    if zipped:
        with zipfile.ZipFile(folder / "fer2013.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return folder
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def _table(data: FaceDataset, header: str) -> bytes:
    lines = [header]
    for image, label, usage in zip(data.images, data.labels, data.usage, strict=True):
        cells = {"emotion": str(label), "pixels": " ".join(map(str, image.ravel())), "Usage": data.splits[usage]}
        lines.append(",".join(cells[name.strip()] for name in header.split(",")))
    return ("\n".join(lines) + "\n").encode()


def _tree(data: FaceDataset, named: bool) -> dict[str, bytes]:
    import io

    from PIL import Image

    files = {}
    for image, label, usage, row in zip(data.images, data.labels, data.usage, data.rows, strict=True):
        stem = f"{data.splits[usage]}_{row:08d}" if named else f"im{row:08d}"
        png = io.BytesIO()
        Image.fromarray(image).save(png, "png")
        files[f"{'train' if usage == 0 else 'test'}/{data.classes[label]}/{stem}.png"] = png.getvalue()
    return files
