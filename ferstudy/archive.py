"""Runs on the move: finished and unfinished ones in one file, and taken in elsewhere, checked.

An archive is a zip file with a folder for each run and ``manifest.json``, which names every file with its length and
SHA-256. Nothing in an archive is trusted: members that no run has, links, ways out of the folder, wrong digests and
sizes beyond reason are refused before anything is put in place, and no pickle is loaded but through
``torch.load(weights_only=True)``. An unfinished run travels with its checkpoint and continues from its last epoch.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ferstudy import recipes, runs
from ferstudy.errors import FerstudyError, lookup

MANIFEST = "manifest.json"
FORMAT = {"format": "ferstudy runs", "version": 1}
# Weights and checkpoints above this many bytes stay behind unless asked for.
LIMIT = 16 * 2**20
SHEET = "grad_cam.png"
_REQUIRED = {"finished": {"recipe.yaml", "status.json", "metrics.json", "history.csv", "predictions.npz"},
             "partial": {"recipe.yaml", "history.csv"}}  # fmt: skip
_OPTIONAL = {"finished": {runs.WEIGHTS, SHEET}, "partial": {runs.CHECKPOINT}}
_NAME = re.compile(r"\w[\w.+-]*")
# What an archive may hold and unpack to, far beyond any that this module writes.
_MOST_MEMBERS, _MOST_BYTES, _MOST_MANIFEST = 10_000, 8 * 2**30, 4 * 2**20


@dataclass(frozen=True)
class Packed:
    """What an archive holds of one run.

    Attributes:
        name: The run's.
        state: ``finished`` or ``partial``.
        left_out: What stayed behind and why, a sentence each.
    """

    name: str
    state: str
    left_out: tuple[str, ...] = ()


class Taken(NamedTuple):
    """What became of one run of an archive: its name, its state there, and a few words."""

    name: str
    state: str
    outcome: str


def check_target(path: Path) -> None:
    """Refuse a file that :func:`pack` could not write, before hours of training.

    Raises:
        FerstudyError: It does not end in ``.zip``, or its folder is missing or cannot be written.
    """
    if path.suffix != ".zip":
        raise FerstudyError(f"archive {path}: expected a name that ends in .zip")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise FerstudyError(f"archive {path}: its folder does not exist or cannot be written; choose another")


def pack(path: Path, out: Path, names: Iterable[str], limit: int = LIMIT) -> list[Packed]:
    """Write runs of a folder, finished or not, to one archive; runs that were not begun are passed over.

    Args:
        path: The archive, ``.zip``; it appears when it is whole.
        out: Folder of the runs.
        names: Names of the runs.
        limit: Largest weights or checkpoint in bytes that the archive takes.

    Returns:
        What it holds, in the order of the names.

    Raises:
        FerstudyError: The archive cannot be written.
    """
    check_target(path)
    temporary = path.with_name(f".{path.name}.tmp")
    files: dict[str, dict[str, Any]] = {}
    packed = []
    try:
        with zipfile.ZipFile(temporary, "w") as archive:
            for name in names:
                found = _contents(out, name)
                if found is None:
                    continue
                state, contents = found
                left_out = []
                for file, content in contents.items():
                    size = content.stat().st_size if isinstance(content, Path) else len(content)
                    if file in (runs.WEIGHTS, runs.CHECKPOINT) and size > limit:
                        left_out.append(f"{file} has {size / 2**20:.1f} MiB, more than {limit / 2**20:g}")
                        continue
                    member = f"{name}/{file}"
                    files[member] = _write(archive, member, content)
                packed.append(Packed(name, state, tuple(left_out)))
            manifest = {**FORMAT, "runs": [asdict(run) for run in packed], "files": files}
            _write(archive, MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
        os.replace(temporary, path)
    except OSError as error:
        raise FerstudyError(f"cannot write {path} ({error.strerror or error}); choose another archive") from error
    finally:
        temporary.unlink(missing_ok=True)
    return packed


def _contents(out: Path, name: str) -> tuple[str, dict[str, Path | bytes]] | None:
    """A run's state and its files, ``None`` where it was not begun or its checkpoint cannot be read."""
    folder, partial = out / name, runs.partial_folder(out, name)
    if (folder / "status.json").is_file():
        known = _REQUIRED["finished"] | _OPTIONAL["finished"]
        return "finished", {file: folder / file for file in sorted(known) if (folder / file).is_file()}
    if not (partial / runs.CHECKPOINT).is_file():
        return None
    try:
        rows = runs.history_of(runs.read_checkpoint(partial))
    except FerstudyError:
        # The others are packed all the same; training this one says what is wrong with it.
        return None
    history = pd.DataFrame(rows).to_csv(index=False).encode()
    return "partial", {
        "recipe.yaml": partial / "recipe.yaml",
        "history.csv": history,
        runs.CHECKPOINT: partial / runs.CHECKPOINT,
    }


