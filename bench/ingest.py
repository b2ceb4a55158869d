"""Ingest beside Debian's Alertmanager on the same machine, and whether its cost grows with what is there."""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.bar import Bar, tell
from bench.processes import free_port, program

_BATCH = 100
_LARGE = 35_000
"""Alerts of a body of 16 MiB."""
_LIFE_S = 3_600
_CONFIG = "route:\n  receiver: nobody\nreceivers:\n- name: nobody\n"
MIB = 1024 * 1024


class Ingester(NamedTuple):
    """Something that takes alerts."""

    port: int
    token: str
    pid: int


def alerts(first: int, count: int) -> list[dict[str, object]]:
    """Alerts as a Prometheus posts them, rule by rule: ten names, ten services, an instance each."""
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + _LIFE_S))
    starts = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    return [
        {
            "labels": {
                "alertname": f"HostProblem{n // 1_000 % 10}",
                "service": f"service-{n % 10}",
                "instance": f"host-{n:06}.example.com:9100",
                "job": "node",
                "severity": ("critical", "warning", "info")[n % 3],
                "team": "platform",
            },
            "annotations": {
                "summary": f"Host {n} has problem {n // 1_000 % 10}",
                "description": f"What host-{n:06} says does not look right; see the runbook.",
                "runbook_url": "https://ops.example.com/runbooks/HostProblem.md",
            },
            "startsAt": starts,
            "endsAt": ends,
            "generatorURL": f"http://prometheus.example.com/graph?g0.expr=up{n % 10}",
        }
        for n in range(first, first + count)
    ]


