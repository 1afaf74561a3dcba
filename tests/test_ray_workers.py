"""On a cluster that loses a machine, all runs finish and are those of the plain queue."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ferstudy.recipes import Recipe
from ferstudy.scheduler import work_off
from ferstudy.session import Job
from ferstudy.training import EpochStats
from ferstudy.workers import Processes
from tests.conftest import ROOT
from tests.test_workers import small

pytest.importorskip("ray", reason="Ray is not installed: pip install 'ferstudy[ray]'")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without work and two machines of one core."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # A busy machine needs longer than Ray waits.
    monkeypatch.setenv("RAY_agent_register_timeout_ms", "120000")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    import ray
    from ray.cluster_utils import Cluster

    try:
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    except Exception as error:
        # Ray gives its own services 15 and 30 seconds, which a busy machine exceeds.
        pytest.skip(f"Ray's own services do not start on this machine: {error}")
    yield made
    ray.shutdown()
    made.shutdown()


def test_a_lost_machine_costs_an_epoch_at_most(cluster: Any, tmp_path: Path) -> None:
    from ferstudy.ray_workers import RayWorkers

    machines = [cluster.add_node(num_cpus=1) for _ in range(2)]
    chosen = [small(name, epochs=4) for name in "abc"]
    workers = RayWorkers(cluster.address)
    assert workers.slots() == 2
    seen: list[tuple[str, int]] = []

    def strike(row: EpochStats, recipe: Recipe) -> None:
        seen.append((recipe.run_name, row.epoch))
        if len(machines) == 2 and len({name for name, _ in seen}) == 2:
            # Both train: whichever it is, a run is lost.
            cluster.remove_node(machines.pop(), allow_graceful=False)

    far = time.monotonic() + 3600
    ended = work_off(lambda: chosen, lambda r: Job(r, tmp_path / "ray", deadline=far), workers, on_epoch=strike)
    assert [outcome.state for outcome in ended.values()] == ["finished"] * 3, [*map(str, ended.values())]
    assert len(machines) == 1
    plain = work_off(lambda: chosen, lambda r: Job(r, tmp_path / "plain"), Processes(jobs=1))
    for name, outcome in ended.items():
        here, there = outcome.run, plain[name].run
        assert here is not None
        assert there is not None
        assert (here.folder / "predictions.npz").read_bytes() == (there.folder / "predictions.npz").read_bytes()
        assert here.status["device"]["threads"] == 1
