"""The event stream: a ring of what changed, numbered, that a client can resume from where it was."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from alerts.whole_number import parse_whole_number

RING = 50_000
_RENDERED = 2_000
"""Renderings that are kept: several clients ask for the same latest changes."""


class Subject(NamedTuple):
    """What has changed: ``kind`` is alert, incident or execution."""

    kind: str
    id: str


class Change(NamedTuple):
    """One entry of the ring: that something changed, not what it became; of two about the same only the later counts."""

    number: int
    about: Subject


class Ring:
    """The last changes since this daemon's boot.

    It remembers what changed and renders it only when a client is sent it, as it is by then.
    """

    def __init__(self, boot: str, size: int = RING) -> None:
        self.boot = boot
        self.number = 0
        self.closed = False
        self._size = size
        self._changes: list[Subject] = []
        self._before = 0
        """Number of the change before the first that is held."""
        self._latest: dict[Subject, int] = {}
        self._rendered: dict[int, bytes] = {}
        self._news = asyncio.Event()

    def publish(self, about: Subject) -> None:
        """Adds a change; ``wake`` tells the watchers."""
        self.number += 1
        self._changes.append(about)
        self._latest[about] = self.number
        if len(self._changes) > self._size + max(1, self._size // 8):
            self._drop(len(self._changes) - self._size)

    def wake(self) -> None:
        """Wakes every watcher, once all of a commit is published."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def close(self) -> None:
        """Lets every watcher go, because the daemon ends."""
        self.closed = True
        self.wake()

    def since(self, number: int, at_most: int = RING) -> list[Change] | None:
        """The first changes after ``number`` that none about the same follows; None when the ring is too short."""
        if number > self.number or number < max(self._before, self.number - self._size):
            return None
        changes: list[Change] = []
        for at in range(number + 1, self.number + 1):
            about = self._changes[at - self._before - 1]
            if self._latest[about] == at:
                changes.append(Change(at, about))
                if len(changes) == at_most:
                    break
        return changes

    def rendered(self, change: Change, render: Callable[[Subject], bytes]) -> bytes:
        """What a client is sent of a change, made once for all of them."""
        known = self._rendered.get(change.number)
        if known is None:
            known = self._rendered[change.number] = render(change.about)
            if len(self._rendered) > _RENDERED:
                for number in sorted(self._rendered)[: _RENDERED // 2]:
                    del self._rendered[number]
        return known

    def _drop(self, count: int) -> None:
        for n, about in enumerate(self._changes[:count], self._before + 1):
            if self._latest[about] == n:
                del self._latest[about]
        del self._changes[:count]
        self._before += count

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
        return parse_whole_number(number) if boot == self.boot else None


def sse(event: str, data: bytes, event_id: str | None = None) -> bytes:
    """One event in the format of server-sent events; ``data`` is JSON on one line."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {event}\ndata: ".encode() + data + b"\n\n"