def post(to: Ingester, items: Sequence[object], path: str = "/api/v2/alerts") -> bytes:
    """The request that posts them."""
    body = json.dumps(items).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{to.port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {to.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _send_all(port: int, requests: Iterator[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
        length = next(
            (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b":0"
        )
        await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()


def send(to: Ingester, requests: Sequence[bytes], connections: int) -> float:
    """Requests a second over so many connections, each waiting for its answer before it sends the next."""
    shared = iter(requests)

    async def run() -> float:
        begun = time.perf_counter()
        await asyncio.gather(*(_send_all(to.port, shared) for _ in range(connections)))
        return len(requests) / (time.perf_counter() - begun)

    return asyncio.run(run())


def get_s(to: Ingester) -> float:
    """Seconds in which all alerts are read."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{to.port}/api/v2/alerts", headers={"Authorization": f"Bearer {to.token}"}
    )
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return time.perf_counter() - begun


@contextmanager
def ours(state: Path, port: int | None = None, **settings: str) -> Iterator[Ingester]:
    """The ops daemon on a state folder, on a port of its own where none is given; settings are variables."""
    port = port or free_port()
    env = {
        "OPS_STATE": str(state),
        "OPS_PORT": str(port),
        "PROMETHEUS_URL": "http://127.0.0.1:9",
        "LOG_LEVEL": "ERROR",
        **settings,
    }
    with program("-m", "server.ops", env=env) as process:
        _wait(f"http://127.0.0.1:{port}/v1/health")
        yield Ingester(port, (state / "tokens" / "admin").read_text().strip(), process.pid)


@contextmanager
def theirs(folder: Path) -> Iterator[Ingester]:
    """Debian's Alertmanager, which sends nothing to anybody."""
    port = free_port()
    folder.mkdir()
    (folder / "config.yml").write_text(_CONFIG)
    argv = [
        "prometheus-alertmanager",
        f"--config.file={folder / 'config.yml'}",
        f"--storage.path={folder}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/-/ready")
            yield Ingester(port, "", process.pid)
        finally:
            process.terminate()


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"{url} did not become ready")


@contextmanager
def bare() -> Iterator[Ingester]:
    """A bare aiohttp handler that reads a body and sends it back: the most that a daemon behind aiohttp can come to."""
    port = free_port()
    with program("-m", "bench.echo", str(port), env={}) as process:
        _wait(f"http://127.0.0.1:{port}/")
        yield Ingester(port, "", process.pid)


def beside(to: Ingester) -> tuple[float, float, float, float]:
    """Batches a second the first time and again, seconds of a GET of them, single posts a second."""
    batches = [post(to, alerts(n, _BATCH)) for n in range(0, 10_000, _BATCH)]
    first = send(to, batches, 4)
    again = statistics.median(send(to, batches, 4) for _ in range(3))
    read_s = statistics.median(get_s(to) for _ in range(3))
    singles = send(to, [post(to, alerts(n, 1)) for n in range(10_000, 15_000)], 64)
    return first, again, read_s, singles


def compare(rounds: int) -> list[Bar]:
    """The figures that are a share of Alertmanager's, medians of so many rounds, the two turn by turn."""
    mine, peer, floor = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            with ours(Path(folder) / "ours") as to:
                mine.append(beside(to))
            with theirs(Path(folder) / "theirs") as to:
                peer.append(beside(to))
            with bare() as to:
                floor.append(send(to, [post(to, alerts(n, 1), "/") for n in range(5_000)], 64))
    own = [statistics.median(column) for column in zip(*mine, strict=True)]
    other = [statistics.median(column) for column in zip(*peer, strict=True)]
    print(f"ours: {[round(x, 3) for x in own]}; Alertmanager: {[round(x, 3) for x in other]}")
    most = statistics.median(floor) / other[3]
    print(f"single posts to a bare aiohttp handler, share of Alertmanager's: {most:.2f}")
    return [
        Bar("batches of 100 for the first time, share of Alertmanager's", own[0] / other[0], 0.35),
        Bar("batches of 100 again, share of Alertmanager's", own[1] / other[1], 1.0),
        Bar("GET of 10,000 alerts, Alertmanager's time over ours", other[2] / own[2], 1.0),
        Bar("single posts over 64 connections, share of Alertmanager's", own[3] / other[3], 0.7),
    ]


class Growth(NamedTuple):
    """What one daemon shows as it fills: single posts a second with none, 20,000 and 100,000 alerts there, and its size."""

    at_none: float
    at_20_000: float
    at_100_000: float
    rss_mib: float
    rss_again_mib: float
    """After a start with them."""
    up_s: float


def fill(state: Path) -> Growth:
    """Fills a daemon on an empty state folder, measures on the way, and starts it anew."""
    rates: list[float] = []
    with ours(state) as to:
        there = 0
        for many in (0, 20_000, 100_000):
            send(to, [post(to, alerts(n, 1_000)) for n in range(there, many, 1_000)], 2)
            there = many
            rates.append(send(to, [post(to, alerts(10**6 + many + n, 1)) for n in range(5_000)], 64))
        rss = psutil.Process(to.pid).memory_info().rss / MIB
        send(to, [post(to, alerts(0, _LARGE))], 1)
    begun = time.perf_counter()
    with ours(state) as to:
        up_s = time.perf_counter() - begun
        again = psutil.Process(to.pid).memory_info().rss / MIB
    print(
        "with none, 20,000 and 100,000 alerts there:", ", ".join(f"{rate:,.0f}" for rate in rates), "a second"
    )
    at_none, at_20_000, at_100_000 = rates
    return Growth(at_none, at_20_000, at_100_000, rss, again, up_s)


def growth(rounds: int) -> list[Bar]:
    """Single posts a second as the number of alerts grows, memory and start-up with the most, medians of so many rounds."""
    seen = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            seen.append(fill(Path(folder) / "ours"))

    def middle(figure: Callable[[Growth], float]) -> float:
        return statistics.median(map(figure, seen))

    share = "share of those at none"
    body = post(Ingester(0, "", 0), alerts(0, _LARGE))
    return [
        Bar(
            f"single posts a second at 20,000 alerts, {share}", middle(lambda g: g.at_20_000 / g.at_none), 0.8
        ),
        Bar(
            f"single posts a second at 100,000 alerts, {share}",
            middle(lambda g: g.at_100_000 / g.at_none),
            0.8,
        ),
        Bar("MiB resident with 100,000 alerts", middle(lambda g: g.rss_mib), 350, at_most=True),
        Bar("MiB resident after a start with them", middle(lambda g: g.rss_again_mib), 350, at_most=True),
        Bar("seconds of a start with them", middle(lambda g: g.up_s), 3, at_most=True),
        Bar("MiB of a batch that was taken", len(body) / MIB, 16),
    ]


def main() -> int:
    """Prints the figures; fails where one misses its bar."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", choices=("compare", "growth"))
    given = options.parse_args()
    parts: dict[str, Callable[[], list[Bar]]] = {
        "compare": lambda: compare(given.rounds),
        "growth": lambda: growth(given.rounds),
    }
    bars = [bar for name, part in parts.items() if given.only in (None, name) for bar in part()]
    return tell(bars)


if __name__ == "__main__":
    sys.exit(main())
