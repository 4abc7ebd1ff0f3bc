"""Workers for searches: processes of this machine, or anybody's `concurrent.futures.Executor`, results in order.

A worker that dies costs the batches it held: a pool of processes is rebuilt and they are handed out again; what a
caller's executor fails to deliver is computed in this process.
"""

from __future__ import annotations

import functools
import hashlib
import multiprocessing
import os
import pickle
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController, threadpool_limits

from verify.errors import Inconclusive, UsageProblem

# Batches handed out and not yet taken back, a worker: enough to keep it busy, few enough to keep memory flat.
AHEAD = 4
UNKNOWN_SIZE = 64
# Deaths in a row, without one batch delivered in between, after which the batch is to blame.
MAX_DEATHS = 5

Job = Callable[[Any, Any], Any]
# Returns the seconds that one may wait for a result; raises when the budget is used up.
Patience = Callable[[], float | None]


class Workforce:
    """Hands batches to an executor and takes the results back in order.

    Args:
        executor: where jobs run.
        size: number of workers behind it.
        rebuild: makes a new executor when this one is broken; None if that is the caller's affair.
    """

    def __init__(self, executor: Executor, size: int, rebuild: Callable[[], Executor] | None = None) -> None:
        self._executor: Executor | None = executor
        self._ahead = AHEAD * size
        self._rebuild = rebuild
        self._deaths = 0

    def map(self, job: Job, shared: object, batches: Iterable[Any], patience: Patience | None = None) -> Iterator[Any]:
        """Yield job(shared, batch) for each batch, in order. `shared` travels pickled once and is cached by workers."""
        payload = pickle.dumps(shared, protocol=5)
        task = functools.partial(_work, job, hashlib.sha256(payload).digest(), payload)
        waiting: deque[tuple[Any, Future[Any] | None]] = deque()

        def next_result() -> Any:
            while True:
                batch, future = waiting[0]
                try:
                    result = job(shared, batch) if future is None else self._take(future, patience)
                except BrokenExecutor:
                    self._replace()
                    again = [(held, self._submit(task, held) if _lost(old) else old) for held, old in waiting]
                    waiting.clear()
                    waiting.extend(again)
                    continue
                waiting.popleft()
                self._deaths = 0
                return result

        for batch in batches:
            waiting.append((batch, self._submit(task, batch)))
            if len(waiting) >= self._ahead:
                yield next_result()
        while waiting:
            yield next_result()

    def close(self) -> None:
        """Let the processes that this object started go; a caller's executor is left alone."""
        if self._rebuild is not None and self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)

    def _submit(self, task: Callable[[Any], Any], batch: Any) -> Future[Any] | None:
        """Hand out a batch; None means that it will be computed here."""
        while self._executor is not None:
            try:
                return self._executor.submit(task, batch)
            except BrokenExecutor:
                self._replace()
        return None

    def _take(self, future: Future[Any], patience: Patience | None) -> Any:
        while True:
            try:
                return future.result(None if patience is None else patience())
            except TimeoutError:
                # Either the wait has ended, and `patience` will say so, or the job itself ran into a time limit.
                if future.done():
                    raise
            except (BrokenExecutor, Inconclusive):
                raise
            except (Exception, CancelledError) as failure:
                # Not delivered (a scheduler that lost a worker too often, say): the caller's process does it.
                raise BrokenExecutor(str(failure)) from failure

    def _replace(self) -> None:
        self._deaths += 1
        if self._rebuild is None:
            self._executor = None
        elif self._deaths > MAX_DEATHS:
            raise Inconclusive("the worker processes are killed again and again (out of memory?); use fewer --workers")
        else:
            if self._executor is not None:
                self._executor.shutdown(wait=False, cancel_futures=False)
            self._executor = self._rebuild()


def _lost(future: Future[Any] | None) -> bool:
    """Return whether the batch of this future has to be handed out again."""
    return future is None or not future.done() or future.cancelled() or future.exception() is not None


_shared: dict[bytes, object] = {}


def _work(job: Job, digest: bytes, payload: bytes, batch: Any) -> Any:
    """Run one job in a worker."""
    single_threaded()
    if digest not in _shared:
        _shared.clear()
        _shared[digest] = pickle.loads(payload)
    return job(_shared[digest], batch)


@functools.cache
def single_threaded() -> None:
    """Keep BLAS in this process to one thread: sums do not depend on the machine's load, and workers do not collide."""
    threadpool_limits(1, user_api="blas")


@functools.cache
def _libraries(scipy: bool) -> ThreadpoolController:
    """Return the BLAS libraries that are loaded; to find them takes long. (scipy brings its own, later than numpy.)"""
    return ThreadpoolController()


def available() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def workforce_for(workers: int | None, given: Executor | None = None) -> Iterator[Workforce | None]:
    """Yield workers behind the caller's executor, or a pool of `workers` processes, or None for one worker."""
    count = workers or available()
    with _libraries("scipy" in sys.modules).limit(limits=1, user_api="blas"):
        if given is not None:
            yield Workforce(given, UNKNOWN_SIZE)
        elif count == 1:
            yield None
        else:
            with closing(_processes(count)) as workforce:
                yield workforce


def _processes(count: int) -> Workforce:
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")

    def pool() -> Executor:
        return ProcessPoolExecutor(count, mp_context=context, initializer=_follow, initargs=(os.getpid(),))

    return Workforce(pool(), count, pool)


def _follow(parent: int) -> None:
    """Let this worker end when its parent has been killed: nobody else would tell it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def dask_executor(scheduler: str, patience: float = 10.0) -> Iterator[Executor]:
    """Yield the executor of the Dask cluster whose scheduler listens at `scheduler` ("tcp://host:8786").

    Workers need this package installed in the same version; Dask hands a dead worker's batches to the others.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UsageProblem("--executor dask needs Dask: install verify[dask]") from None
    try:
        client = Client(scheduler, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageProblem(f"no Dask scheduler answers at {scheduler}: {str(error)[:200]}") from None
    with client:
        yield client.get_executor(pure=False, retries=3)
