"""A snapshot of the state as text in small pieces, so that writing one stops neither the loop nor a commit."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from server.ops.state.state import FACTS, LARGE_TABLES, TABLES, State, StateImage
from server.store.chain import Head

_ROWS = 200
"""Rows in a piece: about a millisecond of encoding, for which the loop may have to wait."""
_PAUSE_S = 0.0005


class Capture(NamedTuple):
    """The state of one moment: tables in parts, their frozen rows shared."""

    head: Head
    facts: Mapping[str, Any]
    tables: Mapping[str, list[Mapping[Any, Any]]]


class Capturing:
    """Copies the state of the moment in which it is made, a part at a time, while the state goes on changing."""

    def __init__(self, state: State, head: Head) -> None:
        self._state = state
        self._held = {name: getattr(state, name).hold() for name in LARGE_TABLES}
        small: dict[str, list[Mapping[Any, Any]]] = {
            name: [dict(getattr(state, name))] for name in TABLES if name not in LARGE_TABLES
        }
        facts = {name: getattr(state, name) for name in (*FACTS, "revision")}
        self.captured = Capture(head, facts, {**small, **{name: [] for name in LARGE_TABLES}})
        """Whole when ``steps`` has come to its end."""

    def steps(self) -> Iterator[None]:
        """Copies the next part at each step; what waits for the loop should get its turn in between."""
        for name, held in self._held.items():
            for part in getattr(self._state, name).held_parts(held):
                self.captured.tables[name].append(part)
                yield

    async def finish(self) -> Capture:
        """The whole."""
        for _ in self.steps():
            await asyncio.sleep(0)
        return self.captured


def short_rest(worked_s: float) -> None:
    """So short a rest that a snapshot is written as fast as the loop can stand it."""
    time.sleep(_PAUSE_S)


def pieces(captured: Capture, rest: Callable[[float], object] = short_rest) -> Iterator[bytes]:
    """JSON values, each a ``StateImage`` of a part; meant for a thread of its own, so the loop gets its turn between.

    The parts are let go as they are taken. ``rest`` is called after each with the seconds of processor time that it took.
    """
    yield msgspec.json.encode(StateImage(**captured.facts))
    begun = time.thread_time()
    for name in TABLES:
        parts = captured.tables[name]
        parts.reverse()
        while parts:
            rows = iter(parts.pop().items())
            while part := dict(islice(rows, _ROWS)):
                yield msgspec.json.encode({name: part})
                # The encoder holds the interpreter for the whole piece; without a pause the loop would have to wait
                # for the interpreter to take it away from this thread, five milliseconds each time.
                rest(time.thread_time() - begun)
                begun = time.thread_time()


_DECODER = msgspec.json.Decoder(StateImage)


def restored(parts: Iterable[bytes]) -> State:
    """The state whose pieces these are; raises ``msgspec.DecodeError``."""
    state = State()
    for part in parts:
        state.load(_DECODER.decode(part))
    return state
