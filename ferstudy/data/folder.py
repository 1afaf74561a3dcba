"""What a user brings: pictures in a folder a class, or a table of pictures and labels.

Understood:

- ``<split>/<class>/*``, where at least one folder is named like a split (train, val, test and their like);
- ``<class>/*``, at least two classes;
- a CSV file with a header: a column of paths and one of labels, and perhaps split, subject, sequence and frame.

Where every class is an emotion (anger, Angry, sadness), classes get the names and the order of
:data:`ferstudy.data.emotions.EMOTIONS`; else they keep their names, in natural order.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.emotions import EMOTIONS, emotion
from ferstudy.data.pictures import Listing, Picture, face_crop, read_pictures, some
from ferstudy.data.places import SPLIT_WORDS, files, locate, natural, pictures, subfolders
from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    from ferstudy.data.faces import FaceCrop

INFO = DatasetInfo(
    name="folder",
    # The names and the order of classes that are emotions; any others keep their own.
    classes=EMOTIONS,
    splits=("All",),
    images=0,
    licence="the user's own",
    how_to_get="name a folder with split/class/* or class/*, or a CSV file with the columns path and label",
)

_COLUMNS = {
    "path": ("path", "file", "filename", "file_name", "image_path", "image"),
    "label": ("label", "class", "emotion", "expression"),
    "split": ("split", "usage", "set"),
    "subject": ("subject", "person", "identity"),
    "sequence": ("sequence", "film", "video"),
    "frame": ("frame",),
}


@dataclass(frozen=True)
class _Item:
    """A picture with what is said of it in words."""

    path: Path
    label: str
    split: str = "All"
    subject: str = ""
    sequence: str = ""
    frame: int = 0


def find(root: Path) -> Path | None:
    """The CSV file or the top of the tree in ``root``, or ``None``.

    Raises:
        FerstudyError: Several tables could be meant.
    """
    if root.is_file():
        return root if _is_table(root) else None
    tables = [path for name, path in files(root) if name.lower().endswith(".csv") and _is_table(path)]
    if len(tables) > 1:
        raise FerstudyError(
            f"folder: {some(t.name for t in tables)} in {root} are tables of pictures; name one of them"
        )
    return tables[0] if tables else locate(root, _is_tree)


def load(
    root: Path,
    faces: FaceCrop | Mapping[str, Any] | None = None,
    classes: Sequence[str] | None = None,
    subject: str | None = None,
) -> FaceDataset:
    """Read a user's own pictures.

    Args:
        root: The folder or the CSV file; paths in a table are relative to it.
        faces: How to cut the faces; the whole picture as 96 x 96 RGB pixels where not given.
        classes: The classes in label order, where the order matters or a table's labels are numbers (0 is the first).
        subject: Regular expression that finds the person in a picture's path within the folder; its first group is
            the person's identifier.

    Returns:
        Pictures by split, class and name, or in the order of the table.

    Raises:
        FerstudyError: Nothing there, a class that ``classes`` lacks, a row of the table that cannot be read, a pattern
            that does not fit, or a damaged picture.
    """
    place = find(root)
    if place is None:
        raise FerstudyError(f"folder: no split/class/*, class/* or table of pictures in {root}; {INFO.how_to_get}")
    top = place.parent if place.is_file() else place
    items, notes = (_rows(place), []) if place.is_file() else _tree(place)
    if subject is not None:
        pattern = _pattern(subject)
        items = [replace(item, subject=_person(pattern, item.path, top)) for item in items]
    names = _class_names([item.label for item in items], classes)
    splits = tuple(sorted({item.split for item in items}, key=_split_order))
    info = replace(INFO, classes=tuple(dict.fromkeys(names.values())), splits=splits, images=len(items))
    if classes is not None:
        info = replace(info, classes=tuple(classes))
    found = [
        Picture(
            item.path,
            info.classes.index(names[item.label]),
            splits.index(item.split),
            item.subject,
            item.sequence,
            item.frame,
        )
        for item in items
    ]
    layout = place.name if place.is_file() else "class/*" if splits == INFO.splits else "split/class/*"
    return read_pictures(Listing(info, top, layout, found, tuple(notes)), face_crop(faces, size=96, channels=3))


def _is_tree(folder: Path) -> bool:
    inside = subfolders(folder)
    splits = [path for name, path in inside if name in SPLIT_WORDS]
    return any(_classes_in(split) for split in splits) or len(_classes_in(folder)) > 1


def _classes_in(folder: Path) -> list[Path]:
    return [path for _, path in subfolders(folder) if pictures(path)]


def _tree(top: Path) -> tuple[list[_Item], list[str]]:
    splits = [path for name, path in subfolders(top) if name in SPLIT_WORDS and _classes_in(path)]
    items: list[_Item] = []
    empty: list[str] = []
    unread: Counter[str] = Counter()
    for split in splits or [top]:
        for _, folder in subfolders(split):
            here = pictures(folder)
            unread.update(path.suffix.lower() or "no suffix" for _, path in files(folder) if path not in here)
            if not here:
                empty.append(str(folder.relative_to(top)))
            items += [_Item(path, folder.name, split.name if splits else "All") for path in here]
    notes = [f"{len(empty):,} folders hold no picture: {some(empty)}"] if empty else []
    if unread:
        kinds = some(f"{suffix} ({number:,})" for suffix, number in sorted(unread.items()))
        notes.append(f"files in the folders of classes that are read as no picture are left out: {kinds}")
    outside = _outside(top, splits)
    if outside:
        notes.append(f"pictures that lie in no class of a split are left out: {some(outside)}")
    lacking = _lacking(items)
    if lacking:
        notes.append(f"classes are missing in some splits: {some(lacking)}")
    return items, notes


def _outside(top: Path, splits: Sequence[Path]) -> list[str]:
    """What holds pictures beside the folders of classes: above them, in them one deeper, or beside the splits."""
    above = [folder for folder in (top, *splits) if pictures(folder)]
    beside = [path for _, path in subfolders(top) if path not in splits] if splits else []
    wrong = [path for path in beside if pictures(path) or _classes_in(path)]
    deeper = [inner for split in splits or [top] for _, folder in subfolders(split) for inner in _classes_in(folder)]
    return [path.relative_to(top).as_posix() for path in (*above, *wrong, *deeper)]


def _lacking(items: Iterable[_Item]) -> list[str]:
    """The classes that one split has and another has not, as ``test/fear``."""
    there = {(item.split, emotion(item.label) or item.label.lower()) for item in items}
    splits, classes = (sorted({pair[i] for pair in there}) for i in (0, 1))
    return [f"{split}/{name}" for split in splits for name in classes if (split, name) not in there]


def _pattern(subject: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(subject)
    except re.error as error:
        raise FerstudyError(f"folder: subject {subject!r} is no regular expression ({error})") from error
    if not pattern.groups:
        raise FerstudyError(f"folder: subject {subject!r} has no group; put the person's part in parentheses")
    return pattern


def _person(pattern: re.Pattern[str], path: Path, top: Path) -> str:
    name = path.relative_to(top).as_posix() if path.is_relative_to(top) else path.as_posix()
    match = pattern.search(name)
    if match is None or not match[1]:
        raise FerstudyError(f"folder: the subject's pattern {pattern.pattern!r} does not fit {name}")
    return match[1]


def _is_table(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return {"path", "label"} <= set(_columns(header))


def _columns(header: Iterable[str]) -> dict[str, int]:
    """Position of each column that is understood."""
    words = [word.strip().lower() for word in header]
    return {
        meaning: words.index(name)
        for meaning, names in _COLUMNS.items()
        if (name := next((name for name in names if name in words), None)) is not None
    }


def _rows(table: Path) -> list[_Item]:
    items: list[_Item] = []
    # Of a film whose frames have no numbers, the table's order counts.
    frames: Counter[str] = Counter()
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            columns = _columns(next(reader))
            for row in reader:
                if any(cell.strip() for cell in row):
                    cells = {name: row[i].strip() for name, i in columns.items() if i < len(row)}
                    frames[cells.get("sequence", "")] += 1
                    order = frames[cells.get("sequence", "")]
                    items.append(_item(table.parent, cells, order, f"{table} line {reader.line_num}"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FerstudyError(f"folder: {table} is not a table of pictures ({error}); expected a CSV file") from error
    labels: dict[Path, str] = {}
    for item in items:
        if labels.setdefault(item.path, item.label) != item.label:
            raise FerstudyError(
                f"folder: {table}: {item.path.name} is listed as {labels[item.path]} and as {item.label}; keep one"
            )
    return items


def _item(top: Path, cells: dict[str, str], order: int, where: str) -> _Item:
    if not cells.get("path") or not cells.get("label"):
        raise FerstudyError(f"folder: {where} lacks a path or a label")
    path = top / cells["path"].replace("\\", "/")
    if not path.is_file():
        raise FerstudyError(f"folder: {where}: {path} does not exist; paths are relative to the table's folder")
    frame = cells.get("frame") or str(order)
    if not frame.isdecimal():
        raise FerstudyError(f"folder: {where}: expected a frame number, found {frame!r}")
    return _Item(
        path,
        cells["label"],
        cells.get("split") or "All",
        cells.get("subject", ""),
        cells.get("sequence", ""),
        int(frame),
    )


def _class_names(labels: Sequence[str], classes: Sequence[str] | None) -> dict[str, str]:
    """The class of each label that occurs, in label order."""
    words = sorted(set(labels), key=natural)
    if classes is not None:
        return {word: _chosen_class(word, classes) for word in words}
    emotions = {word: emotion(word) for word in words}
    if all(emotions.values()):
        by_word = {word: name for word, name in emotions.items() if name}
        return dict(sorted(by_word.items(), key=lambda item: EMOTIONS.index(item[1])))
    # Spellings that differ in case only are one class, by the first of them.
    first: dict[str, str] = {}
    return {word: first.setdefault(word.lower(), word) for word in words}


def _chosen_class(word: str, classes: Sequence[str]) -> str:
    for name in classes:
        if word.lower() == name.lower() or (emotion(word) and emotion(word) == emotion(name)):
            return name
    if word.isdecimal() and int(word) < len(classes):
        return classes[int(word)]
    raise FerstudyError(f"folder: the label {word!r} is none of the classes {', '.join(classes)}")


def _split_order(name: str) -> tuple[int, tuple[str | int, ...]]:
    place = SPLIT_WORDS.index(name.lower()) if name.lower() in SPLIT_WORDS else len(SPLIT_WORDS)
    return place, natural(name)
