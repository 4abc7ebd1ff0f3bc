"""Executors: the same certificate from one process, many, threads, or a Dask cluster, also when workers are killed."""

from __future__ import annotations

import functools
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cover_examples import network_file

import verify
from verify.claims import thm2
from verify.cli.main import run
from verify.constructions.thm2 import universal_family
from verify.errors import Inconclusive, UsageProblem
from verify.networks.family import RidgeFamily
from verify.provers import covering, workers
from verify.provers.workers import Workforce, dask_executor, workforce_for

REQUEST: dict[str, Any] = {"d": 2, "eps": "0.08"}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    # A small instance with many batches, forests cut early: what large instances do.
    monkeypatch.setattr(covering, "BATCH", 32)
    monkeypatch.setattr(covering, "WORTH_SHARING", 64)
    monkeypatch.setattr(covering, "LARGE", 300)
    monkeypatch.setattr(covering, "FOREST", 100)
    monkeypatch.setattr(thm2, "universal_family", lambda d, epsilon, *rest: family(d, epsilon))


@functools.cache
def family(d: int, epsilon: Fraction) -> tuple[RidgeFamily, str]:
    return universal_family(d, epsilon)


@pytest.fixture
def expected() -> bytes:
    return verify.certify("thm2", **REQUEST, workers=1).certificate.to_bytes()


def test_cutting_forests_does_not_change_the_tree(monkeypatch: pytest.MonkeyPatch, expected: bytes) -> None:
    monkeypatch.setattr(covering, "LARGE", 1 << 18)
    assert verify.certify("thm2", **REQUEST, workers=1).certificate.to_bytes() == expected


@pytest.mark.parametrize("count", [2, 3])
def test_processes_find_the_same_certificate(count: int, expected: bytes) -> None:
    assert verify.certify("thm2", **REQUEST, workers=count).certificate.to_bytes() == expected


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_finds_the_same_certificate(kind: type[Any], expected: bytes) -> None:
    with kind(2) as executor:
        assert verify.certify("thm2", **REQUEST, workers=1, executor=executor).certificate.to_bytes() == expected


def test_a_profile_has_the_same_certificate_from_many_workers() -> None:
    alone, many = (
        verify.certify("thm2", d=2, eps="0.02", profile="norm", workers=count).certificate.to_bytes()
        for count in (1, 2)
    )
    assert alone == many


def square(shared: tuple[Path | None, int], batch: int) -> int:
    """Square `batch`; kill the worker at one batch, once (a file remembers) or always."""
    once, victim = shared
    if batch == victim and (once is None or not once.exists()):
        if once is not None:
            once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return batch * batch


def test_a_killed_process_costs_its_batches_only(tmp_path: Path) -> None:
    with workforce_for(2) as workforce:
        assert workforce is not None
        results = workforce.map(square, (tmp_path / "died", 17), range(60))
        assert list(results) == [n * n for n in range(60)]
    assert (tmp_path / "died").exists()


def test_a_batch_that_kills_every_worker_ends_the_run() -> None:
    with workforce_for(2) as workforce:
        assert workforce is not None
        with pytest.raises(Inconclusive, match="killed again and again"):
            list(workforce.map(square, (None, 17), range(60)))


def test_a_broken_executor_of_the_caller_is_replaced_by_this_process(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2) as executor, workforce_for(None, executor) as workforce:
        assert workforce is not None
        results = workforce.map(square, (tmp_path / "died", 17), range(60))
        assert list(results) == [n * n for n in range(60)]


class _Lossy(Executor):
    """Fails to deliver every third job, like a scheduler that has lost its workers."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, job: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        self.count += 1
        future: Future[Any] = Future()
        if self.count % 3 == 0:
            future.set_exception(RuntimeError("KilledWorker"))
        else:
            future.set_result(job(*arguments, **options))
        return future


def test_what_an_executor_does_not_deliver_is_computed_here() -> None:
    workforce = Workforce(_Lossy(), 2)
    assert list(workforce.map(square, (None, -1), range(60))) == [n * n for n in range(60)]


def test_a_time_limit_ends_the_wait_for_a_hung_executor() -> None:
    class Hung(Executor):
        def submit(self, job: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
            return Future()

    with pytest.raises(Inconclusive, match="out of time"):
        verify.certify("thm2", **REQUEST, executor=Hung(), time_limit=3)


def test_batches_are_taken_from_the_stream_as_workers_need_them() -> None:
    taken: list[int] = []

    def stream() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    with ThreadPoolExecutor(2) as executor:
        results = Workforce(executor, 2).map(square, (None, -1), stream())
        next(results)
        assert len(taken) <= 2 * workers.AHEAD + 1


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="the extra verify[dask] is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


def test_a_dask_cluster_finds_the_same_certificate(scheduler: Any, tmp_path: Path, expected: bytes) -> None:
    out = tmp_path / "dask.json"
    request = ["certify", "thm2", "--d", "2", "--eps", "0.08", "--quiet", "--workers", "1", "--out", str(out)]
    assert run([*request, "--executor", "dask", "--scheduler", scheduler.scheduler_address]) == 0
    assert out.read_bytes() == expected


def test_a_dask_cluster_proves_a_network(scheduler: Any, tmp_path: Path) -> None:
    out, plain = tmp_path / "dask.json", tmp_path / "plain.json"
    request = ["certify", "network", str(network_file(tmp_path)), "--profile", "norm", "--eps", "0.0105"]
    request += ["--quiet", "--workers", "1"]
    cluster = ["--executor", "dask", "--scheduler", scheduler.scheduler_address]
    assert run([*request, "--out", str(out), *cluster]) == 0
    assert run([*request, "--out", str(plain)]) == 0
    assert out.read_bytes() == plain.read_bytes()


def test_dask_hands_a_killed_workers_batches_to_the_others(scheduler: Any, tmp_path: Path) -> None:
    with dask_executor(scheduler.scheduler_address) as executor:
        victim = executor.submit(os.getpid).result()
        values = []
        processes = set()
        workforce = Workforce(executor, 2)
        for index, (value, process) in enumerate(workforce.map(slow_sum, np.arange(3), range(60))):
            values.append(value)
            processes.add(process)
            if index == 5:
                os.kill(victim, signal.SIGKILL)
        assert values == [3 + 3 * n for n in range(60)]
        assert os.getpid() not in processes
        assert len(processes) >= 2


def slow_sum(shared: Any, batch: int) -> tuple[int, int]:
    time.sleep(0.01)
    return int((shared + batch).sum()), os.getpid()


@pytest.mark.parametrize("options", [["--executor", "dask"], ["--scheduler", "tcp://127.0.0.1:1"]])
def test_half_a_dask_request_is_a_usage_error(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for claim in (["thm2", "--d", "2", "--eps", "0.1"], ["network", "net.onnx", "--profile", "norm"]):
        assert run(["certify", *claim, "--quiet", *options]) == 2
        assert "go together" in capsys.readouterr().err


def test_a_scheduler_that_does_not_answer_is_one_line() -> None:
    pytest.importorskip("distributed", reason="the extra verify[dask] is not installed")
    with pytest.raises(UsageProblem, match="no Dask scheduler answers"), dask_executor("tcp://127.0.0.1:9", 0.5):
        pass
