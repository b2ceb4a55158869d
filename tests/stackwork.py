"""A local stack for tests: brought up once a worker, with quick rules, and gone afterwards."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.forked_program import run_ops

QUICK = (
    "SCRAPE_INTERVAL=1s",
    "EVALUATION_INTERVAL=1s",
    "RULES_SPEEDUP=3",
    "MONITOR_PERIOD=5s",
    "STATUS_HOLD_DOWN=0s",
    "REHEARSAL_AT=off",
)


class Stack:
    """One stack, used through its own programs as a person would."""

    def __init__(self, state: Path, port_base: int) -> None:
        self.state, self.port_base = state, port_base
        self.env = {**os.environ, "OPS_STATE": str(state), "NO_COLOR": "1"}

    def ops(self, *args: str, expect: int | None = 0, timeout_s: float = 120) -> str:
        """Run `ops`; its standard output. The exit code must be ``expect`` (None: any)."""
        run = self.run(*args, timeout_s=timeout_s)
        assert expect is None or run.returncode == expect, (
            f"{args}: {run.returncode}\n{run.stdout}\n{run.stderr}"
        )
        return run.stdout

    def run(self, *args: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run `ops` and hand back everything."""
        return run_ops(*args, env=self.env, timeout_s=timeout_s)

    def json(self, *args: str, expect: int | None = 0) -> Any:
        """Run `ops … --json`."""
        return json.loads(self.ops(*args, "--json", expect=expect))

    def alerts(self) -> dict[str, dict[str, Any]]:
        """Unresolved alerts by name."""
        return {alert["alertname"]: alert for alert in self.json("alerts")}

    def token(self, name: str) -> str:
        """A token of the stack."""
        return (self.state / "tokens" / name).read_text().strip()

    def url(self, service: str) -> str:
        """The address of a service."""
        offset = {"api": 0, "ops": 1, "status": 2, "evaluator": 3}[service]
        return f"http://127.0.0.1:{self.port_base + offset}"

    def pid(self, service: str) -> int:
        """The process of a service."""
        return int(next(view["pid"] for view in self.json("ps") if view["name"] == service))


def until(holds: Callable[[], Any], *, timeout_s: float = 60, what: str = "it") -> Any:
    """Ask until the answer is true, and return it; the wait is on another process, which has no event for us."""
    deadline = time.monotonic() + timeout_s
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"{what} did not happen within {timeout_s} s"
        time.sleep(0.1)
    return answer


def end_whoever_knows(folder: Path) -> None:
    """Kill what still names ``folder`` in its arguments or environment: a killed daemon's senders and steps go on."""
    knowing = [process for process in psutil.process_iter() if _names(process, str(folder))]
    for process in knowing:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(knowing, timeout=10)


def _names(process: psutil.Process, folder: str) -> bool:
    try:
        words = [*process.cmdline(), *process.environ().values()]
    except (psutil.Error, OSError):
        return False
    return process.pid != os.getpid() and any(folder in word for word in words)


def free_port_base() -> int:
    """The first of five ports in a row that nobody listens on."""
    from server.stack.drill.free_ports import free_ports

    return free_ports()


def prefer(main: psutil.Process) -> None:
    """Give a process and its children the processors before others, where that is allowed.

    What it uses is then what it asks for, however busy the machine is with other tests.
    """
    with contextlib.suppress(psutil.AccessDenied, OSError):
        for process in (main, *main.children(recursive=True)):
            process.nice(-10)
            # Linux may share the processors among sessions first, whatever their processes' own niceness.
            Path(f"/proc/{process.pid}/autogroup").write_text("-10")


@contextmanager
def stack_up(*settings: str) -> Iterator[Stack]:
    """A whole stack in a folder of its own."""
    state = Path(tempfile.mkdtemp(prefix=f"sps-test-{secrets.token_hex(2)}-"))
    stack = Stack(state, free_port_base())
    words = [word for setting in settings for word in ("--set", setting)]
    program = [sys.executable, "-m", "server.stack", "--state", str(state)]
    try:
        up = subprocess.run(
            [*program, "up", "--port-base", str(stack.port_base), *words], capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip
        assert up.returncode == 0, up.stdout + up.stderr
        yield stack
    finally:
        subprocess.run([*program, "down"], capture_output=True, timeout=120, check=False)
        end_whoever_knows(state)
        shutil.rmtree(state, ignore_errors=True)
