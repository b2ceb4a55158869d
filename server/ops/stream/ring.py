"""The event stream: a ring of what changed, numbered, that a client can resume from where it was."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

RING = 20_000


class Change(NamedTuple):
    """One entry of the ring."""

    number: int
    event: str
    about: str
    """Which alert, incident or execution it is; of two changes about the same only the later is worth sending."""
    data: bytes


class Ring:
    """The last changes since this daemon's boot."""

    def __init__(self, boot: str, size: int = RING) -> None:
        self.boot = boot
        self.number = 0
        self.closed = False
        self._changes: deque[Change] = deque(maxlen=size)
        self._news = asyncio.Event()

    def publish(self, event: str, about: str, payload: object) -> None:
        """Adds a change and wakes every watcher."""
        self.number += 1
        self._changes.append(Change(self.number, event, about, msgspec.json.encode(payload)))
        self._wake()

    def close(self) -> None:
        """Lets every watcher go, because the daemon ends."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def since(self, number: int) -> list[Change] | None:
        """What came after ``number``, the latest about each thing only; None when the ring no longer reaches back."""
        if number > self.number or (self._changes and number < self._changes[0].number - 1):
            return None
        latest: dict[str, Change] = {}
        for change in self._newer(number):
            latest.pop(change.about, None)
            latest[change.about] = change
        return list(latest.values())

    def _newer(self, number: int) -> Iterator[Change]:
        count = self.number - number
        length = len(self._changes)
        if count < length // 8:
            yield from reversed([self._changes[-n] for n in range(1, count + 1)])
            return
        yield from (change for change in self._changes if change.number > number)

    async def news(self, number: int, timeout_s: float) -> bool:
        """Waits for a change after ``number``; False when none came in time."""
        if self.number > number:
            return True
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def resume_from(self, last_event_id: str) -> int | None:
        """The number in a ``Last-Event-ID`` of this boot, None for any other."""
        boot, _, number = last_event_id.rpartition("-")
        return int(number) if boot == self.boot and number.isdigit() else None


def sse(event: str, data: bytes, event_id: str | None = None) -> bytes:
    """One event in the format of server-sent events; ``data`` is JSON on one line."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {event}\ndata: ".encode() + data + b"\n\n"


Publish = Callable[[str, str, object], None]
