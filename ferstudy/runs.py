"""What training leaves on disk, and how it is read again.

A run is a folder named ``model.dataset.variant.sSEED`` with ``recipe.yaml``, ``history.csv``, ``predictions.npz``,
``metrics.json``, ``weights.safetensors`` (left out of recorded runs, which have ``attention.npz``) and, written last,
``status.json``. It is made in a hidden folder beside it and renamed when complete, so that whatever bears a run's name
is a finished run.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import pickle
import platform
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from ferstudy import recipes
from ferstudy.data.base import FaceDataset
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError, lookup, unknown
from ferstudy.recipes import Recipe

# Both take long to load, and listing runs needs neither.
if TYPE_CHECKING:
    import pandas as pd
    import torch
    from torch import Tensor, nn

WEIGHTS = "weights.safetensors"
CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Run:
    """A finished run on disk."""

    folder: Path
    recipe: Recipe
    status: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def history(self) -> pd.DataFrame:
        """A row an epoch; columns as in :class:`ferstudy.training.EpochStats`."""
        import pandas as pd

        history = pd.read_csv(self.folder / "history.csv")
        # Runs of one fold did not always say which.
        return history if "fold" in history else history.assign(fold=1)

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """Logits, targets and rows of the scored splits, as in ``predictions.npz``."""
        return read_predictions(self.folder / "predictions.npz")

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """``{split}.{tta}`` to metrics, as computed when the run ended."""
        metrics: dict[str, Any] = json.loads((self.folder / "metrics.json").read_text(encoding="utf-8"))
        return metrics

    @property
    def selection_accuracy(self) -> float:
        """Accuracy of the chosen epoch on the selection split, 0 to 1, of several folds the mean; NaN without one."""
        return float(self.history.groupby("fold")["select_accuracy"].max().mean())

    def logits(self, *splits: str, tta: str = "single") -> tuple[np.ndarray, np.ndarray]:
        """Logits (N, K) and targets (N,) of one or several splits, one after the other.

        Raises:
            FerstudyError: The run was not scored on such a split or with such views.
        """
        for split in splits:
            if f"{split}.{tta}.logits" not in self.predictions:
                known = sorted(k.removesuffix(".logits") for k in self.predictions if k.endswith(".logits"))
                raise unknown(f"scored split of run {self.name}", f"{split}.{tta}", known)
        logits = np.concatenate([self.predictions[f"{split}.{tta}.logits"] for split in splits])
        return logits, np.concatenate([self.predictions[f"{split}.targets"] for split in splits])

    @property
    def views(self) -> tuple[str, ...]:
        """The test-time augmentations that its predictions hold: those of its recipe, and those recorded later."""
        return tuple(dict.fromkeys(key.split(".")[1] for key in self.predictions if key.endswith(".logits")))

    def load_model(self) -> nn.Module:
        """The network with the run's weights, on the CPU, in evaluation mode.

        Raises:
            FerstudyError: The run was recorded without weights.
        """
        from ferstudy.models.weights import load_weights

        return load_weights(self.recipe, self.folder / WEIGHTS, self.status["classes"])


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz``, none of which is unpickled.

    Raises:
        FerstudyError: Missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FerstudyError(f"{path}: not a readable file of arrays ({error})") from error


def read_predictions(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a ``predictions.npz``, logits in float32.

    Raises:
        FerstudyError: Missing or damaged.
    """
    found = read_arrays(path)
    return {name: values.astype(np.float32) if values.dtype == np.float16 else values for name, values in found.items()}


