"""The dataset registry, and where on a machine a dataset is looked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferstudy.data import (
    ck_plus,
    fer2013,
    ferplus,
    folder,
    jaffe,
    kdef,
    oulu_casia,
    raf_db,
    synthetic,
    vemo,
)
from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.data.places import data_folder
from ferstudy.data.stand_in import stand_in_folder
from ferstudy.errors import FerstudyError, lookup, unknown


@dataclass(frozen=True)
class _Entry:
    info: DatasetInfo
    load: Callable[..., FaceDataset]
    # What a folder or file holds of the dataset; not there for a dataset that needs no files.
    find: Callable[[Path], object | None] | None = None
    # Found in a folder of its name only, unless the user names the place: its layout is anyone's.
    own_folder: bool = False

    @property
    def options(self) -> dict[str, inspect.Parameter]:
        """What the loader takes beside the place, by name."""
        return {name: p for name, p in inspect.signature(self.load).parameters.items() if name != "root"}


_DATASETS = {
    "ck_plus": _Entry(ck_plus.INFO, ck_plus.load, ck_plus.find),
    "fer2013": _Entry(fer2013.INFO, fer2013.load, fer2013.find),
    "ferplus": _Entry(ferplus.INFO, ferplus.load, ferplus.find),
    "folder": _Entry(folder.INFO, folder.load, folder.find, own_folder=True),
    "jaffe": _Entry(jaffe.INFO, jaffe.load, jaffe.find),
    "kdef": _Entry(kdef.INFO, kdef.load, kdef.find),
    "oulu_casia": _Entry(oulu_casia.INFO, oulu_casia.load, oulu_casia.find),
    "raf_db": _Entry(raf_db.INFO, raf_db.load, raf_db.find),
    "synthetic": _Entry(synthetic.INFO, synthetic.make),
    "vemo": _Entry(vemo.INFO, vemo.load, vemo.find, own_folder=True),
}


def list_datasets() -> list[str]:
    """Names of the datasets."""
    return sorted(_DATASETS)


def _entry(name: str) -> _Entry:
    return lookup("dataset", name, _DATASETS)


def dataset_info(name: str) -> DatasetInfo:
    """What is known of a dataset.

    Raises:
        FerstudyError: No dataset has this name.
    """
    return _entry(name).info


def dataset_options(name: str) -> tuple[str, ...]:
    """The options of a dataset's loader.

    Raises:
        FerstudyError: No dataset has this name.
    """
    return tuple(_entry(name).options)


def find_root(name: str, root: Path | str | None = None) -> Path | None:
    """Where a dataset's files are: ``root``, else its subfolder or the whole of the data folder; ``None`` if nowhere.

    A dataset without files is never found anywhere.
    """
    entry = _entry(name)
    if entry.find is None:
        return None
    base = Path(root) if root is not None else data_folder()
    for place in (base / name,) if entry.own_folder and root is None else (base / name, base):
        try:
            if place.exists() and entry.find(place) is not None:
                return place
        except FerstudyError:
            # Something is there and is damaged: loading it says what.
            return place
    return None


def load_dataset(
    name: str,
    root: Path | str | None = None,
    split: str | None = None,
    stand_in: Mapping[str, Mapping[str, Any]] | None = None,
    **options: Any,
) -> FaceDataset:
    """Load a dataset.

    Args:
        name: Name from :func:`list_datasets`.
        root: Folder or file; the data folder where not given.
        split: Only this split; all of them where not given.
        stand_in: Dataset to the numbers of its layout's writer: synthetic faces are loaded in its place
            (:func:`ferstudy.data.stand_in.stand_in_folder`), wherever ``root`` is.
        options: Of the dataset's loader, as JSON has them: how to cut the ``faces`` (the fields of a
            :class:`~ferstudy.data.faces.FaceCrop` by name, or one), which ``frames``, the number of synthetic faces.

    Raises:
        FerstudyError: Unknown name, option or split, or an impossible value; nothing there; or damaged files.
    """
    entry = _entry(name)
    _check_options(name, entry, options)
    if stand_in:
        root = stand_in_folder(name, lookup("stand-in", name, stand_in))
    if entry.find is None:
        data = entry.load(**options)
    else:
        place = find_root(name, root)
        if place is None:
            where = root if root is not None else data_folder()
            raise FerstudyError(
                f"{name} is not in {where}; set FERSTUDY_DATA or --data to where it is. "
                f"How to get it: {entry.info.how_to_get}"
            )
        data = entry.load(place, **options)
    return data.split(split) if split is not None else data


def _check_options(name: str, entry: _Entry, options: Mapping[str, Any]) -> None:
    """Refuse options that the loader lacks, and values of another kind than its default."""
    known = entry.options
    for option, value in options.items():
        if option not in known:
            raise unknown(f"option of {name}", option, known)
        default = known[option].default
        wanted = (int, float) if isinstance(default, float) else type(default)
        if isinstance(default, (str, int, float)) and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise FerstudyError(f"{name}: expected {option} such as {default!r}, got {value!r}")
