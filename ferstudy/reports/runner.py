"""Executes report notebooks with papermill, strictly.

papermill passes unknown parameters with a mere log line, and leaves a notebook whose kernel died with every cell marked
completed. So parameters are checked first, and a report counts as built only by the state file that is written after
papermill has returned. A report is built in a hidden folder and renamed: a killed build leaves the previous one whole.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ferstudy.audit import AUDITS
from ferstudy.course import lessons
from ferstudy.data import find_root, list_datasets
from ferstudy.data.cache import source_key
from ferstudy.errors import FerstudyError, unknown
from ferstudy.reports.catalogue import find_report, list_reports
from ferstudy.reports.entries import TIMES
from ferstudy.reports.profiles import get_profile

_STATE = ".build.json"
_LIBRARIES = ("torch", "torchvision", "numpy", "pandas", "matplotlib", "seaborn", "grad-cam", "opencv-python-headless", "ipywidgets")
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Result:
    """What became of one report.

    Attributes:
        name: Notebook and report.
        outcome: ``built``, ``unchanged`` or ``failed``.
        seconds: Spent on it.
        error: In a line, where it failed.
    """

    name: str
    outcome: str
    seconds: float
    error: str = ""


def reports_of(folder: Path) -> dict[str, list[str]]:
    """The report notebooks in a folder and in its lessons, and the reports that each makes.

    Raises:
        FerstudyError: There is no such folder or no notebook in it.
    """
    paths = [*folder.glob("*.ipynb"), *(folder / lessons.FOLDER).glob("*.ipynb")]
    # What has no parameters, such as a notebook to explore the results in, is no report.
    chosen = [path for path in paths if _has_parameters(path)]
    names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in chosen)
    if not names:
        raise FerstudyError(f"no notebooks in {folder}; run this in a checkout of ferstudy, or pass --notebooks")
    known = [find_report(name) for name in list_reports()]
    return {name: [report.name for report in known if report.source == name] or [name] for name in names}


def _has_parameters(notebook: Path) -> bool:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return any("parameters" in cell["metadata"].get("tags", []) for cell in cells)


def check_parameters(notebook: Path, parameters: Iterable[str]) -> None:
    """Refuse parameters that a notebook does not declare.

    Raises:
        FerstudyError: With the nearest names that it does declare.
    """
    from papermill import inspect_notebook

    known = inspect_notebook(str(notebook))
    for name in parameters:
        if name not in known:
            raise unknown(f"parameter of {notebook.name}", name, known)


def build(
    name: str,
    *,
    notebooks: Path,
    out: Path,
    profile: str,
    data: str = "",
    runs: Path,
    force: bool = False,
    times: bool = False,
    parameters: dict[str, Any] | None = None,
) -> Result:
    """Build one report unless nothing that it depends on has changed.

    Args:
        name: The report's name.
        notebooks: Folder of the notebooks.
        out: Folder of the reports.
        profile: Name of the profile.
        data: Folder of the real datasets; the data folder where empty.
        runs: Folder of recorded runs, with the recorded audits beside it.
        force: Build even if nothing has changed.
        times: Show this machine's times on the page. Without it the times that stand there stay, so that a rebuild
            changes no file for the clock's sake, and the new ones are in the ignored folder ``.times``.
        parameters: Further parameters of the notebook.

    Raises:
        FerstudyError: Unknown notebook, profile or parameter, or a folder that cannot be written.
    """
    started = time.perf_counter()
    report = find_report(name)
    notebook = notebooks / f"{report.source}.ipynb"
    if not notebook.is_file():
        raise unknown("report", name, [report for made in reports_of(notebooks).values() for report in made])
    given = {
        "profile": get_profile(profile).name,
        "data": str(Path(data).resolve()) if data else "",
        "runs": str(runs.resolve()),
        **report.parameters,
        **(parameters or {}),
    }
    check_parameters(notebook, [*given, "out"])
    target, temporary = out / name, out / f".{name}.building"
    _recover(target)
    shutil.rmtree(temporary, ignore_errors=True)  # what a killed call left
    inputs = _inputs(notebook, given, runs, data if get_profile(profile).real_data else None)
    if not force and _state(target).get("inputs") == inputs:
        return Result(name, "unchanged", time.perf_counter() - started)
    try:
        (temporary / name).mkdir(parents=True)
    except OSError as error:
        raise FerstudyError(f"cannot write reports to {out} ({error.strerror}); choose another --out") from error
    executed = temporary / name / "report.ipynb"
    failure = _execute(notebook, executed, {**given, "out": str(temporary.resolve())})
    seconds = time.perf_counter() - started
    if not failure and not (temporary / name / "entries.json").is_file():
        failure = "the notebook ended without saving its entries"
    if failure:
        failed = out / ".failed"
        failed.mkdir(exist_ok=True)
        if executed.is_file():
            os.replace(executed, failed / f"{name}.ipynb")
        shutil.rmtree(temporary, ignore_errors=True)
        return Result(name, "failed", seconds, failure)
    _keep_times(temporary / name, target, out / ".times" / name, times)
    from ferstudy.reports.site import write_page

    write_page(executed, temporary / name / "index.html", name)
    state = {"inputs": inputs, "profile": profile, "seconds": round(seconds, 1)}
    (temporary / name / _STATE).write_text(json.dumps(state), encoding="utf-8")
    _replace(temporary / name, target)
    shutil.rmtree(temporary, ignore_errors=True)
    return Result(name, "built", seconds)


def build_all(
    names: Iterable[str] | None = None,
    *,
    notebooks: Path,
    out: Path,
    jobs: int = 1,
    on_result: Callable[[Result, int], None] = lambda result, of: None,
    **options: Any,
) -> list[Result]:
    """Build several reports (all, where none is named), then the index; one that fails does not stop the others.

    Args:
        names: Reports, or notebooks for all that they make.
        notebooks: Folder of the notebooks.
        out: Folder of the reports.
        jobs: How many are built at a time, each with its share of the processor.
        on_result: Called as each ends, with the number of all.
        options: As of :func:`build`.

    Raises:
        FerstudyError: An unknown name, or jobs below 1.
    """
    from ferstudy.reports.site import write_index

    if jobs < 1:
        raise FerstudyError(f"jobs: expected at least 1, got {jobs}")
    made_by = reports_of(notebooks)
    known = [report for made in made_by.values() for report in made]
    chosen = list(dict.fromkeys(r for name in names or made_by for r in made_by.get(name, [name])))
    for name in chosen:
        if name not in known:
            raise unknown("report", name, [*made_by, *known])
    results = []
    if jobs == 1:
        for name in chosen:
            results.append(build(name, notebooks=notebooks, out=out, **options))
            on_result(results[-1], len(chosen))
    else:
        threads = max(1, (os.cpu_count() or 1) // jobs)
        # Processes of their own: papermill's event loop belongs to a main thread.
        with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_share, initargs=(threads,)) as pool:
            waiting = [pool.submit(build, name, notebooks=notebooks, out=out, **options) for name in chosen]
            for done in as_completed(waiting):
                results.append(done.result())
                on_result(results[-1], len(chosen))
    failed = {result.name: result.error for result in results if result.outcome == "failed"}
    write_index(out, failed, options.get("runs"))
    return results


def _share(threads: int) -> None:
    """Hold the kernels that this process starts to a number of threads."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)


