"""How long any one callback holds the ops daemon's loop, of its own processor time, with a hundred thousand alerts."""

import argparse
import asyncio
import collections
import os
import sys
import tempfile
import time
from asyncio.tasks import _PyTask  # type: ignore[attr-defined]  # see below
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bench.bar import Bar
from bench.ingest import alerts
from server.ops.app import daemon
from server.ops.config import OpsConfig
from server.runner.process import boot_id

_HANDLE: Any = asyncio.Handle
"""Its method ``_run`` is the one place that every callback passes."""
_BAR_MS = 10.0
_BATCH = 100


def _name_of(handle: Any) -> str:
    """The coroutine whose step it is, else the callback."""
    task = getattr(handle._callback, "__self__", None)
    if not isinstance(task, _PyTask):
        return repr(handle)[:160]
    coroutine = task.get_coro()
    frame = getattr(coroutine, "cr_frame", None)
    known = frame.f_locals if frame is not None else {}
    what = getattr(known.get("request"), "path", "") or getattr(known.get("self"), "name", "")
    return f"{getattr(coroutine, '__qualname__', coroutine)} {what}"


def _troubles(count: int) -> list[dict[str, object]]:
    """Alerts of as many incidents, about all of which somebody is called at once."""
    return [
        {"labels": {"alertname": f"Trouble{n}", "service": "shop", "severity": "critical"}}
        for n in range(count)
    ]


class Holds:
    """Times every callback that the loop runs."""

    def __init__(self) -> None:
        self.longest: dict[str, float] = collections.defaultdict(float)
        self._run = _HANDLE._run

    def __enter__(self) -> "Holds":
        run, longest = self._run, self.longest

        def timed(handle: Any) -> None:
            begun = time.thread_time()
            name = _name_of(handle)
            run(handle)
            took = (time.thread_time() - begun) * 1_000
            if took > 2:
                longest[name] = max(longest[name], took)

        _HANDLE._run = timed
        return self

    def __exit__(self, *error: object) -> None:
        _HANDLE._run = self._run


async def measure(many: int) -> dict[str, float]:
    """Milliseconds of the longest callbacks, by what they were."""
    with tempfile.TemporaryDirectory() as folder:
        config = OpsConfig(state=Path(folder), prometheus_url="http://127.0.0.1:9", ballast_mb=0)
        async with (
            daemon(config, {**os.environ, "BOOT": boot_id()}) as built,
            aiohttp.ClientSession() as session,
        ):
            runner = web.AppRunner(built.app, access_log=None)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            headers = {"Authorization": f"Bearer {built.tokens['admin']}"}

            async def call(method: str, path: str, body: Any = None) -> None:
                async with session.request(method, url + path, json=body, headers=headers) as response:
                    assert response.status < 300, await response.text()
                    async for _ in response.content.iter_chunked(65_536):
                        pass

            # Tasks in Python say what they run; those in C do not.
            asyncio.get_running_loop().set_task_factory(
                lambda loop, coro, **more: _PyTask(coro, loop=loop, **more)
            )
            async with built.loops.running():
                for first in range(0, many, 1_000):
                    await call("POST", "/api/v2/alerts", alerts(first, 1_000))
                prepared = [alerts(n, _BATCH) for n in range(0, 10_000, _BATCH)]
                fresh = [alerts(10**6 + n, _BATCH) for n in range(0, 10_000, _BATCH)]
                await asyncio.sleep(3)
                with Holds() as holds:
                    for batch in (*prepared, *fresh):
                        await call("POST", "/api/v2/alerts", batch)
                    silence = {
                        "matchers": [{"name": "job", "value": "n.*", "isRegex": True}],
                        "startsAt": "2026-01-01T00:00:00Z",
                        "endsAt": "2099-01-01T00:00:00Z",
                    }
                    await call("POST", "/api/v2/silences", silence)
                    await call("POST", "/v1/incidents/1/ack", {})
                    await call("POST", "/api/v2/alerts", _troubles(100))
                    await call("GET", "/v1/snapshot")
                    await call("GET", "/v1/alerts")
                    await asyncio.sleep(timedelta(seconds=3).total_seconds())
            await runner.cleanup()
            return dict(holds.longest)


def main() -> int:
    """Prints the longest holds; fails where one is over the bar."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--alerts", type=int, default=100_000)
    given = options.parse_args()
    longest = asyncio.run(measure(given.alerts))
    for name, took in sorted(longest.items(), key=lambda pair: -pair[1])[:15]:
        print(f"{took:6.1f} ms  {name}")
    bar = Bar("longest callback of the loop, ms", max(longest.values(), default=0.0), _BAR_MS, at_most=True)
    print(bar)
    return 0 if bar.met else 1


if __name__ == "__main__":
    sys.exit(main())
