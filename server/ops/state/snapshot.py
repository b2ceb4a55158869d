"""A snapshot of the state as text in small pieces, so that writing one stops neither the loop nor a commit."""

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from server.ops.state.state import FACTS, TABLES, State, StateImage
from server.store.chain import Head

_ROWS = 200
"""Rows in a piece: about a millisecond of encoding, for which the loop may have to wait."""
_PAUSE_S = 0.0005


class Capture(NamedTuple):
    """The state of one moment: tables copied, their frozen rows shared."""

    head: Head
    tables: Mapping[str, Mapping[Any, Any]]
    facts: Mapping[str, Any]


def capture(state: State, head: Head) -> Capture:
    """What a snapshot as of ``head`` will hold; takes about a millisecond for a hundred thousand alerts."""
    tables = {name: dict(getattr(state, name)) for name in TABLES}
    return Capture(head, tables, {name: getattr(state, name) for name in (*FACTS, "revision")})


def pieces(captured: Capture) -> Iterator[bytes]:
    """JSON values, each a ``StateImage`` of a part; meant for a thread of its own, so the loop gets its turn between."""
    yield msgspec.json.encode(StateImage(**captured.facts))
    for name, table in captured.tables.items():
        rows = iter(table.items())
        while part := dict(islice(rows, _ROWS)):
            yield msgspec.json.encode({name: part})
            # The encoder holds the interpreter for the whole piece; without a pause the loop would have to wait for
            # the interpreter to take it away from this thread, five milliseconds each time.
            time.sleep(_PAUSE_S)


_DECODER = msgspec.json.Decoder(StateImage)


def restored(parts: Iterable[bytes]) -> State:
    """The state whose pieces these are; raises ``msgspec.DecodeError``."""
    state = State()
    for part in parts:
        state.load(_DECODER.decode(part))
    return state
