"""The notebooks in a folder of the user's: of a checkout, or of an installed wheel."""

from __future__ import annotations

import shutil
import site
import sysconfig
from pathlib import Path

from ferstudy.errors import FerstudyError
from ferstudy.recorded import RECORDED, load_runs, results

# Where a wheel puts them, below the environment's own folder.
_INSTALLED = Path("share", "ferstudy", "notebooks")


def copy_notebooks(into: Path) -> list[Path]:
    """Copy all notebooks and lessons, and what they read: the recorded runs without weights, and their numbers.

    Args:
        into: A folder that is empty or not there yet. It gets ``notebooks``, ``reports/runs`` and ``results.csv``,
            the frame of :func:`ferstudy.results`.

    Returns:
        The copied notebooks.

    Raises:
        FerstudyError: The folder holds something, or the notebooks are not where the package was installed from.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise FerstudyError(f"{into}: expected a folder that is empty or not there yet; name another one")
    copied = []
    folder = _source()
    for source in sorted(folder.rglob("[!.]*.ipynb")):
        target = into / "notebooks" / source.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        copied.append(target)
    for run in load_runs().values():
        shutil.copytree(run.folder, into / RECORDED / run.name, ignore=shutil.ignore_patterns("*.safetensors"))
    results(into / RECORDED).to_csv(into / "results.csv", index=False)
    return copied


def _source() -> Path:
    """The folder of all notebooks: of the checkout, else of the environment, the target or the user's own packages."""
    beside = Path(__file__).resolve().parent.parent
    bases = (beside, Path(sysconfig.get_path("data")), Path(site.getuserbase()))
    for folder in (beside / "notebooks", *(base / _INSTALLED for base in bases)):
        if folder.is_dir():
            return folder
    raise FerstudyError("the notebooks are not beside this installation; install ferstudy again with pip")
