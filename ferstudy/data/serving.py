"""Which protocols a copy of a dataset can serve: found by trying, as training would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ferstudy.data._registry import dataset_info, dataset_options, load_dataset
from ferstudy.data.base import FaceDataset
from ferstudy.data.protocols import Protocol, check_protocol, get_protocol, list_protocols
from ferstudy.errors import FerstudyError


@dataclass(frozen=True)
class Service:
    """What a copy can do for a protocol.

    Attributes:
        protocol: Its name.
        served: Whether a network can be trained and scored by it.
        images: How many images its folds index; 0 where it cannot be served.
        folds: How many trainings it asks for; 0 where it cannot be served.
        why: What is missing and what to do, in a sentence; empty where it can be served.
    """

    protocol: str
    served: bool
    images: int = 0
    folds: int = 0
    why: str = ""


def services(name: str, root: Path | str | None = None) -> list[Service]:
    """What the copy of a dataset that is found can do for each protocol that is for the dataset.

    Where a protocol chooses frames, the loader is asked for them, as the papers' recipes do. A protocol that joins
    datasets needs the other one, too, in the same place.

    Args:
        name: A dataset.
        root: Folder or file; the data folder where not given.

    Returns:
        One value a protocol, by name: those made for the dataset or joining it, and the general ones whose splits the
        dataset has officially or in this copy.

    Raises:
        FerstudyError: No dataset has this name, or it cannot be loaded at all.
    """

    @cache
    def load(dataset: str, frames: str = "all") -> FaceDataset:
        options: dict[str, Any] = {}
        if frames != "all" and "frames" in dataset_options(dataset):
            options["frames"] = frames
        return load_dataset(dataset, root=root, **options)

    splits = {*dataset_info(name).splits, *load(name).splits}
    protocols = [get_protocol(protocol) for protocol in list_protocols()]
    return [_service(protocol, name, load) for protocol in protocols if protocol.uses(name, splits)]


def _service(protocol: Protocol, name: str, load: Any) -> Service:
    try:
        data = protocol.gather(name, lambda dataset: load(dataset, protocol.selection.frames))
        check_protocol(protocol, data)
    except FerstudyError as error:
        return Service(protocol.name, False, why=str(error).removeprefix(f"protocol {protocol.name}: "))
    folds = protocol.folds(data)
    indexed = [index for fold in folds for index in (fold.train, fold.select, *fold.score.values())]
    return Service(protocol.name, True, len(np.unique(np.concatenate(indexed))), len(folds))


def summary(name: str, found: Sequence[Service]) -> list[str]:
    """Lines for people: what is served, then what is not, protocols that lack the same together."""
    served = [f"{each.protocol} ({each.images:,} images, folds: {each.folds})" for each in found if each.served]
    lines = [f"this form serves {len(served)} of {len(found)} protocols for {name}: {', '.join(served) or 'none'}"]
    lacking: dict[str, list[str]] = {}
    for service in found:
        if not service.served:
            lacking.setdefault(service.why, []).append(service.protocol)
    return lines + [f"not {', '.join(protocols)}: {why}" for why, protocols in lacking.items()]
