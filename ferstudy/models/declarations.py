"""What the registry knows of each network, readable without building any: torch takes seconds to load.

``declarations.json`` beside this file is written from the registry by ``python -m ferstudy.shipped``; a test compares
the two, and another holds the registry's counts against the networks.
"""

from __future__ import annotations

import fnmatch
import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".json")


def declared_models(pattern: str = "*") -> list[dict[str, Any]]:
    """The fields of :class:`~ferstudy.models._registry.ModelInfo` but ``build``, of the networks that match, by name.

    Args:
        pattern: Shell pattern.
    """
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return [row for row in rows if fnmatch.fnmatch(row["name"], pattern)]
