"""A Ray cluster as the place where runs are trained: a run is a task, with a GPU each where there are GPUs.

The folder of the runs is shared between the machines (one file system, or one machine), ferstudy is installed on each,
and the data lies at the same place on each. A run whose machine is lost continues from its last epoch on another.
"""

from __future__ import annotations

import logging
import math
import os
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ferstudy.errors import FerstudyError
from ferstudy.session import Job, OnEpoch, Outcome, train_one
from ferstudy.training import EpochStats
from ferstudy.workers import Lost, Workers


class RayWorkers(Workers):
    """The machines of a Ray cluster.

    Args:
        address: ``local`` starts a cluster on this machine; else that of a cluster, as ``auto`` or ``HOST:PORT``.

    Raises:
        FerstudyError: Ray is not installed, or no cluster answers.
    """

    refresh = 5.0

    def __init__(self, address: str = "local") -> None:
        # Ray reports its use to its makers where nobody says otherwise.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ModuleNotFoundError as error:
            raise FerstudyError("a Ray cluster needs Ray: pip install 'ferstudy[ray]'") from error
        self._ray = ray
        self._tasks: set[Any] = set()
        if not ray.is_initialized():
            try:
                ray.init(address, include_dashboard=None if address != "local" else False, log_to_driver=False,
                         logging_level=logging.ERROR)  # fmt: skip
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise FerstudyError(
                    f"no Ray cluster at {address} ({error}); expected local, auto or HOST:PORT"
                ) from error

    def slots(self) -> int:
        has = self._ray.cluster_resources()
        return int(has.get("GPU", 0) or has.get("CPU", 0))

    def attempt(self, job: Job, on_epoch: OnEpoch) -> Outcome:
        on_gpu = self._ray.cluster_resources().get("GPU", 0) > 0
        place = {"num_cpus": 0, "num_gpus": 1} if on_gpu else {"num_cpus": 1}
        # What is lost is started again by the queue, which knows how far it had come.
        task = self._ray.remote(_train_on_machine).options(max_retries=0, num_returns="streaming", **place)
        seconds = job.deadline - time.monotonic()
        out = Path(job.out).resolve()
        root = None if job.root is None else str(Path(job.root).resolve())
        # Of a streaming task Ray's type hints promise one reference, where a generator of references comes.
        messages: Any = task.remote(replace(job, out=out, root=root, deadline=math.inf), time.time() + seconds)
        self._tasks.add(messages)
        try:
            for reference in messages:
                message = self._ray.get(reference)
                if isinstance(message, Outcome):
                    return message
                on_epoch(message, job.recipe)
        except self._ray.exceptions.RayError as error:
            raise Lost(f"its worker was lost ({type(error).__name__})") from error
        finally:
            self._tasks.discard(messages)
        raise Lost("its worker ended without an outcome")

    def stop(self) -> None:
        super().stop()
        for messages in list(self._tasks):
            self._ray.cancel(messages, force=True)


def _train_on_machine(job: Job, ends: float) -> Iterator[EpochStats | Outcome]:
    """Train a run and yield its epochs, then its outcome.

    Args:
        job: Its deadline is void: clocks of :func:`time.monotonic` differ from machine to machine.
        ends: Its deadline as :func:`time.time`.
    """
    import torch

    messages: queue.Queue[EpochStats | Outcome] = queue.Queue()

    def work() -> None:
        torch.set_num_threads(1)
        here = replace(job, deadline=time.monotonic() + ends - time.time())
        messages.put(train_one(here, lambda row, recipe: messages.put(row)))

    threading.Thread(target=work, daemon=True).start()
    while True:
        message = messages.get()
        yield message
        if isinstance(message, Outcome):
            return