def rounded(predictions: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Predictions as a recorded run keeps them: logits in float16 wherever that changes no decision."""

    def fits(logits: np.ndarray) -> bool:
        half = logits.astype(np.float16).astype(np.float32)
        return bool(np.isfinite(half).all() and (half.argmax(1) == logits.argmax(1)).all())

    return {
        name: values.astype(np.float16) if name.endswith(".logits") and fits(values) else values
        for name, values in predictions.items()
    }


def load_run(folder: Path) -> Run:
    """A run from its folder.

    Raises:
        FerstudyError: No finished run is there.
    """
    try:
        status = json.loads((folder / "status.json").read_text(encoding="utf-8"))
        recipe = recipes.from_yaml((folder / "recipe.yaml").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FerstudyError(f"{folder} is not a finished run: it has no {Path(error.filename).name}") from error
    except (OSError, ValueError) as error:
        raise FerstudyError(f"{folder} is not a readable run ({error})") from error
    return Run(folder, recipe, status)


def list_runs(*folders: Path) -> list[Run]:
    """The finished runs in some folders, by name; the first folder that has a name wins."""
    found: dict[str, Run] = {}
    for folder in folders:
        for status in sorted(folder.glob("[!.]*/status.json")):
            run = load_run(status.parent)
            found.setdefault(run.name, run)
    return [found[name] for name in sorted(found)]


def get_run(name: str, *folders: Path) -> Run:
    """A finished run by its name, or by its own folder's path.

    Raises:
        FerstudyError: No finished run has this name in these folders.
    """
    if (Path(name) / "status.json").is_file():
        return load_run(Path(name))
    return lookup("run", name, {run.name: run for run in list_runs(*folders)})


def finished_run(out: Path, recipe: Recipe, fingerprint: str) -> Run | None:
    """The finished run of this very recipe and data, ``None`` if there is none yet.

    Raises:
        FerstudyError: A run of another recipe or other data bears the name.
    """
    if not (out / recipe.run_name / "status.json").is_file():
        return None
    run = load_run(out / recipe.run_name)
    if run.recipe != recipe or run.status["dataset"]["fingerprint"] != fingerprint:
        differs = "recipe" if run.recipe != recipe else "dataset"
        raise FerstudyError(
            f"run {recipe.run_name} in {out} was made with another {differs}; choose another --out or pass --restart"
        )
    return run


def partial_folder(out: Path, name: str) -> Path:
    """Where an unfinished run waits to be continued, with its recipe and its checkpoint."""
    return out / f".{name}.partial"


def begun_text(recipe: Recipe, fingerprint: str) -> str:
    """What an unfinished run's ``recipe.yaml`` says: it is continued under the same recipe on the same data only."""
    return recipes.to_yaml(recipe) + f"# data {fingerprint}\n"


def read_checkpoint(partial: Path) -> dict[str, Any]:
    """The state after an unfinished run's last finished epoch; ``done`` folds and the ``trainer`` of the next one.

    Raises:
        FerstudyError: It is missing, damaged or no checkpoint.
    """
    import torch

    path = partial / CHECKPOINT
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile) as error:
        raise FerstudyError(f"{path} is no readable checkpoint; pass --restart to begin its run anew") from error
    if not isinstance(state, dict) or set(state) != {"done", "trainer"}:
        raise FerstudyError(f"{path} is no checkpoint of a run; pass --restart to begin its run anew")
    return state


