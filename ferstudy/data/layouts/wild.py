"""RAF-DB, VEMO and users' own folders on disk: pictures of many people, each once or a few times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ferstudy.data import raf_db, vemo
from ferstudy.data.base import U8
from ferstudy.data.layouts._writing import begin, coloured, noisy, resized, save
from ferstudy.data.synthetic import portraits
from ferstudy.errors import unknown

RAF_DB_FORMS = ("owners", "aligned", "DATASET")
FOLDER_FORMS = ("splits", "classes", "table")
_PICTURES_A_PERSON = 3


def write_raf_db(
    folder: Path,
    train: int = 42,
    test: int = 14,
    scale: float = 0.5,
    label_noise: float = 0.05,
    form: str = "owners",
    seed: int = 0,
) -> Path:
    """Synthetic faces in RAF-DB's layout.

    Args:
        folder: Where to; made if need be.
        train, test: Pictures in each split.
        scale: Size of the pictures relative to the owners' 100 x 100.
        label_noise: Share of labels that are wrong.
        form: One of ``RAF_DB_FORMS``.
        seed: Everything follows from it.

    Returns:
        The folder.

    Raises:
        FerstudyError: No such form.
    """
    if form not in RAF_DB_FORMS:
        raise unknown("form of raf_db", form, RAF_DB_FORMS)
    codes = {name: code for code, name in raf_db.CODES.items()}
    top = folder / "DATASET" if form == "DATASET" else folder
    place = {"owners": "Image/aligned", "aligned": "aligned", "DATASET": "{split}/{code}"}[form]
    begin(folder)
    lines: dict[str, list[str]] = {"train": [], "test": []}
    splits = {"train": train, "test": test}
    for split, number, face, label, _ in _crowd(splits, raf_db.CLASSES, round(100 * scale), label_noise, seed):
        stem, code = f"{split}_{number:05d}", codes[label]
        save(face, top / place.format(split=split, code=code) / f"{stem}_aligned.jpg")
        lines[split].append(f"{stem}_aligned.jpg,{code}" if form == "DATASET" else f"{stem}.jpg {code}")
    if form == "DATASET":
        for split, rows in lines.items():
            (top / f"{split}_labels.csv").write_text("\n".join(["image,label", *rows]) + "\n", encoding="ascii")
        return folder
    beside = folder / "EmoLabel" if form == "owners" else folder
    beside.mkdir(exist_ok=True)
    text = "\n".join(lines["train"] + lines["test"]) + "\n"
    (beside / "list_patition_label.txt").write_text(text, encoding="ascii")
    return folder


def write_vemo(
    folder: Path, train: int = 42, val: int = 14, test: int = 14, label_noise: float = 0.05, seed: int = 0
) -> Path:
    """Synthetic faces in VEMO's layout, in sizes of 40 to 100 pixels and any proportion up to 4 to 3.

    Args:
        folder: Where to; made if need be.
        train, val, test: Pictures in each split.
        label_noise: Share of labels that are wrong.
        seed: Everything follows from it.

    Returns:
        The folder.
    """
    rng = np.random.default_rng(seed)
    begin(folder)
    splits = {"train": train, "val": val, "test": test}
    for split, number, face, label, _ in _crowd(splits, vemo.CLASSES, 96, label_noise, seed):
        width = int(rng.integers(40, 101))
        picture = resized(face, width, round(width * rng.uniform(0.75, 1.34)))
        save(picture, folder / split / label / f"{number:05d}.jpg")
    return folder


def write_folder(
    folder: Path,
    train: int = 28,
    test: int = 14,
    form: str = "splits",
    size: int = 48,
    label_noise: float = 0.0,
    seed: int = 0,
) -> Path:
    """Synthetic faces in the forms in which users bring their own.

    Args:
        folder: Where to; made if need be.
        train, test: Pictures in each split.
        form: ``splits`` for train|test/class/*, ``classes`` for class/*, ``table`` for pictures and ``labels.csv``
            with path, label, split and subject.
        size: Height and width in pixels, 24 to 224.
        label_noise: Share of labels that are wrong.
        seed: Everything follows from it.

    Returns:
        The folder.

    Raises:
        FerstudyError: No such form.
    """
    if form not in FOLDER_FORMS:
        raise unknown("form of folder", form, FOLDER_FORMS)
    begin(folder)
    lines = ["path,label,split,subject"]
    for split, number, face, label, person in _crowd(
        {"train": train, "test": test}, raf_db.CLASSES, size, label_noise, seed
    ):
        name = f"{split}{number:05d}.png"
        place = {"splits": f"{split}/{label}", "classes": label, "table": "pictures"}[form]
        save(face, folder / place / name)
        lines.append(f"{place}/{name},{label},{split},person {person}")
    if form == "table":
        (folder / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _crowd(
    splits: dict[str, int], classes: tuple[str, ...], size: int, label_noise: float, seed: int
) -> Iterator[tuple[str, int, U8, str, int]]:
    """Split, number within it from 1, face in colour (size, size, 3), class name and person; nobody in two splits."""
    rng = np.random.default_rng(seed)
    first_person = 0
    for k, (split, count) in enumerate(splits.items()):
        # Every class is there, however few faces there are.
        shown = rng.permutation(np.arange(count) % len(classes))
        people = rng.integers(0, max(1, count // _PICTURES_A_PERSON), count)
        labels = noisy(shown, len(classes), label_noise, rng)
        faces = portraits([classes[i] for i in shown], people.tolist(), size, seed=seed * 1000 + k)
        for number, (face, label, person) in enumerate(zip(coloured(faces), labels, people, strict=True), 1):
            yield split, number, face, classes[label], int(first_person + person)
        first_person += int(people.max(initial=-1)) + 1