def _execute(notebook: Path, executed: Path, parameters: dict[str, Any]) -> str:
    """Run a notebook; the error in a line, empty if there was none."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters=parameters,
            cwd=str(notebook.parent),
            kernel_name="python3",
            progress_bar=False,
            start_timeout=180,
            execution_timeout=3600,
            # ipykernel warns of unencrypted local sockets at every start, and calls it an error at the end that its
            # client interrupts it before it asks it to leave. What fails in a cell comes in the cell's own reply.
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except PapermillExecutionError as error:
        return f"cell {error.exec_count}: {error.ename}: {' '.join(str(error.evalue).split())}"
    except DeadKernelError:
        return "the kernel died (out of memory, or killed)"
    except CellTimeoutError:
        return "a cell took longer than an hour"
    return ""


def _inputs(notebook: Path, parameters: dict[str, Any], runs: Path, data: str | None) -> str:
    """A digest of all that a report is made from; ``data`` is ``None`` where the profile uses no real data."""
    digest = hashlib.sha256()
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    digest.update(json.dumps([(cell["cell_type"], cell["source"]) for cell in cells]).encode())
    digest.update(json.dumps(parameters, sort_keys=True).encode())
    for folder in (_PACKAGE, runs, runs.parent / AUDITS.name):
        files = (f for f in sorted(folder.rglob("*")) if f.is_file() and f.suffix != ".pyc")
        for file in files:
            digest.update(str(file.relative_to(folder)).encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    for library in _LIBRARIES:
        digest.update(f"{library} {importlib.metadata.version(library)}".encode())
    digest.update(f"{platform.python_version()} {platform.machine()}".encode())
    if data is not None:
        for dataset in list_datasets():
            root = find_root(dataset, data or None)
            if root is not None:
                present = [root] if root.is_file() else [f for f in root.iterdir() if f.is_file()]
                key = source_key(dataset, ((f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in present))
                digest.update(key.encode())
    return digest.hexdigest()


def _keep_times(built: Path, standing: Path, beside: Path, times: bool) -> None:
    """Put new files of times beside the reports; of those that stand already the old ones stay, unless asked."""
    for file in built.glob(f"*{TIMES}.*"):
        beside.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, beside / file.name)
        if not times and (standing / file.name).is_file():
            shutil.copyfile(standing / file.name, file)


def _state(folder: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state


def _replace(new: Path, target: Path) -> None:
    """Put a folder in another's place; :func:`_recover` mends a kill between the two renames."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    os.replace(new, target)
    shutil.rmtree(old, ignore_errors=True)


def _recover(target: Path) -> None:
    old = target.with_name(f".{target.name}.old")
    if old.exists() and not target.exists():
        os.replace(old, target)
