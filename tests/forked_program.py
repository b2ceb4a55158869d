"""Programs of the house without the wait for their imports: forked from one process a test process that has done them."""

import atexit
import io
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, NamedTuple

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.preloaded"])

OPS = (sys.executable, "-m", "console")
"""How the program `ops` is started afresh, for tests that are about the start itself."""


class Streams(NamedTuple):
    """The descriptors that the program finds as 0, 1 and 2."""

    stdin: int
    stdout: int
    stderr: int


class ForkedProgram:
    """``python -m module`` with words, an environment and streams of its own; its start costs a fork."""

    def __init__(
        self, module: str, words: Sequence[str], env: Mapping[str, str], streams: Streams, *, cwd: str | Path | None = None, has_terminal: bool = False,
    ) -> None:  # fmt: skip
        given = tuple(DupFd(number) for number in streams)
        folder = str(cwd or Path.cwd())
        self._process = _forks.Process(
            target=_run, args=(module, tuple(words), dict(env), given, folder, has_terminal), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code once it has ended; negative for a signal."""
        return self._process.exitcode

    def wait(self, timeout: float = 60) -> int:
        """Its exit code; a program that takes longer is killed. Raises ``subprocess.TimeoutExpired``."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            self.kill()
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return code

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._process.kill()
        self._process.join(10)
        assert self.poll() is not None


def run_ops(
    *words: str, env: Mapping[str, str], cwd: str | Path | None = None, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """``ops`` with these words, an empty standard input, and what it says."""
    ends = time.monotonic() + timeout_s
    with Path(os.devnull).open("rb") as nothing, _taken() as out, _taken() as err:
        program = ForkedProgram(
            "console", words, env, Streams(nothing.fileno(), out.fileno(), err.fileno()), cwd=cwd
        )
        code = program.wait(ends - time.monotonic())
        return subprocess.CompletedProcess(["ops", *words], code, _read(out), _read(err))


def _taken() -> io.FileIO:
    return io.FileIO(os.memfd_create("said"), "r+")


def _read(said: io.FileIO) -> str:
    said.seek(0)
    return said.readall().decode().replace("\r\n", "\n")


def _run(
    module: str,
    words: Sequence[str],
    env: Mapping[str, str],
    given: Sequence[Any],
    cwd: str,
    has_terminal: bool,
) -> None:
    """What a fresh process would find: its environment, its streams, its folder, signals as at a start."""
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    if has_terminal:
        os.setsid()
    for number, stream in enumerate(given):
        kept = stream.detach()
        os.dup2(kept, number)
        os.close(kept)
    if has_terminal:
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    sys.stdin = _stream(0, "r", "surrogateescape")
    sys.stdout = _stream(1, "w", "surrogateescape")
    sys.stderr = _stream(2, "w", "backslashreplace")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [module, *words]
    # What the process that was forked from has to do at its end is not this one's to do, and its own would be forgotten.
    atexit._clear()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=False)
    finally:
        atexit._run_exitfuncs()


def _stream(number: int, mode: str, errors: str) -> io.TextIOWrapper:
    raw: Any = open(number, f"{mode}b", buffering=-1, closefd=False)  # noqa: SIM115  # it lives as long as the process
    lines = number == 2 or os.isatty(number)
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, line_buffering=lines)