def _write(archive: zipfile.ZipFile, member: str, content: Path | bytes) -> dict[str, Any]:
    """Put a file or bytes into an archive; its length and digest."""
    # Of a fixed date, so that equal runs make equal archives. Arrays are compressed already, or do not compress.
    info = zipfile.ZipInfo(member)
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    if PurePosixPath(member).suffix in (".json", ".yaml", ".csv"):
        info.compress_type = zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as target:
        for block in _blocks(content):
            digest.update(block)
            size += target.write(block)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _blocks(content: Path | bytes) -> Iterable[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while block := file.read(2**20):
            yield block


def take_in(path: Path, into: Path, replace: bool = False) -> list[Taken]:
    """Take an archive's runs into a folder: all of them, or none where anything is wrong.

    A finished run of the same name that differs is not overwritten, and neither is an unfinished one that has come
    further. Unfinished runs go where :func:`ferstudy.train` continues them.

    Args:
        path: From :func:`pack`.
        into: Folder of runs.
        replace: Overwrite runs of the same names that differ.

    Returns:
        What became of each run.

    Raises:
        FerstudyError: The archive is no such file, is damaged, holds what no run has, or a run stands in the way.
    """
    made = not into.is_dir()
    try:
        into.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".importing-", dir=into))
    except OSError as error:
        raise FerstudyError(f"cannot write runs to {into} ({error.strerror}); choose another --into") from error
    try:
        states = _unpack(path, temporary)
        moves = [_judge(temporary / name, state, into, replace) for name, state in states.items()]
        for move in moves:
            move.act()
        return [move.taken for move in moves]
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if made and not any(into.iterdir()):
            into.rmdir()


