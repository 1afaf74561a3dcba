"""The dataset registry, and where on a machine a dataset is looked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferstudy.data import fer2013, synthetic
from ferstudy.data.base import DatasetInfo, FaceDataset
from ferstudy.errors import FerstudyError, lookup, unknown


@dataclass(frozen=True)
class _Entry:
    info: DatasetInfo
    # ``None`` for a dataset that needs no files.
    read: Callable[[Path], FaceDataset] | None
    is_at: Callable[[Path], bool] = lambda root: False
    make: Callable[..., FaceDataset] | None = None


_DATASETS = {
    "fer2013": _Entry(fer2013.INFO, fer2013.load, lambda root: fer2013.find(root) is not None),
    "synthetic": _Entry(synthetic.INFO, None, make=synthetic.make),
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


def data_folder() -> Path:
    """``$FERSTUDY_DATA``, else the user's data folder."""
    named = os.environ.get("FERSTUDY_DATA")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "ferstudy"


def find_root(name: str, root: Path | str | None = None) -> Path | None:
    """Where a dataset's files are: ``root``, else its subfolder or the whole of the data folder; ``None`` if nowhere.

    A dataset without files is never found anywhere.
    """
    entry = _entry(name)
    if entry.read is None:
        return None
    base = Path(root) if root is not None else data_folder()
    for place in (base / name, base):
        try:
            if place.exists() and entry.is_at(place):
                return place
        except FerstudyError:
            # Something is there and is damaged: loading it says what.
            return place
    return None


def load_dataset(name: str, root: Path | str | None = None, split: str | None = None, **options: Any) -> FaceDataset:
    """Load a dataset.

    Args:
        name: Name from :func:`list_datasets`.
        root: Folder or file; the data folder where not given.
        split: Only this split; all of them where not given.
        options: Of a dataset that is made and not read, such as the number of synthetic faces.

    Raises:
        FerstudyError: Unknown name, option or split; nothing there; or damaged files.
    """
    entry = _entry(name)
    if entry.make is not None:
        try:
            data = entry.make(**options)
        except TypeError as error:
            raise FerstudyError(f"{name}: {str(error).split('() ')[-1]}") from error
    elif options:
        raise unknown(f"option of {name}", next(iter(options)), [])
    else:
        assert entry.read is not None
        place = find_root(name, root)
        if place is None:
            where = root if root is not None else data_folder()
            raise FerstudyError(
                f"{name} is not in {where}; set FERSTUDY_DATA or --data to where it is. "
                f"How to get it: {entry.info.how_to_get}"
            )
        data = entry.read(place)
    return data.split(split) if split is not None else data
