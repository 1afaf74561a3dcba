"""What a report's notebook works with: its profile, data, runs and entries, opened in one call."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from ferstudy.attention import FILE, Attention, read_attention
from ferstudy.audit import AUDITS, read_audit
from ferstudy.data import FaceDataset, find_root, load_dataset
from ferstudy.data.layouts import LAYOUTS
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import Metrics, metrics_of
from ferstudy.papers import get_study
from ferstudy.pretrained import list_pretrained
from ferstudy.recipes import Recipe
from ferstudy.reports.catalogue import get_report
from ferstudy.reports.entries import Entries
from ferstudy.reports.profiles import get_profile
from ferstudy.runs import Run, list_runs
from ferstudy.studies.answer import answer_of
from ferstudy.training import EpochStats, train


@dataclass(frozen=True)
class Scored:
    """A run's predictions and where they come from.

    Attributes:
        run: The run.
        predictions: As in ``predictions.npz``.
        evidence: ``measured`` where the shipped weights were scored on this machine's data, ``stand-in`` on synthetic
            faces, else ``recorded``.
        source: The same as a sentence, with date and device of the run.
    """

    run: Run
    predictions: dict[str, np.ndarray]
    evidence: str
    source: str

    @property
    def reported(self) -> tuple[str, ...]:
        """The splits whose images together give the headline number of the run's protocol."""
        return get_protocol(self.run.recipe.protocol).reported

    def logits(self, *splits: str, tta: str = "single") -> tuple[np.ndarray, np.ndarray]:
        """Logits (N, K) and targets (N,) of one or several splits, one after the other."""
        logits = np.concatenate([self.predictions[f"{split}.{tta}.logits"] for split in splits])
        return logits, np.concatenate([self.predictions[f"{split}.targets"] for split in splits])

    def metrics(self, *splits: str, tta: str = "single") -> Metrics:
        """Metrics on one split, or on several pooled."""
        return metrics_of(*self.logits(*splits, tta=tta))


