"""Detectors on pictures whose faces are known: what they find, miss and make up, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ferstudy.vision.boxes import U8, Box, Detector

# Detectors draw their boxes differently: Haar a square from brow to lip, MTCNN the face up to the hair.
_LEAST_OVERLAP = 0.4


def compare_detectors(
    detectors: Mapping[str, Detector], pictures: Iterable[tuple[str, U8, list[Box]]]
) -> list[dict[str, Any]]:
    """What each detector makes of each kind of picture.

    Args:
        detectors: By name; one after the other sees each picture.
        pictures: What it shows, RGB (H, W, 3) or grey (H, W), and its faces.

    Returns:
        A row a kind and detector: ``pictures``, ``faces`` there are, ``found`` of them, ``false`` ones, ``precision``
        and ``recall`` (``None`` where nothing was or could be found), and ``ms``, milliseconds of processor time a
        picture.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, image, faces in pictures:
        for name, detector in detectors.items():
            first = {"kind": kind, "detector": name, "pictures": 0, "faces": 0, "found": 0, "false": 0, "ms": 0.0}
            row = rows.setdefault((kind, name), first)
            started = time.process_time()
            boxes = detector.detect(image)
            row["ms"] += 1000 * (time.process_time() - started)
            found = matches(boxes, faces)
            row["pictures"] += 1
            row["faces"] += len(faces)
            row["found"] += found
            row["false"] += len(boxes) - found
    for row in rows.values():
        claimed = row["found"] + row["false"]
        row["precision"] = row["found"] / claimed if claimed else None
        row["recall"] = row["found"] / row["faces"] if row["faces"] else None
        row["ms"] /= row["pictures"]
    return list(rows.values())


def matches(boxes: list[Box], faces: list[Box]) -> int:
    """How many faces have a box of their own that overlaps them enough."""
    left, found = list(faces), 0
    for box in boxes:
        best = max(left, key=box.overlap, default=None)
        if best is not None and box.overlap(best) >= _LEAST_OVERLAP:
            left.remove(best)
            found += 1
    return found
