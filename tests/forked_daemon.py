"""Ops daemons without the wait for their imports: forked from one process a worker that has done them."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["server.ops.__main__"])


class ForkedDaemon:
    """The program ``python -m server.ops`` with an environment and a log of its own; its start costs a fork."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self._process = _forks.Process(target=_serve, args=(dict(env), str(log)), daemon=True)
        self._process.start()

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.exitcode is not None

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._process.kill()
        self._process.join(10)
        assert self.ended


def _serve(env: dict[str, str], log: str) -> None:
    """What a fresh process would find: its environment, its streams, signals as at a start."""
    from server.ops.__main__ import main

    os.environ.clear()
    os.environ.update(env)
    kept = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(kept, stream)
    os.close(kept)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