def history_of(checkpoint: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the epochs that a checkpoint has behind it, of all folds.

    Raises:
        FerstudyError: It is no checkpoint of a run.
    """
    try:
        trained = [*checkpoint["done"], *([checkpoint["trainer"]] if checkpoint["trainer"] else [])]
        return [dict(row) for part in trained for row in part["history"]]
    except (KeyError, TypeError, ValueError) as error:
        raise FerstudyError(f"{CHECKPOINT} is no checkpoint of a run") from error


class RunHeld(FerstudyError):
    """Another process writes this run."""


@contextlib.contextmanager
def run_lock(partial: Path, name: str) -> Iterator[None]:
    """Hold a run, so that no other process writes it.

    Raises:
        RunHeld: Another process does.
    """
    with (partial / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunHeld(
                f"run {name} is being written by another process; wait for it, or choose another --out"
            ) from error
        yield


class RunWriter:
    """Writes one run; a context manager that holds the run's lock.

    Raises:
        FerstudyError: On entering, if another process holds the lock, an unfinished run of another recipe or of other
            data is there, or the folder cannot be written.
    """

    def __init__(self, out: Path, recipe: Recipe, data: FaceDataset, restart: bool = False) -> None:
        self.recipe = recipe
        self.data = data
        self.restart = restart
        self.folder = out / recipe.run_name
        self.partial = partial_folder(out, recipe.run_name)
        self._held = contextlib.ExitStack()

    def __enter__(self) -> RunWriter:
        try:
            self.partial.mkdir(parents=True, exist_ok=True)
            self._held.enter_context(run_lock(self.partial, self.recipe.run_name))
        except OSError as error:
            raise FerstudyError(
                f"cannot write runs to {self.folder.parent} ({error.strerror}); choose another --out"
            ) from error
        begun = self.partial / "recipe.yaml"
        text = begun_text(self.recipe, self.data.fingerprint)
        if self.restart:
            (self.partial / CHECKPOINT).unlink(missing_ok=True)
        elif begun.is_file() and begun.read_text(encoding="utf-8") != text:
            self._held.close()
            raise FerstudyError(
                f"an unfinished run {self.recipe.run_name} of another recipe or other data is in {self.folder.parent}; "
                "choose another --out or pass --restart"
            )
        begun.write_text(text, encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()
        # Before its first epoch is whole, a run has nothing worth keeping.
        if value is not None and not (self.partial / CHECKPOINT).is_file():
            shutil.rmtree(self.partial, ignore_errors=True)

    def save_checkpoint(self, state: dict[str, Any]) -> None:
        """Keep the state after an epoch; the previous one stays until this one is whole."""
        import torch

        temporary = self.partial / "checkpoint.tmp"
        torch.save(state, temporary)
        os.replace(temporary, self.partial / CHECKPOINT)

    def load_checkpoint(self) -> dict[str, Any] | None:
        """The state after the last finished epoch, ``None`` before the first."""
        return read_checkpoint(self.partial) if (self.partial / CHECKPOINT).is_file() else None

    def finish(self, folds: Sequence[Mapping[str, Any]], device: torch.device) -> Run:
        """Write the run's files, rename its folder into place and return it.

        Args:
            folds: What each fold left: ``history``, ``seconds``, ``best_epoch``, ``precision``, ``predictions`` and
                ``weights``.
            device: Where it was trained.
        """
        import pandas as pd
        from safetensors.torch import save_file

        history = [row for fold in folds for row in fold["history"]]
        seconds = [value for fold in folds for value in fold["seconds"]]
        epochs = [fold["best_epoch"] for fold in folds]
        predictions = pool_folds([fold["predictions"] for fold in folds])
        folder = self.partial / "run"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "recipe.yaml").write_text(recipes.to_yaml(self.recipe), encoding="utf-8")
        pd.DataFrame(history).to_csv(folder / "history.csv", index=False)
        write_predictions(folder, predictions)
        save_file({k: v.contiguous() for k, v in folds[-1]["weights"].items()}, folder / WEIGHTS)
        protocol = get_protocol(self.recipe.protocol)
        _write_json(
            folder / "status.json",
            {
                "status": "complete",
                "run": self.recipe.run_name,
                "date": datetime.date.today().isoformat(),
                "protocol": str(protocol),
                "folds": len(folds),
                "selected_epoch": epochs[0] if len(epochs) == 1 else epochs,
                "epochs": len(history),
                "seconds": round(sum(seconds), 1),
                "seconds_per_epoch": round(float(np.median(seconds)), 2),
                "precision": folds[-1]["precision"],
                "classes": list(self.data.classes),
                "dataset": {
                    "name": self.data.name,
                    "real": self.data.real,
                    "fingerprint": self.data.fingerprint,
                    "layout": self.data.layout,
                    "warnings": list(self.data.warnings),
                },
                **provenance(device),
            },
        )
        if self.folder.exists():
            shutil.rmtree(self.folder)
        os.replace(folder, self.folder)
        self._held.close()
        shutil.rmtree(self.partial)
        return load_run(self.folder)


def write_predictions(folder: Path, predictions: Mapping[str, np.ndarray]) -> None:
    """Write ``predictions.npz`` and the metrics that recompute from it, ``metrics.json``."""
    from ferstudy.evaluation import metrics_of

    np.savez_compressed(folder / "predictions.npz", allow_pickle=False, **dict(predictions))
    metrics = {
        key.removesuffix(".logits"): metrics_of(
            logits.astype(np.float32), predictions[key.split(".")[0] + ".targets"]
        ).to_dict()
        for key, logits in predictions.items()
        if key.endswith(".logits")
    }
    _write_json(folder / "metrics.json", metrics)


def replace_predictions(run: Run, predictions: Mapping[str, np.ndarray]) -> Run:
    """Put other predictions and the metrics that recompute from them into a run's folder.

    Raises:
        FerstudyError: The folder cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".predictions-", dir=run.folder) as temporary:
            write_predictions(Path(temporary), predictions)
            for name in ("predictions.npz", "metrics.json"):
                os.replace(Path(temporary) / name, run.folder / name)
    except OSError as error:
        raise FerstudyError(f"cannot write the predictions of {run.name} ({error.strerror})") from error
    return load_run(run.folder)


