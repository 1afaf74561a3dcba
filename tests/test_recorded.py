"""The frame of all recorded numbers: tidy, complete, and equal to what the runs say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ferstudy
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import wilson
from ferstudy.recorded import COLUMNS
from ferstudy.runs import list_runs
from tests.conftest import ROOT

RUNS = ROOT / "reports" / "runs"
RUN = "small_cnn.fer2013.strong.s0"


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return ferstudy.results(RUNS)


def test_every_scored_split_and_view_of_every_run_is_there_once(frame: pd.DataFrame) -> None:
    assert tuple(frame.columns) == COLUMNS
    assert not frame.duplicated(["run", "split", "view", "measure"]).any()
    accuracies = frame[frame["measure"] == "accuracy"]
    found = set(accuracies["run"] + " " + accuracies["split"] + "." + accuracies["view"])
    assert found == {f"{run.name} {scored}" for run in list_runs(RUNS) for scored in run.metrics}


def test_values_and_intervals_are_the_runs_own(frame: pd.DataFrame) -> None:
    row = frame[(frame["run"] == RUN) & (frame["split"] == "PrivateTest") & (frame["view"] == "single")].set_index(
        "measure"
    )
    # 2,467 of 3,589 faces: the run's confusion matrix.
    assert row.loc["accuracy", "value"] == pytest.approx(100 * 2467 / 3589, abs=1e-3)
    assert (row.loc["accuracy", "low"], row.loc["accuracy", "high"]) == pytest.approx(
        [100 * bound for bound in wilson(2467, 3589)], abs=1e-3
    )
    assert np.isnan(row.loc["macro F1", "low"])
    assert 0 < row.loc["ECE", "value"] < 100
    assert row.loc["loss", "unit"] == "nats"


def test_a_network_is_counted_as_its_paper_prints_it(frame: pd.DataFrame) -> None:
    parameters = frame[frame["measure"] == "parameters"].set_index("run")["value"]
    assert parameters[RUN] == 784_263  # small_cnn, Table 1
    assert (frame.loc[frame["measure"] == "multiply-adds", "value"] > 1e5).all()


def test_without_folders_the_checkouts_runs_and_the_shipped_ones_are_found(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "notebooks")
    assert set(ferstudy.results()["run"]) == set(frame["run"])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="nowhere: no such folder"):
        ferstudy.results(tmp_path / "nowhere")
    assert ferstudy.results(tmp_path).empty
