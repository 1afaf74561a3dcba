"""Where the runs of a queue are trained: in this process, or each in a process of its own."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import torch

from ferstudy.inference import default_device
from ferstudy.session import Job, OnEpoch, Outcome, train_one


class Lost(Exception):
    """What trained a run has died; the run's last epoch is kept."""


class Workers(ABC):
    """Where runs are trained.

    Attributes:
        stopped: Nothing more is trained, and what died was ended on purpose.
        refresh: Seconds after which the number of free places may be another; ``None`` where it never changes.
    """

    stopped = False
    refresh: float | None = None

    @abstractmethod
    def slots(self) -> int:
        """How many runs are trained at a time."""

    @abstractmethod
    def attempt(self, job: Job, on_epoch: OnEpoch) -> Outcome:
        """Train a run until it is finished, has failed or is out of time.

        Raises:
            Lost: What trained it has died.
        """

    def executor(self) -> Executor:
        """What calls :meth:`attempt`: threads that wait for work done elsewhere."""
        return ThreadPoolExecutor(max_workers=256, initializer=_leave_interrupts_to_the_main_thread)

    def stop(self) -> None:
        """End what is being trained; every epoch but the running one is kept."""
        self.stopped = True


def _leave_interrupts_to_the_main_thread() -> None:
    # Processes that such a thread starts inherit it: Ctrl-C reaches the session alone, which ends them.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


class Here(Workers):
    """In this process, one at a time."""

    def slots(self) -> int:
        return 1

    def executor(self) -> Executor:
        return _AtOnce()

    def attempt(self, job: Job, on_epoch: OnEpoch) -> Outcome:
        outcome = train_one(job, on_epoch)
        # What a run that failed held (a GPU's memory, say) is there for the next one.
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return outcome


class _AtOnce(Executor):
    """Calls what is submitted before it returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Processes(Workers):
    """Each run in a process of its own, with one thread.

    Args:
        jobs: How many at a time; where not given one on a GPU, else one for each core that this process may use.
    """

    def __init__(self, jobs: int | None = None) -> None:
        on_gpu = default_device().type == "cuda"
        self._jobs = jobs or (1 if on_gpu else len(os.sched_getaffinity(0)))
        self._children: set[BaseProcess] = set()
        self._starting = threading.Lock()

    def slots(self) -> int:
        return self._jobs

    def attempt(self, job: Job, on_epoch: OnEpoch) -> Outcome:
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_train_in_child, args=(job, sender), name=job.recipe.run_name, daemon=True)
        with self._starting:
            if self.stopped:
                raise Lost("not begun")
            with _one_thread():
                child.start()
            self._children.add(child)
        sender.close()
        try:
            while True:
                message = receiver.recv()
                if isinstance(message, Outcome):
                    return message
                on_epoch(message, job.recipe)
        except EOFError as error:
            child.join()
            raise Lost(_how_it_ended(child.exitcode or 0)) from error
        finally:
            receiver.close()
            child.join()
            self._children.discard(child)

    def stop(self) -> None:
        with self._starting:
            super().stop()
            for child in self._children:
                child.terminate()


@contextmanager
def _one_thread() -> Iterator[None]:
    """What is started meanwhile computes with one thread: OpenMP reads its number when it is loaded."""
    known = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if known is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = known


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with code {code}"


def _train_in_child(job: Job, sender: Connection) -> None:
    """Train a run and send its epochs, then its outcome."""
    # Through the run's own clean-up, which a signal alone would pass over.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sender.send(train_one(job, lambda row, recipe: sender.send(row)))


def _end_with_parent() -> None:
    """Hold no run longer than the session lives, so that the next one need not wait."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