def _unpack(path: Path, folder: Path) -> dict[str, str]:
    """Check an archive and unpack it into an empty folder; the runs' names and states."""
    try:
        with zipfile.ZipFile(path) as archive:
            states, files = _manifest(path, archive)
            for member, expected in files.items():
                _extract(path, archive, member, expected, folder)
    except FileNotFoundError as error:
        raise FerstudyError(f"{path} does not exist; expected an archive from ferstudy train --archive") from error
    except (OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise FerstudyError(f"{path} is damaged or no archive of runs ({error}); copy it again") from error
    for name, state in states.items():
        try:
            _check(folder / name, state)
        except FerstudyError as error:
            said = str(error).replace(f"{folder}/", "")
            raise FerstudyError(f"{path}: run {name} is not usable: {said}; nothing was taken in") from error
    return states


def _manifest(path: Path, archive: zipfile.ZipFile) -> tuple[dict[str, str], dict[str, Mapping[str, Any]]]:
    """The runs' states and the files' digests that an archive declares, and has."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    for info in infos:
        mode = info.external_attr >> 16
        if info.is_dir() or (stat.S_IFMT(mode) not in (0, stat.S_IFREG)) or not _is_safe(info.filename):
            raise FerstudyError(f"{path}: member {info.filename!r} is no file of a run; nothing was taken in")
    if len(names) > _MOST_MEMBERS or sum(info.file_size for info in infos) > _MOST_BYTES:
        raise FerstudyError(f"{path} is too large: more than {_MOST_MEMBERS:,} files or {_MOST_BYTES // 2**30} GiB")
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise FerstudyError(f"{path} has no {MANIFEST} as ferstudy writes it; expected an archive of runs")
    try:
        manifest = json.loads(archive.read(MANIFEST))
        if {key: manifest[key] for key in FORMAT} != FORMAT:
            raise ValueError("of another format or version")
        states = {str(run["name"]): str(run["state"]) for run in manifest["runs"]}
        files: dict[str, Mapping[str, Any]] = {
            str(member): {"bytes": int(said["bytes"]), "sha256": str(said["sha256"])}
            for member, said in manifest["files"].items()
        }
        expected = {
            f"{name}/{file}"
            for name, state in states.items()
            for file in lookup("state", state, _REQUIRED) | (_OPTIONAL[state] & _files_of(name, files))
        }
    except (ValueError, KeyError, TypeError, AttributeError, FerstudyError) as error:
        raise FerstudyError(f"{path}: its {MANIFEST} is not readable ({error})") from error
    odd = sorted((set(names) ^ {*files, MANIFEST}) | (set(files) ^ expected))
    if odd or len(names) != len(set(names)) or len(states) != len(manifest["runs"]):
        raise FerstudyError(f"{path}: its files are not those of its runs ({', '.join(odd[:3]) or 'some come twice'})")
    return states, files


def _is_safe(member: str) -> bool:
    parts = member.split("/")
    return member == MANIFEST or (len(parts) == 2 and all(_NAME.fullmatch(part) for part in parts))


def _files_of(name: str, files: Mapping[str, Any]) -> set[str]:
    return {member.partition("/")[2] for member in files if member.partition("/")[0] == name}


def _extract(path: Path, archive: zipfile.ZipFile, member: str, expected: Mapping[str, Any], folder: Path) -> None:
    """Unpack a member; no more bytes of it than the manifest says, whatever the archive unpacks to."""
    target = folder / member
    target.parent.mkdir(exist_ok=True)
    digest, left = hashlib.sha256(), int(expected["bytes"])
    with archive.open(member) as source, target.open("wb") as file:
        while left >= 0 and (block := source.read(min(2**20, left + 1))):
            left -= len(block)
            digest.update(block)
            file.write(block)
    if left or digest.hexdigest() != expected["sha256"]:
        raise FerstudyError(f"{path} is damaged: {member} is not what {MANIFEST} says; copy it again")


def _check(folder: Path, state: str) -> None:
    """A run that was unpacked is one: its files can be read, and belong to each other.

    Raises:
        FerstudyError: It is none.
    """
    from ferstudy.evaluation import metrics_of
    from ferstudy.models.weights import read_weights

    if state == "partial":
        recipe = recipes.from_yaml((folder / "recipe.yaml").read_text(encoding="utf-8", errors="replace"))
        if (folder / runs.CHECKPOINT).is_file():
            runs.history_of(runs.read_checkpoint(folder))
    else:
        run = runs.load_run(folder)
        recipe = run.recipe
        try:
            classes, fingerprint = run.status["classes"], run.status["dataset"]["fingerprint"]
            for key, said in run.metrics.items():
                split, _, tta = key.rpartition(".")
                found = metrics_of(*run.logits(split, tta=tta)).accuracy
                if not np.isclose(found, said["accuracy"], atol=1e-6):
                    raise FerstudyError(
                        f"{key} is {said['accuracy']:.4f} by metrics.json and {found:.4f} by predictions"
                    )
            run.history["epoch"].max()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise FerstudyError(f"its files do not fit each other ({type(error).__name__}: {error})") from error
        if not classes or not fingerprint:
            raise FerstudyError("status.json lacks the classes or the dataset's fingerprint")
        if (folder / runs.WEIGHTS).is_file():
            read_weights(folder / runs.WEIGHTS)
        if (folder / SHEET).is_file() and not (folder / SHEET).read_bytes().startswith(b"\x89PNG\r\n\x1a\n"):
            raise FerstudyError(f"{SHEET} is no picture")
    if recipe.run_name != folder.name:
        raise FerstudyError(f"its recipe is that of {recipe.run_name}")


@dataclass(frozen=True)
class _Move:
    """What is to be done about a run, and what will then be said of it."""

    taken: Taken
    act: Callable[[], None] = lambda: None


def _judge(new: Path, state: str, into: Path, replace: bool) -> _Move:
    """Decide about one unpacked run, without changing anything.

    Raises:
        FerstudyError: Another run is in its place.
    """
    name, partial = new.name, runs.partial_folder(into, new.name)
    here = into / name
    finished = (here / "status.json").is_file()
    with runs.run_lock(partial, name) if partial.is_dir() else nullcontext():
        begun = (partial / "recipe.yaml").read_bytes() if (partial / runs.CHECKPOINT).is_file() else None
    if state == "finished":
        if finished and _same(new, here):
            return _Move(Taken(name, state, "already here"))
        if finished and not replace:
            raise FerstudyError(
                f"another finished run {name} is in {into}; pass --replace to overwrite it, or choose another --into"
            )
        status = runs.load_run(new)
        text = runs.begun_text(status.recipe, status.status["dataset"]["fingerprint"]).encode()
        # What was begun here of the same recipe and data is finished now.
        done_with = partial if begun == text else None
        return _Move(Taken(name, state, "replaced" if finished else "taken in"), lambda: _put(new, here, done_with))
    if not (new / runs.CHECKPOINT).is_file():
        return _Move(Taken(name, state, "left, for its checkpoint is not in the archive"))
    if finished:
        return _Move(Taken(name, state, "left, for the run is finished here"))
    epochs = len(runs.history_of(runs.read_checkpoint(new)))
    (new / "history.csv").unlink()
    if begun is None:
        return _Move(Taken(name, state, f"taken in at epoch {epochs}"), lambda: _put(new, partial, partial))
    if begun != (new / "recipe.yaml").read_bytes() and not replace:
        raise FerstudyError(
            f"an unfinished run {name} of another recipe or other data is in {into}; pass --replace to overwrite it, "
            "or choose another --into"
        )
    known = len(runs.history_of(runs.read_checkpoint(partial)))
    if begun == (new / "recipe.yaml").read_bytes() and known >= epochs and not replace:
        return _Move(Taken(name, state, f"left at epoch {epochs}, for the run is at epoch {known} here"))
    return _Move(Taken(name, state, f"taken in at epoch {epochs}"), lambda: _put(new, partial, partial))


def _same(new: Path, here: Path) -> bool:
    return all((here / f.name).is_file() and (here / f.name).read_bytes() == f.read_bytes() for f in new.iterdir())


def _put(new: Path, target: Path, gone: Path | None) -> None:
    """Put a folder in place; what is there, and ``gone``, ends with the temporary folder."""
    for number, old in enumerate(dict.fromkeys(filter(None, (target, gone)))):
        if old.exists():
            os.replace(old, new.parent / f".old-{number}-{new.name}")
    os.replace(new, target)
