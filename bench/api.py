"""The API's bars, each measured beside its yardstick in one run on one machine."""

import asyncio
import json
import shutil
import statistics
import time
import urllib.request
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import aiohttp
import psutil

from bench.processes import api, cpu_us, free_port, program, stores, wrk

_ROUNDS = 5
_CONNECTIONS = 32


class Figure(NamedTuple):
    """One bar and what was measured."""

    bar: str
    floor: str
    aim: str
    measured: str
    met: bool


_SOAK_S = 60


def measure() -> list[Figure]:
    """Every figure. Needs wrk."""
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is needed as the load generator; on Debian: apt-get install wrk")
    with stores() as env:
        return [
            *_hits(env),
            _two_workers(env),
            *_pass_through(env),
            _health_under_load(env),
            _over_admission(env),
            _one_call_for_many(env),
            *_start_and_size(env),
        ]


def _hits(env: dict[str, str]) -> list[Figure]:
    """A cache hit on the whole path beside a bare echo: alternating rounds, the ratio of each."""
    ratios, cpus, echoes = [], [], []
    port = free_port()
    with api(env) as service, program("-m", "bench.echo", str(port)) as echo:
        url, bare = f"{service.url}/v1/analyze/", f"http://127.0.0.1:{port}/"
        time.sleep(0.5)
        for target in (url, bare):
            wrk(target, service.key, seconds=1, connections=_CONNECTIONS)
        for _ in range(_ROUNDS):
            before = cpu_us([echo.pid])
            yardstick = wrk(bare, service.key, seconds=2, connections=_CONNECTIONS)
            echoes.append((cpu_us([echo.pid]) - before) / yardstick.requests)
            before = cpu_us(service.workers)
            hit = wrk(url, service.key, seconds=2, connections=_CONNECTIONS)
            cpus.append((cpu_us(service.workers) - before) / hit.requests)
            ratios.append(hit.each_second / yardstick.each_second)
            assert hit.failed == 0, "a cache hit failed"
    ratio, cpu = statistics.median(ratios), statistics.median(cpus)
    return [
        Figure("cache hit against a bare aiohttp echo, one worker each", "0.40", "0.70", _spread(ratios), ratio >= 0.40),
        Figure("its CPU per request (the echo's: " + f"{statistics.median(echoes):.0f} µs)", "500 µs", "350 µs", _spread(cpus, " µs", 0), cpu <= 500),
    ]  # fmt: skip


def _two_workers(env: dict[str, str]) -> Figure:
    ratios = []
    with api(env) as one, api(env, workers=2) as two:
        for _ in range(3):
            alone, both = (wrk(f"{s.url}/v1/analyze/", s.key, seconds=2, connections=64) for s in (one, two))
            ratios.append(both.each_second / alone.each_second)
    ratio = statistics.median(ratios)
    return Figure("two workers against one on two cores", "1.3", "1.6", _spread(ratios), ratio >= 1.3)


def _remote(port: int, concurrency: int = 2000) -> str:
    entry = {
        "name": "mock",
        "kind": "openai",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "model": "m",
        "concurrency": concurrency,
    }
    return json.dumps([entry])


def _pass_through(env: dict[str, str]) -> list[Figure]:
    """What the gateway adds to a provider of 60 ms at 500 requests a second, direct calls being the yardstick."""
    port = free_port()
    with program("-m", "bench.mock_model", str(port), "60"), api(env, llm_providers=_remote(port)) as service:
        time.sleep(0.7)
        headers = {"X-API-Key": service.key}
        direct = asyncio.run(_paced(f"http://127.0.0.1:{port}/v1/chat/completions", {}, 500, 4.0))
        through = asyncio.run(_paced(f"{service.url}/v1/analyze", headers, 500, 4.0))
    added = [_percentile(through, share) - _percentile(direct, share) for share in (0.5, 0.99)]
    return [
        Figure("pass-through overhead at 60 ms and 500 requests/s, p50", "2 ms", "1 ms", f"{added[0] * 1e3:.2f} ms", added[0] <= 0.002),
        Figure("the same, p99", "8 ms", "4 ms", f"{added[1] * 1e3:.2f} ms", added[1] <= 0.008),
    ]  # fmt: skip


