"""The public page beside a bare aiohttp handler with the same bytes and headers: ``python -m bench.status``

Prints, for the page and for summary.json, requests a second of both, and of answers 304 to those 200: the median of
alternating rounds, and processor time per request, which a busy machine disturbs less.
"""

import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.processes import cpu_us, free_port, program, wrk_get
from server.ops.public.publisher import Publisher
from tests.web.builders import facts_of, incident_of, window_of
from web.environment import page_environment

_ROUNDS = 7
_SECONDS = 2
_CONNECTIONS = 16
_FLOOR = 0.95


@contextmanager
def page() -> Iterator[tuple[str, int]]:
    """The address and the process id of a status page with an incident and a window on it."""
    with tempfile.TemporaryDirectory(prefix="sps-bench-") as folder:
        public = Path(folder) / "public"
        facts = facts_of("degraded_performance", incidents=(incident_of("Slow."),), windows=(window_of(),))
        Publisher(public, page_environment()).publish(facts, datetime.now(UTC))
        port = free_port()
        env = {"STATUS_PORT": str(port), "STATUS_PUBLIC": str(public), "STATUS_STALE_AFTER_S": "86400"}
        with program("-m", "server.status", env=env) as process:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/healthz")
            yield url, process.pid


def compare(path: str) -> bool:
    """Measures one path and prints it; whether it is as fast as it is to be."""
    port = free_port()
    with page() as (url, pid):
        with program("-m", "bench.bare_page", str(port), url + path) as bare:
            yardstick = f"http://127.0.0.1:{port}/"
            _wait(yardstick)
            ours, bares = _alternate((url + path, pid), (yardstick, bare.pid))
        etag = _etag(url + path)
        fresh, unchanged = _alternate((url + path, pid), (url + path, pid), second={"If-None-Match": etag})
    ratio = _median(a / b for (a, _), (b, _) in zip(ours, bares, strict=True))
    cpu = _median(b / a for (_, a), (_, b) in zip(ours, bares, strict=True))
    faster = _median(b / a for (a, _), (b, _) in zip(fresh, unchanged, strict=True))
    cheaper = _median(a / b for (_, a), (_, b) in zip(fresh, unchanged, strict=True))
    met = cpu >= _FLOOR and cheaper > 1
    print(
        f"{path}: {ratio:.2f} of a bare handler's requests a second, {cpu:.2f} by processor time "
        f"(at least {_FLOOR}); 304 is {faster:.2f} times as fast as 200, "
        f"{cheaper:.2f} by processor time; {'met' if met else 'NOT MET'}"
    )
    return met


Rounds = list[tuple[float, float]]


def _alternate(
    one: tuple[str, int], other: tuple[str, int], second: dict[str, str] | None = None
) -> tuple[Rounds, Rounds]:
    """Requests a second and microseconds of processor time for each, round by round."""
    found: tuple[Rounds, Rounds] = ([], [])
    for _ in range(_ROUNDS):
        for rounds, (url, pid), headers in zip(found, (one, other), ({}, second or {}), strict=True):
            before = cpu_us([pid])
            load = wrk_get(url, seconds=_SECONDS, connections=_CONNECTIONS, headers=headers)
            rounds.append((load.each_second, (cpu_us([pid]) - before) / load.requests))
    return found


def _median(values: Iterator[float]) -> float:
    return statistics.median(values)


def _etag(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.headers["ETag"])


def _wait(url: str) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            urllib.request.urlopen(url).close()
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    sys.exit(0 if all([compare("/"), compare("/api/v2/summary.json")]) else 1)