def pool_folds(folds: Sequence[Mapping[str, Tensor]]) -> dict[str, np.ndarray]:
    """The predictions of several folds, one after the other; of more than one, ``{split}.folds`` says whose each is."""
    pooled = {name: np.concatenate([fold[name].numpy() for fold in folds]) for name in folds[0]}
    if len(folds) > 1:
        for name in [name for name in folds[0] if name.endswith(".targets")]:
            sizes = [len(fold[name]) for fold in folds]
            pooled[name.replace(".targets", ".folds")] = np.repeat(np.arange(1, len(folds) + 1), sizes)
    return pooled


def provenance(device: torch.device) -> dict[str, Any]:
    """Code, libraries and hardware behind a number."""
    import torch

    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "code": _commit(),
        "device": {"type": device.type, "name": name, "threads": torch.get_num_threads()},
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }


def _commit() -> str:
    """The commit of the source checkout, marked if it was changed; the package version outside a checkout."""
    here = Path(__file__).resolve().parent
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        git = ["git", "-C", str(here)]
        # A package that was installed inside some other project's checkout is not that project's code.
        subprocess.run([*git, "ls-files", "--error-unmatch", Path(__file__).name], capture_output=True, check=True)
        commit = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        dirty = subprocess.run([*git, "status", "--porcelain", "--", "."], capture_output=True, text=True, check=True)
        return commit.stdout.strip() + ("+changes" if dirty.stdout.strip() else "")
    from ferstudy import __version__

    return f"version {__version__}"


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


# What a recorded run keeps, and what a shipped one keeps.
_RECORDED = ("recipe.yaml", "status.json", "metrics.json", "history.csv", "predictions.npz")
_SHIPPED = ("recipe.yaml", "status.json", "metrics.json", WEIGHTS)


def record(run: Run, into: Path, shipped: bool = False, complete: Callable[[Path], None] = lambda folder: None) -> Run:
    """Copy a run into a folder of recorded runs: everything but its weights, or what a shipped run needs.

    A recorded run keeps its logits in float16 where no decision changes, and metrics that recompute from those.

    Args:
        run: A finished run on real data, or a stand-in whose recipe says so.
        into: The folder, ``reports/runs``; for a shipped run the package's ``weights``.
        shipped: Keep the weights, and leave out history and predictions.
        complete: Called with the folder before it gets its name, to add files to it.

    Raises:
        FerstudyError: The run is of synthetic faces and its recipe says nothing of them, it lacks a file, or the folder
            cannot be written.
    """
    if not run.status["dataset"]["real"] and not run.recipe.stand_in:
        raise FerstudyError(
            f"run {run.name} is of synthetic faces; only runs on real data are recorded, or stand-ins that say so"
        )
    if run.recipe.folds:
        raise FerstudyError(f"run {run.name} is of {run.recipe.folds} folds only; only whole runs are recorded")
    if run.recipe.images:
        raise FerstudyError(
            f"run {run.name} is a trial on {run.recipe.images} images a split; only whole runs are recorded"
        )
    temporary = into / f".{run.name}.partial"
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name in _SHIPPED if shipped else _RECORDED:
            shutil.copyfile(run.folder / name, temporary / name)
        if not shipped:
            write_predictions(temporary, rounded(run.predictions))
        complete(temporary)
        shutil.rmtree(into / run.name, ignore_errors=True)
        os.replace(temporary, into / run.name)
    except OSError as error:
        raise FerstudyError(f"cannot record {run.name} in {into}: {error.strerror} ({error.filename})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return load_run(into / run.name)
