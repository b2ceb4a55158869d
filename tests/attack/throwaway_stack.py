"""The stack that is attacked: in a folder of its own, on free ports, in a control group with a bound, gone afterwards."""

import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from console.ops_api.client import DaemonAccess, OpsClient
from server.runner.control_group import ControlGroup, make_control_group
from tests.paths import CHECKOUT
from tests.stackwork import QUICK, Stack, free_port_base

_PROCESSES = 1_500
_MEMORY = 10 * 1024**3
_WATCH = Path(__file__).parent / "watch"
RUNBOOK = """---
alert: Attack
severity: warning
mttr_target: 5m
owner: nobody
---
# Attack

## Overview
Steps that want to get away.

## Diagnosis
```bash {"name":"hop","kind":"read","timeout":"5s"}
exec python3 -S -c '
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
until = time.monotonic() + 60
while time.monotonic() < until:
    if os.fork():
        os._exit(0)
    os.setsid()
'
```
```bash {"name":"multiply","kind":"read","timeout":"2s"}
exec python3 -S -c '
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
until = time.monotonic() + 60
while time.monotonic() < until:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
'
```
```bash {"name":"swallow","kind":"read","timeout":"30s"}
exec python3 -S -c 'b = bytearray(6 * 1024**3); print(len(b))'
```
```bash {"name":"linger","kind":"read","timeout":"3s"}
exec sleep 60
```
```bash {"name":"look","kind":"read","timeout":"20s"}
echo looking
```
"""


class ThrowawayStack(Stack):
    """A stack whose processes are watched while they are attacked."""

    def __init__(self, state: Path, port_base: int, watch: Path) -> None:
        super().__init__(state, port_base)
        self.watch = watch

    def client(self, user: str = "admin") -> OpsClient:
        """A client of the ops daemon with the token of a user in a file."""
        return OpsClient(DaemonAccess(self.url("ops"), self.token(user)))

    def get(self, path: str) -> Any:
        """What the ops daemon answers to a GET."""
        return self.client()._get(path, dict[str, Any])

    def memory(self) -> dict[str, int]:
        """Bytes that each process of ours holds (without those of PostgreSQL and Redis)."""
        held: dict[str, int] = {}
        for service in ("api", "ops", "status", "evaluator"):
            process = psutil.Process(self.pid(service))
            held[service] = sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
        return held

    def slow_callbacks(self, since: float) -> list[str]:
        """Callbacks of any loop that took more than 50 ms of their own CPU time since then."""
        lines = [line for path in self.watch.iterdir() for line in path.read_text().splitlines()]
        return [line for line in lines if float(line.split(" ", 1)[0]) >= since]

    def everything_kept(self) -> bytes:
        """Every byte of the state folder but the tokens themselves and the stores' own files."""
        kept = []
        for path in self.state.rglob("*"):
            inside = path.relative_to(self.state).parts
            if path.is_file() and not {"tokens", "postgres", "redis"} & set(inside):
                kept.append(path.read_bytes())
        return b"\n".join(kept)


@contextmanager
def throwaway_stack(port_base: int | None = None) -> Iterator[ThrowawayStack]:
    """A whole stack, watched; nothing of it is left afterwards."""
    state = Path(tempfile.mkdtemp(prefix=f"sps-attack-{secrets.token_hex(2)}-"))
    watch, shelf = state / "watch", state / "runbooks"
    watch.mkdir()
    shutil.copytree(CHECKOUT / "runbooks", shelf, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (shelf / "Attack.md").write_text(RUNBOOK)
    stack = ThrowawayStack(state, port_base or free_port_base(), watch)
    settings = (*QUICK, f"RUNBOOKS_DIR={shelf}", f"ATTACK_WATCH={watch}", f"PYTHONPATH={_WATCH}")
    program = [sys.executable, "-m", "server.stack", "--state", str(state)]
    with caged() as enter:
        try:
            words = [word for setting in settings for word in ("--set", setting)]
            up = subprocess.run(
                [*program, "up", "--port-base", str(stack.port_base), *words],
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
                preexec_fn=enter,
            )
            if up.returncode != 0:
                raise RuntimeError(f"the stack does not come up: {up.stdout}{up.stderr}")
            yield stack
        finally:
            subprocess.run([*program, "down"], capture_output=True, timeout=180, check=False)
            shutil.rmtree(state, ignore_errors=True)


@contextmanager
def caged() -> Iterator[Any]:
    """What a child does to be bounded with all that it starts; where no group can be made, steps have their limits."""
    group = make_control_group(f"attack-{secrets.token_hex(4)}", ("processes", "memory"))
    group.bound(processes=_PROCESSES, memory_bytes=_MEMORY)
    try:
        yield group.enter
    finally:
        _end_all(group)


def _end_all(group: ControlGroup) -> None:
    for folder in group.folders:
        for below in folder.glob("step-*"):
            _end(ControlGroup((below,)))
    _end(group)


def _end(group: ControlGroup) -> None:
    if group.members():
        group.kill()
    group.remove(within_s=5.0)
