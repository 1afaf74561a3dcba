"""FER2013 and FER+ on disk."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from ferstudy.data import fer2013, ferplus
from ferstudy.data.base import I64, FaceDataset
from ferstudy.data.cache import content_fingerprint
from ferstudy.data.layouts._writing import begin, noisy
from ferstudy.data.pixel_tables import SIDE
from ferstudy.data.synthetic import make, portraits
from ferstudy.errors import unknown

FER2013_LAYOUTS = ("fer2013.csv", "icml_face_data.csv", "train_test_csv", "folders", "folders_pooled")


def write_fer2013(data: FaceDataset, folder: Path, layout: str = "fer2013.csv", zipped: bool = False) -> Path:
    """Write any faces in one of the forms in which people have FER2013.

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
    begin(folder, stand_in=not data.real)
    if zipped:
        with zipfile.ZipFile(folder / "fer2013.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return folder
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def write_fer2013_faces(
    folder: Path, train: int = 42, public: int = 14, private: int = 14, label_noise: float = 0.08, seed: int = 0
) -> Path:
    """Synthetic faces as ``fer2013.csv``.

    Args:
        folder: Where to; made if need be.
        train, public, private: Faces in each split.
        label_noise: Share of labels that are wrong.
        seed: Everything follows from it.

    Returns:
        The folder.
    """
    return write_fer2013(make(train, public, private, seed=seed, label_noise=label_noise), folder)


def write_ferplus(
    folder: Path,
    train: int = 42,
    public: int = 14,
    private: int = 14,
    label_noise: float = 0.15,
    doubt: float = 0.25,
    seed: int = 0,
) -> Path:
    """Synthetic faces as FER2013, labelled anew by ten people as FER+.

    FER2013 has no contempt: faces that show it are neutral there. The first row of each split has no image name, as
    some rows of the real file have none.

    Args:
        folder: Where to; made if need be.
        train, public, private: Faces in each split.
        label_noise: Share of FER2013's labels that are wrong; votes do not follow them.
        doubt: Share of votes for anything but what the face shows, more than 0 and less than 1: most for a second
            emotion that it looks like, some for "unknown" and "NF".
        seed: Everything follows from it.

    Returns:
        The folder, with ``fer2013.csv`` and ``fer2013new.csv``.
    """
    rng = np.random.default_rng(seed)
    usage = np.repeat(np.arange(3), (train, public, private)).astype(np.uint8)
    shown = rng.integers(0, len(ferplus.CLASSES), len(usage))
    names = [ferplus.CLASSES[k] for k in shown]
    # Nobody is in two splits.
    people = usage.astype(int) * len(usage) + rng.integers(0, max(2, len(usage) // 8), len(usage))
    faces = portraits(names, np.unique(people, return_inverse=True)[1].tolist(), size=SIDE, seed=seed)
    old = np.array([fer2013.CLASSES.index("neutral" if name == "contempt" else name) for name in names])
    labels = noisy(old, len(fer2013.CLASSES), label_noise, rng)
    data = FaceDataset(
        name="synthetic",
        classes=fer2013.CLASSES,
        images=faces,
        labels=labels,
        usage=usage,
        splits=fer2013.SPLITS[:3],
        rows=np.arange(len(usage), dtype=np.int64),
        fingerprint=content_fingerprint(faces, labels, usage),
        real=False,
    )
    write_fer2013(data, folder)
    lines = [",".join(("Usage", "Image name", *ferplus.COLUMNS))]
    first = np.isin(np.arange(len(usage)), np.unique(usage, return_index=True)[1])
    for row, votes in enumerate(_votes(shown, doubt, rng)):
        image = "" if first[row] else f"fer{row:07d}.png"
        lines.append(",".join((fer2013.SPLITS[usage[row]], image, *map(str, votes))))
    (folder / "fer2013new.csv").write_text("\n".join(lines) + "\n", encoding="ascii")
    return folder


def _votes(shown: I64, doubt: float, rng: np.random.Generator) -> I64:
    """Ten votes a face, (N, 10). Some faces are plain, some look like two emotions."""
    n = len(shown)
    votes = np.zeros((n, len(ferplus.COLUMNS)), np.int64)
    unclear = rng.beta(2 * doubt, 2 * (1 - doubt), n)
    second = (shown + rng.integers(1, len(ferplus.CLASSES), n)) % len(ferplus.CLASSES)
    for _ in range(10):
        anything = rng.choice(len(ferplus.COLUMNS), n, p=[0.1] * 8 + [0.15, 0.05])
        mistaken = np.where(rng.random(n) < 0.6, second, anything)
        vote = np.where(rng.random(n) < unclear, mistaken, shown)
        np.add.at(votes, (np.arange(n), vote), 1)
    return votes


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
