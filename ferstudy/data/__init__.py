"""Datasets by name, the splits and protocols that make their numbers mean something, and batches for networks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferstudy.data._registry import dataset_info, find_root, list_datasets, load_dataset
    from ferstudy.data.base import DatasetInfo, FaceDataset

__all__ = ["DatasetInfo", "FaceDataset", "dataset_info", "find_root", "list_datasets", "load_dataset"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ferstudy.data' has no attribute {name!r}")
    # As everywhere, loaded when it is first used: the values that a recipe is made of need none of the loaders.
    home = "base" if name in ("DatasetInfo", "FaceDataset") else "_registry"
    return getattr(importlib.import_module(f"ferstudy.data.{home}"), name)
