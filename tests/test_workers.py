"""A run in a process of its own is the same run, survives the process, and ends with the session."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ferstudy.recipes import Recipe
from ferstudy.runs import partial_folder
from ferstudy.scheduler import work_off
from ferstudy.session import Job
from ferstudy.training import EpochStats, train
from ferstudy.workers import Processes
from tests.conftest import ROOT


def small(variant: str, **changes: object) -> Recipe:
    options = {"train": 64, "public": 32, "private": 32}
    return Recipe(
        f"lite_xception.synthetic.{variant}", "lite_xception", "synthetic", dataset_options=options, epochs=3,
        batch_size=32, tta=("single",),
    ).but(**changes)  # fmt: skip


@pytest.fixture
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("_one_thread")
def test_a_killed_process_costs_an_epoch_at_most(tmp_path: Path) -> None:
    """Of two runs side by side one is killed after its first epoch; both end as runs that nothing happened to."""
    chosen = [small("a"), small("b", seed=1)]
    workers = Processes(jobs=2)
    seen: list[tuple[str, int]] = []

    def strike(row: EpochStats, recipe: Recipe) -> None:
        seen.append((recipe.run_name, row.epoch))
        if len(seen) == 1:
            (child,) = [child for child in workers._children if child.name == recipe.run_name]
            os.kill(child.pid or 0, signal.SIGKILL)

    ended = work_off(lambda: chosen, lambda recipe: Job(recipe, tmp_path / "out"), workers, on_epoch=strike)
    assert [outcome.state for outcome in ended.values()] == ["finished", "finished"], [*map(str, ended.values())]
    for recipe in chosen:
        whole = train(recipe, out=tmp_path / "whole").folder
        run = ended[recipe.run_name].run
        assert run is not None
        assert (run.folder / "predictions.npz").read_bytes() == (whole / "predictions.npz").read_bytes()
        assert run.status["device"]["threads"] == 1
        assert [epoch for name, epoch in seen if name == recipe.run_name] == [1, 2, 3]


def test_what_cannot_be_trained_is_told(tmp_path: Path) -> None:
    lost = Recipe("lite_xception.fer2013.lost", "lite_xception", epochs=1)
    ended = work_off(lambda: [lost], lambda recipe: Job(recipe, tmp_path, str(tmp_path)), Processes(jobs=1))
    assert "fer2013 is not in" in str(ended[lost.run_name])


SESSION = """
import signal
import sys
from pathlib import Path
from ferstudy.scheduler import work_off
from ferstudy.session import Job
from ferstudy.workers import Processes
from tests.test_workers import small

def begun(row, recipe):
    print("epoch", *(child.pid for child in workers._children), flush=True)

if __name__ == "__main__":
    # What a shell starts in the background ignores Ctrl-C, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen = [small("a", epochs=10_000), small("b", epochs=10_000)]
    workers = Processes(jobs=2)
    try:
        work_off(lambda: chosen, lambda recipe: Job(recipe, Path(sys.argv[1])), workers, on_epoch=begun)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_its_session(sent: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C goes to all processes of a terminal, SIGKILL to the session alone; the next session need not wait."""
    script = tmp_path / "session.py"
    script.write_text(SESSION)
    session = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert session.stdout is not None
    line = session.stdout.readline()
    while len(children := [int(pid) for pid in line.split()[1:]]) < 2:
        line = session.stdout.readline()
    if sent == signal.SIGINT:
        os.killpg(session.pid, sent)
    else:
        session.kill()
    said, errors = session.communicate(timeout=120)
    assert errors == ""
    assert said.endswith("interrupted\n") or sent == signal.SIGKILL
    deadline = time.monotonic() + 60
    while any(map(_is_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not any(map(_is_alive, children))
    ends = time.monotonic() - 1
    outcomes = work_off(lambda: [small("a", epochs=10_000)], lambda r: Job(r, tmp_path, deadline=ends), Processes(1))
    (outcome,) = outcomes.values()
    assert outcome.state in ("partial", "not begun")
    assert any((partial_folder(tmp_path, small(x).run_name) / "checkpoint.pt").is_file() for x in "ab")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
