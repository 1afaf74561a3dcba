"""Where datasets are looked for on a machine, and what lies in a folder.

People unpack archives into one folder too many, copy them through systems that change the case of names or leave files
of their own (Thumbs.db, .DS_Store, desktop.ini), and link folders to each other. Here that is dealt with once: names
are compared without their case, only pictures count as pictures, and nothing is searched deeper than its layout says,
so that a loop of links ends.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from ferstudy.errors import FerstudyError
from ferstudy.vision.media import IMAGE_SUFFIXES

# Beside a layout that was written from synthetic faces: its results are stand-ins, whatever the folder is called.
STAND_IN = "ferstudy-stand-in.txt"
# Names of folders that are splits, in the order in which splits stand.
SPLIT_WORDS = (
    "train", "training", "val", "valid", "validation", "dev", "publictest", "test", "testing", "privatetest"
)  # fmt: skip
# Archives unpack into a folder with few others beside it (KDEF beside AKDEF); wider ones are not searched.
_FEW = 4


def data_folder() -> Path:
    """``$FERSTUDY_DATA``, else the user's data folder."""
    named = os.environ.get("FERSTUDY_DATA")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "ferstudy"


def natural(name: str) -> tuple[str | int, ...]:
    """A sort key in which numbers count as numbers, and case does not count: P2 before p10."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", name.lower()))


def subfolders(folder: Path) -> list[tuple[str, Path]]:
    """The folders in a folder, links to folders among them, each with its name in lower case; in natural order."""
    return [(name.lower(), path) for name, path in _entries(folder, folders=True)]


def subfolder(folder: Path, *names: str) -> Path | None:
    """The first of the named folders that a folder holds, in any case."""
    present = dict(reversed(subfolders(folder)))
    return next((present[name.lower()] for name in names if name.lower() in present), None)


def files(folder: Path) -> list[tuple[str, Path]]:
    """The files in a folder but hidden ones, each with its name as it is; in natural order."""
    return _entries(folder, folders=False)


def file_named(folder: Path, name: str) -> Path | None:
    """The file of this name, in any case, that a folder holds."""
    return next((path for found, path in files(folder) if found.lower() == name.lower()), None)


def pictures(folder: Path) -> list[Path]:
    """The picture files in a folder, told by their suffixes, in natural order."""
    return [path for name, path in files(folder) if name.lower().endswith(IMAGE_SUFFIXES)]


def locate(root: Path, is_it: Callable[[Path], bool]) -> Path | None:
    """The first folder that is what is looked for: ``root``, a folder in it, or one of few folders in such a folder.

    Raises:
        FerstudyError: A folder may not be read.
    """
    if not root.is_dir():
        return None
    inside = [path for _, path in subfolders(root)]
    if is_it(root):
        return root
    for folder in inside:
        if is_it(folder):
            return folder
    for folder in inside:
        deeper = [path for _, path in subfolders(folder)]
        for inner in deeper if len(deeper) <= _FEW else []:
            if is_it(inner):
                return inner
    return None


def is_stand_in(folder: Path) -> bool:
    """Whether the layout in this folder was written from synthetic faces; a form may lie two folders below its mark."""
    return any((place / STAND_IN).is_file() for place in (folder, *folder.absolute().parents[:2]))


def _entries(folder: Path, folders: bool) -> list[tuple[str, Path]]:
    try:
        with os.scandir(folder) as found:
            names = [entry.name for entry in found if not entry.name.startswith(".") and _is(entry, folders)]
    except OSError as error:
        raise FerstudyError(f"{folder} cannot be read ({error.strerror}); check its permissions") from error
    return [(name, folder / name) for name in sorted(names, key=lambda name: (natural(name), name))]


def _is(entry: os.DirEntry[str], folder: bool) -> bool:
    try:
        if not folder:
            return entry.is_file()
        # A link to a folder that it lies in leads nowhere new.
        return entry.is_dir() and not (entry.is_symlink() and _leads_up(entry.path))
    except OSError:
        # A link to itself is neither.
        return False


def _leads_up(link: str) -> bool:
    return Path(os.path.realpath(os.path.dirname(link))).is_relative_to(os.path.realpath(link))  # noqa: PTH120
