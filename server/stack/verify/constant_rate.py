"""Calls at a steady pace, of which everything that is not a good answer is counted.

Half of the calls come over kept connections and half over new ones, four of five ask what others asked before; nothing
is ever tried again, and a call begins when it is due, however long earlier ones take.
"""

import asyncio
import contextlib
import signal
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp
import msgspec

from server.stack.analyze_client import analyze

PATIENCE_S = 10.0
"""What takes longer counts as not answered."""
_TOLD_EVERY_S = 0.5
_KEPT_TIMES = 50_000
_COMMON = 50


class CallCount(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the calls so far."""

    sent: int
    good: int
    failures: dict[str, int]
    """What it was instead of 200: a status, the name of a fault of the connection, `timeout`; how often."""
    new_connections: int
    hits: int
    p50_ms: float
    p95_ms: float
    worst_ms: float
    seconds: float
    ended: bool = False


class ConstantRate:
    """So many calls a second."""

    def __init__(self, url: str, key: str, rate: float, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._url, self._key, self._rate = url.rstrip("/"), key, rate
        self._began = time.monotonic()
        self._sent = self._good = self._hits = self._fresh = 0
        self._failures: Counter[str] = Counter()
        self._times_ms: deque[float] = deque(maxlen=_KEPT_TIMES)
        self._mark = uuid4().hex[:8]

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; then what is in flight is waited for."""
        due = self._began = time.monotonic()
        async with (
            self._session() as kept,
            self._session(force_close=True) as fresh,
            asyncio.TaskGroup() as calls,
        ):
            while not stop.is_set():
                self._sent += 1
                new = self._sent % 2 == 1
                self._fresh += new
                how = "new connection" if new else "kept connection"
                calls.create_task(self._call(fresh if new else kept, self._sent, how))
                due += 1 / self._rate
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, due - time.monotonic())):
                        await stop.wait()

    def count(self, *, ended: bool = False) -> CallCount:
        """What came of it so far."""
        ranked = sorted(self._times_ms) or [0.0]
        return CallCount(
            sent=self._sent,
            good=self._good,
            failures=dict(self._failures),
            new_connections=self._fresh,
            hits=self._hits,
            p50_ms=round(ranked[len(ranked) // 2], 1),
            p95_ms=round(ranked[int(len(ranked) * 0.95)], 1),
            worst_ms=round(ranked[-1], 1),
            seconds=round(time.monotonic() - self._began, 1),
            ended=ended,
        )

    @asynccontextmanager
    async def _session(self, *, force_close: bool = False) -> AsyncIterator[aiohttp.ClientSession]:
        connector = aiohttp.TCPConnector(limit=0, force_close=force_close)
        timeout = aiohttp.ClientTimeout(total=self._patience_s)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            yield session

    async def _call(self, session: aiohttp.ClientSession, number: int, how: str) -> None:
        asked = f"Explain {self._mark} {number}" if number % 5 == 0 else f"Translate {number % _COMMON}"
        outcome = await analyze(session, self._url, asked, key=self._key)
        if outcome.status == 200:
            self._good += 1
            self._hits += outcome.cache == "HIT"
        elif outcome.status:
            self._failures[str(outcome.status)] += 1
        elif outcome.fault == "timeout":
            self._failures[f"no answer within {self._patience_s:.0f} s, {how}"] += 1
        else:
            self._failures[f"{outcome.fault}, {how}"] += 1
        self._times_ms.append(outcome.took_s * 1000)


async def drive(
    steady: ConstantRate, seconds: float | None, tell: Callable[[CallCount], None] | None
) -> CallCount:
    """Run for ``seconds`` (None: until SIGTERM or SIGINT), telling twice a second how it goes; the end's count."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if seconds is not None:
        loop.call_later(seconds, stop.set)
    running = asyncio.create_task(steady.run(stop))
    while not running.done():
        await asyncio.wait({running}, timeout=_TOLD_EVERY_S)
        if tell is not None and not running.done():
            tell(steady.count())
    await running
    return steady.count(ended=True)
