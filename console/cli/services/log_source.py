"""Where the lines of a service's log come from: the local stack's own program, or the daemon."""

import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from console.cli.local_program import argv_of, must_be_local
from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError, NotThereError, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice

LOOK_EVERY_S = 1.0
LOOKED_AT = 2_000
"""How many of the last lines are read each time while a log elsewhere is followed."""
CUT = "… more lines came than are read at a time; some before these are not shown …"
_KINDS = {2: InvalidRequestError, 3: UnreachableError}


class WantedLines(msgspec.Struct, frozen=True):
    """Which lines of a log are wanted."""

    tail: int
    grep: str | None = None
    request_id: str | None = None


class LogSource(Protocol):
    """The log of any service."""

    @property
    def is_here(self) -> bool:
        """Whether the services that write it run on this machine."""
        ...

    def last(self, service: str, wanted: WantedLines) -> Sequence[str]:
        """The last lines that are wanted. Raises ``OpsError``."""
        ...

    def follow(self, service: str, wanted: WantedLines) -> Iterator[str]:
        """The last lines that are wanted, then what comes, for ever. Raises ``OpsError``."""
        ...


class LocalLog:
    """The local stack's own program, which reads the files and masks what is secret in them."""

    is_here = True

    def __init__(self, which: DaemonChoice) -> None:
        self._which = which

    def last(self, service: str, wanted: WantedLines) -> Sequence[str]:
        """The last lines that are wanted. Raises ``OpsError``."""
        argv = self._argv(service, wanted)
        done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise _failed(service, done.returncode, done.stderr)
        return done.stdout.splitlines()

    def follow(self, service: str, wanted: WantedLines) -> Iterator[str]:
        """The last lines that are wanted, then what comes, for ever. Raises ``OpsError``."""
        argv = [*self._argv(service, wanted), "--follow"]
        with subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                for line in process.stdout:
                    yield line.rstrip("\n")
                said = process.stderr.read()
            finally:
                process.terminate()
        if process.returncode > 0:
            raise _failed(service, process.returncode, said)

    def _argv(self, service: str, wanted: WantedLines) -> list[str]:
        words = ["logs", service, f"--tail={wanted.tail}"]
        words += [f"--grep={wanted.grep}"] if wanted.grep is not None else []
        words += [f"--request-id={wanted.request_id}"] if wanted.request_id is not None else []
        must_be_local(self._which, words)
        return ["env", "PYTHONUNBUFFERED=1", *argv_of(self._which, words)]


class DaemonLog:
    """The daemon, asked again and again while a log is followed."""

    is_here = False

    def __init__(self, client: OpsClient) -> None:
        self._client = client

    def last(self, service: str, wanted: WantedLines) -> Sequence[str]:
        """The last lines that are wanted. Raises ``OpsError``."""
        return self._client.text(log_path(service, wanted)).splitlines()

    def follow(self, service: str, wanted: WantedLines) -> Iterator[str]:
        """The last lines that are wanted, then what comes, for ever. Raises ``OpsError``."""
        looked_at = msgspec.structs.replace(wanted, tail=max(LOOKED_AT, wanted.tail))
        known = self.last(service, looked_at)
        yield from known[max(0, len(known) - wanted.tail) :]
        while True:
            time.sleep(LOOK_EVERY_S)
            lines = self.last(service, looked_at)
            new, known = lines_after(known, lines), lines
            if new is None:
                yield CUT
            yield from lines if new is None else new


def log_path(service: str, wanted: WantedLines, count_by: str | None = None) -> str:
    """The call of the ops API for these lines."""
    asked = {**msgspec.structs.asdict(wanted), "count_by": count_by}
    query = urllib.parse.urlencode({name: value for name, value in asked.items() if value is not None})
    return f"/v1/logs/{urllib.parse.quote(service, safe='')}?{query}"


def lines_after(known: Sequence[str], lines: Sequence[str]) -> Sequence[str] | None:
    """What of ``lines`` comes after the end of ``known``, both being the end of one log; None where they do not meet."""
    for length in range(min(len(known), len(lines)), 0, -1):
        if known[-length:] == lines[:length]:
            return lines[length:]
    return lines if not known else None


def _failed(service: str, code: int, said: str) -> OpsError:
    last = (said.strip().splitlines() or [f"the log of {service} cannot be read"])[-1]
    kind: Callable[[str], OpsError] = NotThereError if "has no log" in last else _KINDS.get(code, OpsError)
    return kind(last.removeprefix("ops: ").removeprefix("Error: "))
