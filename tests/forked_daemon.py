"""Ops daemons without the wait for their imports."""

import os
from collections.abc import Mapping
from pathlib import Path

from tests.forked_program import ForkedProgram, Streams


class ForkedDaemon:
    """The program ``python -m server.ops`` with an environment and a log of its own; its start costs a fork."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        with Path(os.devnull).open("rb") as nothing, log.open("ab") as kept:
            streams = Streams(nothing.fileno(), kept.fileno(), kept.fileno())
            self._program = ForkedProgram("server.ops", (), env, streams)

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._program.poll() is not None

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._program.kill()
