"""Stand-ins for datasets that are given under agreements: synthetic faces, in their layouts and at their sizes.

A stand-in is written once into the cache and read by the dataset's own loader, so that its recipe runs anywhere and
every protocol sees the files that it would see. Its folder is marked, and nothing on it passes for a result on faces.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ferstudy.data.cache import cache_folder
from ferstudy.errors import FerstudyError, lookup

# Raise when a writer draws otherwise.
_VERSION = 1


def stand_in_folder(name: str, numbers: Mapping[str, Any]) -> Path:
    """The folder that holds a dataset's layout with synthetic faces; written when first asked for.

    Args:
        name: The dataset.
        numbers: Of the layout's writer in :data:`ferstudy.data.layouts.LAYOUTS`, as JSON has them.

    Raises:
        FerstudyError: No layout of this dataset, a number that its writer lacks or refuses, or a folder that cannot be
            written.
    """
    from ferstudy.data.layouts import LAYOUTS

    write = lookup("layout", name, LAYOUTS)
    key = hashlib.sha256(json.dumps([_VERSION, name, numbers], sort_keys=True).encode()).hexdigest()[:16]
    folder = cache_folder() / f"stand-in-{name}-{key}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
        try:
            write(temporary / name, **numbers)
            os.replace(temporary / name, folder)
        except OSError:
            # Another process wrote the same stand-in first: theirs is as good.
            if not folder.is_dir():
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except TypeError as error:
        raise FerstudyError(f"stand-in of {name}: {str(error).split('() ')[-1]}") from error
    except OSError as error:
        raise FerstudyError(
            f"cannot write the stand-in of {name} to {folder.parent} ({error.strerror}); set FERSTUDY_CACHE"
        ) from error
    return folder