class Report(Entries):
    """A report in the making.

    Args:
        report: Name of the report; a paper's is the paper's key.
        profile: Name of the profile.
        data: Folder of the real datasets; the data folder where empty.
        runs: Folder of recorded runs; recorded audits are in ``audits`` beside it.
        out: Folder of the reports; empty shows everything and writes nothing.
    """

    def __init__(self, report: str, profile: str, data: str = "", runs: str = "", out: str = "") -> None:
        self.size = get_profile(profile)
        super().__init__(get_report(report), profile, Path(out) / report if out else None)
        self._data = data or None
        self._workspace = tempfile.TemporaryDirectory(prefix="ferstudy-")
        self._audits = Path(runs).parent / AUDITS.name if runs else None
        self._runs = {run.name: run for run in list_runs(Path(runs))} if runs else {}

    def real(self, dataset: str = "fer2013") -> FaceDataset | None:
        """The real dataset where the profile looks for it and it is there, else ``None``."""
        if not self.size.real_data or find_root(dataset, self._data) is None:
            return None
        return load_dataset(dataset, root=self._data)

    def faces(self) -> FaceDataset:
        """Synthetic faces, as many as the profile takes."""
        n = self.size.faces
        return load_dataset("synthetic", train=n, public=n // 5, private=n // 5)

    def stand_in_data(self, dataset: str, options: Mapping[str, Any] | None = None, **numbers: Any) -> FaceDataset:
        """Synthetic faces that went through a dataset's own layout on disk and its own loader.

        Args:
            dataset: Registry name.
            options: Of the loader.
            numbers: Of the layout's writer, such as the number of people.
        """
        folder = Path(tempfile.mkdtemp(dir=self._workspace.name)) / dataset
        return load_dataset(dataset, root=LAYOUTS[dataset](folder, **numbers), **(options or {}))

    def stand_in(self, recipe: Recipe, data: FaceDataset, **changes: Any) -> Scored:
        """What a recipe gives on synthetic faces, trained here and now; its weights last as long as the report.

        A later stand-in may start from an earlier one's weights: ``init`` finds it by its name.

        Args:
            recipe: The paper's.
            data: Synthetic faces in the form that the recipe's protocol needs.
            changes: What is made smaller or other, such as ``epochs``.
        """
        small = recipe.but(dataset=data.name, **changes)
        run = train(small, data=data, out=Path(self._workspace.name) / "runs", on_epoch=_one_line)
        said = f"{run.name} on {len(data):,} synthetic faces, trained here for {run.status['epochs']} epochs"
        return Scored(run, run.predictions, "stand-in", said)

    @property
    def finished(self) -> dict[str, Run]:
        """All recorded runs by name, stand-ins among them: what a study is answered from."""
        return dict(self._runs)

    def recorded(self, *patterns: str) -> list[Run]:
        """The recorded runs on real data whose names match a shell pattern, by name."""
        real = [run for run in self._runs.values() if run.status["dataset"]["real"]]
        return [run for run in real if any(Path(run.name).match(p) for p in patterns or ("*",))]

    def answer(self, entry_id: str, study: str) -> None:
        """Show what a study's recorded runs say under an entry; ``not run``, and what it would cost, where none is."""
        asked = get_study(study)
        runs = [run for found in asked.runs(self._runs).values() for run in found]
        answer = answer_of(asked, self._runs)
        if not runs:
            cost = "" if answer.hours is None else f", about {answer.hours:.1f} core-hours at 100 GFLOP/s"
            self.not_run(entry_id, f"{asked.question} No arm is recorded{cost}", f"ferstudy studies run {study}")
            return
        evidence = "recorded" if all(run.status["dataset"]["real"] for run in runs) else "stand-in"
        frames = {"": answer.arms.dropna(axis=1, how="all"), "_compared": answer.comparisons.dropna(axis=1, how="all")}
        for part, frame in frames.items():
            if len(frame):
                said = "" if part else answer.sentence
                name = f"{entry_id}_{study}{part}"
                self.table(entry_id, frame.round(4), evidence, reproduced=said, name=name, scale=asked.scale)

    def attention(self, *patterns: str) -> tuple[Run, Attention] | None:
        """The first recorded run that matches a shell pattern and has average maps, with them; ``None`` for none."""
        for run in (found for pattern in patterns for found in self.recorded(pattern)):
            if (run.folder / FILE).is_file():
                return run, read_attention(run.folder / FILE)
        return None

    def recorded_audit(self, dataset: str) -> dict[str, Any] | None:
        """The recorded audit of a dataset, ``None`` where none is recorded."""
        return read_audit(dataset, self._audits) if self._audits else None

    def score(self, name: str) -> Scored:
        """A run's predictions: made anew where its weights ship and the real data is here, else as recorded.

        Raises:
            FerstudyError: No run of this name is recorded, or the fresh predictions differ from the recorded ones.
        """
        if name not in self._runs:
            raise FerstudyError(
                f"run {name!r} is not recorded here; train it with: ferstudy train {name.rsplit('.', 1)[0]}"
            )
        run = self._runs[name]
        status = run.status
        origin = f"run {name} of {status['date']} on {status['device']['type']}, code {status['code']}"
        if not status["dataset"]["real"]:
            return Scored(run, run.predictions, "stand-in", f"{origin}, on synthetic faces")
        shipped = {r.name: r for r in list_pretrained()}
        data = self.real(run.recipe.dataset)
        if data is None or name not in shipped or data.fingerprint != status["dataset"]["fingerprint"]:
            return Scored(run, run.predictions, "recorded", origin)
        from ferstudy.scoring import score

        (fold,) = get_protocol(run.recipe.protocol).folds(data)
        fresh = score(shipped[name].load_model(), run.recipe, data, fold, run.views)
        _same_decisions(run, fresh)
        return Scored(
            run, fresh, "measured", f"shipped weights of {origin}, scored here; equal to the recorded predictions"
        )


def _one_line(row: EpochStats, recipe: Recipe) -> None:
    fold = f"fold {row.fold} " if row.fold > 1 else ""
    chosen = "" if math.isnan(row.select_accuracy) else f"  selection {100 * row.select_accuracy:.1f} %"
    tqdm.write(f"{recipe.name}: {fold}epoch {row.epoch:2d}  loss {row.train_loss:.3f}{chosen}")


def _same_decisions(run: Run, fresh: dict[str, np.ndarray]) -> None:
    """Fresh and recorded logits must agree to rounding, and so in every decision that is no tie."""
    for key, old in run.predictions.items():
        if not np.allclose(fresh[key], old, rtol=1e-3, atol=1e-3):
            gap = np.abs(fresh[key] - old).max()
            raise FerstudyError(
                f"{run.name}: {key} differs from the recorded predictions by up to {gap:.3g}; "
                "the weights, the data or the code are not those of the run"
            )
