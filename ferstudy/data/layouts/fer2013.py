"""FER2013 and FER+ on disk."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ferstudy.data import fer2013, ferplus
from ferstudy.data.base import I64, U8, FaceDataset
from ferstudy.data.cache import content_fingerprint
from ferstudy.data.layouts._writing import begin, noisy
from ferstudy.data.pixel_tables import SIDE
from ferstudy.data.synthetic import make, portraits
from ferstudy.errors import unknown

FER2013_LAYOUTS = (
    "fer2013.csv",
    "icml_face_data.csv",
    "train_test_csv",
    "folders",
    "folders_pooled",
    "folders_official",
    "folders_train_val_test",
    "folders_train_validation",
    "fer2013.parquet",
    "parquet_splits",
)
# The words of copies for the three splits.
_WORDS = {"Training": "train", "PublicTest": "val", "PrivateTest": "test"}


def write_fer2013(data: FaceDataset, folder: Path, layout: str = "fer2013.csv", zipped: bool = False) -> Path:
    """Write any faces in one of the forms in which people have FER2013.

    Args:
        data: Faces of 48 x 48 in FER2013's classes and splits.
        folder: Where to; made if need be.
        layout: One of ``FER2013_LAYOUTS``. File names carry the split in ``folders`` only; ``folders_official`` has it
            as the name of the folder, ``folders_pooled`` and ``folders_train_val_test`` as the folders' words say.
            ``folders_train_validation`` is split anew at random and names pictures after their rows;
            ``parquet_splits`` has encoded pictures, and Training in two parts.
        zipped: As ``fer2013.zip`` instead of as it is.

    Returns:
        The folder.

    Raises:
        FerstudyError: Unknown layout.
    """
    if layout not in FER2013_LAYOUTS:
        raise unknown("layout of fer2013", layout, FER2013_LAYOUTS)
    if layout.startswith("folders"):
        files = _tree(data, layout)
    elif layout == "fer2013.parquet":
        files = {layout: _parquet_table(data)}
    elif layout == "parquet_splits":
        files = _parquet_splits(data)
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
    folder: Path,
    train: int = 42,
    public: int = 14,
    private: int = 14,
    label_noise: float = 0.08,
    form: str = "fer2013.csv",
    seed: int = 0,
) -> Path:
    """Synthetic faces as FER2013.

    Args:
        folder: Where to; made if need be.
        train, public, private: Faces in each split.
        label_noise: Share of labels that are wrong.
        form: One of ``FER2013_LAYOUTS``.
        seed: Everything follows from it.

    Returns:
        The folder.

    Raises:
        FerstudyError: No such form.
    """
    return write_fer2013(make(train, public, private, seed=seed, label_noise=label_noise), folder, form)


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


def _tree(data: FaceDataset, layout: str) -> dict[str, bytes]:
    # Where Kaggle's tree is split anew, a fifth of all rows is for validation.
    validation = np.random.default_rng(0).random(len(data)) < 0.2
    files = {}
    for image, label, usage, row in zip(data.images, data.labels, data.usage, data.rows, strict=True):
        split = data.splits[usage]
        part, stem = {
            "folders": ("train" if usage == 0 else "test", f"{split}_{row:08d}"),
            "folders_pooled": ("train" if usage == 0 else "test", f"im{row:08d}"),
            "folders_official": (split, f"im{row:08d}"),
            "folders_train_val_test": (_WORDS[split], f"im{row:08d}"),
            "folders_train_validation": (f"images/{'validation' if validation[row] else 'train'}", str(row)),
        }[layout]
        files[f"{part}/{data.classes[label]}/{stem}.png"] = _png(image)
    return files


def _png(image: U8) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(image).save(content, "png")
    return content.getvalue()


def _parquet_table(data: FaceDataset) -> bytes:
    import pyarrow

    columns = {
        "emotion": data.labels.tolist(),
        "pixels": [" ".join(map(str, image.ravel())) for image in data.images],
        "Usage": [data.splits[usage] for usage in data.usage],
    }
    return _parquet(pyarrow.table(columns))


def _parquet_splits(data: FaceDataset) -> dict[str, bytes]:
    import pyarrow

    # Class numbers in the order of the alphabet, as those who make such files from folders get them.
    words = sorted(data.classes)
    features = {"image": {"_type": "Image"}, "label": {"names": words, "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    files = {}
    for split, word in _WORDS.items():
        rows = np.flatnonzero(data.usage == data.splits.index(split))
        parts = np.array_split(rows, 2 if split == "Training" else 1)
        for number, part in enumerate(parts):
            columns = {
                "image": [{"bytes": _png(data.images[row]), "path": f"{row}.png"} for row in part],
                "label": [words.index(data.classes[data.labels[row]]) for row in part],
            }
            name = "validation" if word == "val" else word
            table = pyarrow.table(columns).replace_schema_metadata(metadata)
            files[f"data/{name}-{number:05d}-of-{len(parts):05d}.parquet"] = _parquet(table)
    return files


def _parquet(table: Any) -> bytes:
    from pyarrow import parquet

    content = io.BytesIO()
    parquet.write_table(table, content)
    return content.getvalue()
