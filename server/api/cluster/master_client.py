"""What the master can be asked over a socket in its state folder, and how one asks it.

One JSON line goes in; lines come back as things happen, and the last of them is a ``Done``.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from server.api.cluster.worker_count import WorkerCount

_NAME = "master.sock"
_WAIT_S = 5.0
"""For an answer that only tells how things are."""


class Scale(msgspec.Struct, frozen=True, kw_only=True, tag="scale", forbid_unknown_fields=True):
    """Run so many workers."""

    workers: WorkerCount
    for_s: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """For so many seconds; None: until another number is asked for."""


class Roll(msgspec.Struct, frozen=True, kw_only=True, tag="roll", forbid_unknown_fields=True):
    """Replace every worker by one of the release that is marked now."""


class Show(msgspec.Struct, frozen=True, kw_only=True, tag="show", forbid_unknown_fields=True):
    """Say how things are."""


Order = Scale | Roll | Show


class WorkerView(msgspec.Struct, frozen=True, kw_only=True):
    """One worker that listens."""

    pid: int
    version: str


class MasterStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How the master stands."""

    wanted: int
    configured: int
    until_at: datetime | None
    """When a temporary number of workers ends."""
    workers: tuple[WorkerView, ...]


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="said"):
    """Something happened."""

    text: str


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """The end of an order."""

    ok: bool
    text: str
    standing: MasterStanding


class MasterAwayError(Exception):
    """No master answers; the message says where it was looked for."""


def send_order(state: Path, order: Order, *, wait_s: float | None = _WAIT_S) -> Iterator[Progress | Done]:
    """Give an order and hear what comes of it; ``wait_s`` is the longest silence. Raises ``MasterAwayError``."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(wait_s)
        try:
            with reachable(state) as path:
                link.connect(path)
            link.sendall(msgspec.json.encode(order) + b"\n")
            with link.makefile("rb") as lines:
                for line in lines:
                    yield msgspec.json.decode(line, type=Progress | Done)
        except (OSError, msgspec.DecodeError) as error:
            raise MasterAwayError(f"the API's master does not answer in {state} ({error})") from error


def standing(state: Path) -> MasterStanding:
    """How the master stands. Raises ``MasterAwayError``."""
    for heard in send_order(state, Show()):
        if isinstance(heard, Done):
            return heard.standing
    raise MasterAwayError(f"the API's master in {state} broke off")


@contextmanager
def reachable(state: Path) -> Iterator[str]:
    """A path of the socket that is short enough for a socket address (107 bytes), however deep the folder lies."""
    path = state / _NAME
    if len(os.fsencode(path)) <= 100:
        yield str(path)
        return
    folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{_NAME}"
    finally:
        os.close(folder)