def _health_under_load(env: dict[str, str]) -> Figure:
    port = free_port()

    async def run(url: str, key: str) -> list[float]:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, headers={"X-API-Key": key}) as session:
            calls = [asyncio.create_task(_post(session, f"{url}/v1/analyze", n)) for n in range(500)]
            await asyncio.sleep(1.5)
            times = []
            for _ in range(200):
                started = time.perf_counter()
                async with session.get(f"{url}/v1/health") as answer:
                    await answer.read()
                times.append(time.perf_counter() - started)
            await asyncio.gather(*calls)
            return times

    with (
        program("-m", "bench.mock_model", str(port), "4000"),
        api(env, llm_providers=_remote(port)) as service,
    ):
        time.sleep(0.7)
        times = asyncio.run(run(service.url, service.key))
    p99 = _percentile(times, 0.99)
    return Figure(
        "/v1/health p99 with 500 provider calls in flight",
        "20 ms",
        "10 ms",
        f"{p99 * 1e3:.1f} ms",
        p99 <= 0.02,
    )


def _over_admission(env: dict[str, str]) -> Figure:
    with api(env, limit=1000, workers=4) as service:
        load = wrk(f"{service.url}/v1/analyze/", service.key, seconds=3, connections=200)
    admitted = load.requests - load.failed
    return Figure(
        "over-admission: limit 1,000, 4 processes, 200 connections", "0", "0", f"{max(0, admitted - 1000)} ({admitted} of {load.requests} admitted)", admitted <= 1000
    )  # fmt: skip


def _one_call_for_many(env: dict[str, str]) -> Figure:
    port = free_port()

    async def run(url: str, key: str) -> None:
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector, headers={"X-API-Key": key}) as session:
            await asyncio.gather(*(_post(session, f"{url}/v1/analyze", -1) for _ in range(500)))

    with (
        program("-m", "bench.mock_model", str(port), "300"),
        api(env, llm_providers=_remote(port), workers=4) as service,
    ):
        time.sleep(0.7)
        asyncio.run(run(service.url, service.key))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/calls") as answer:
            calls = int(answer.read())
    return Figure(
        "provider calls for 500 identical concurrent misses, 4 processes", "1", "1", str(calls), calls == 1
    )


def _start_and_size(env: dict[str, str]) -> list[Figure]:
    starts = []
    for _ in range(3):
        with api(env) as service:
            starts.append(service.ready_s)
            wrk(f"{service.url}/v1/analyze/", service.key, seconds=1, connections=_CONNECTIONS)
            size = psutil.Process(service.workers[0]).memory_info().rss / 1e6
    with api(env) as service:
        load = wrk(f"{service.url}/v1/analyze/", service.key, seconds=_SOAK_S, connections=_CONNECTIONS)
        later = psutil.Process(service.workers[0]).memory_info().rss / 1e6
    start = statistics.median(starts)
    return [
        Figure("start to ready", "1.5 s", "0.8 s", _spread(starts, " s"), start <= 1.5),
        Figure("RSS of a worker", "150 MB", "90 MB", f"{size:.0f} MB", size <= 150),
        Figure(f"the same after {load.requests:,} hits", "120 MB", "90 MB", f"{later:.0f} MB", later <= 120),
    ]


async def _post(session: aiohttp.ClientSession, url: str, n: int) -> None:
    async with session.post(url, json={"prompt": f"question {n}"}) as answer:
        await answer.read()
        assert answer.status == 200, await answer.text()


async def _paced(url: str, headers: dict[str, str], each_second: int, seconds: float) -> list[float]:
    """Latencies of calls begun at a steady pace, however long earlier ones take."""
    times: list[float] = []

    async def call(session: aiohttp.ClientSession, n: int) -> None:
        started = time.perf_counter()
        await _post(session, url, n)
        times.append(time.perf_counter() - started)

    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector, headers=headers) as session,
        asyncio.TaskGroup() as group,
    ):
        due = time.perf_counter()
        for n in range(int(each_second * seconds)):
            group.create_task(call(session, n))
            due += 1 / each_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
    return times[len(times) // 4 :]


def _percentile(values: Iterable[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def _spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f}–{high:.{digits}f})"
