"""Facts about `ops drill` as a program: what it leaves when it is ended, a person at work in it, where results go."""

import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from server.stack.local.programs import MARK
from tests.stackwork import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
_DRILL = [sys.executable, "-m", "server.stack.drill"]
_OPS = [sys.executable, "-c", "from console.cli.main import main; main()"]


@pytest.fixture
def place() -> Iterator[Path]:
    """The temporary folder of a drill, so that what it leaves can be seen."""
    folder = Path(tempfile.mkdtemp(prefix="sps-t-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _env(place: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(place), "OPS_STATE": str(place / "none"), "NO_COLOR": "1", **more}


def _wait_for(words: str, lines: IO[str] | None) -> str:
    assert lines is not None
    for line in lines:
        if words in line:
            return line
    raise AssertionError(f"it never said {words!r}")


def _left(place: Path) -> list[str]:
    """Folders, and processes of a stack below this place."""
    processes = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(str(place)):
                processes.append(f"{process.pid} {process.name()}")
        except psutil.Error:
            continue
    return [path.name for path in place.iterdir() if path.name.startswith("sps-")] + processes


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("number", "after"),
    [
        (signal.SIGTERM, "ops is up"),
        pytest.param(signal.SIGTERM, "making a PostgreSQL", marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, "APIDown fires", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, "cause:", marks=pytest.mark.slow),
    ],
)
def test_a_drill_that_is_ended_leaves_no_process_and_no_folder(place: Path, number: int, after: str) -> None:
    with subprocess.Popen(
        [*_DRILL, "APIDown"], env=_env(place), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as drill:
        _wait_for(after, drill.stderr)
        assert _left(place)
        drill.send_signal(number)
        drill.send_signal(number)
        assert drill.wait(60) == 128 + number
    assert _left(place) == []


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("how", ["hang-up", "nobody told, then TERM"])
def test_a_console_whose_terminal_vanished_ends_and_leaves_nothing(place: Path, how: str) -> None:
    keeper, terminal = pty.openpty()
    drill = subprocess.Popen(
        [*_OPS, "drill", "APIDown", "--human", "--at-once"],
        env=_env(place, TERM="xterm"), stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if how == "hang-up" else None,
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    while b"\x1b[?1049h" not in shown:
        shown += os.read(keeper, 65536)
    os.close(keeper)
    if how != "hang-up":
        drill.send_signal(signal.SIGTERM)
    assert drill.wait(90) != 0
    until(lambda: _left(place) == [], timeout_s=60, what="nothing being left")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_drill_of_a_command_that_was_killed_cleans_up_by_itself(place: Path) -> None:
    with subprocess.Popen(
        [*_OPS, "drill", "APIDown"],
        env=_env(place),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as drill:
        _wait_for("ops is up", drill.stderr)
        drill.kill()
    until(lambda: not _left(place), timeout_s=60, what="the cleaning up")


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_command_ends_its_drill_first(place: Path, number: int) -> None:
    with subprocess.Popen(
        [*_OPS, "drill", "APIDown"],
        env=_env(place),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as drill:
        _wait_for("ops is up", drill.stderr)
        drill.send_signal(number)
        assert drill.wait(60) == 128 + number
    assert _left(place) == []


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_person_without_a_terminal_cures_it_and_the_live_stack_keeps_the_result(
    place: Path, local_stack: Stack
) -> None:
    words = [*_OPS, "drill", "APIDown", "--human", "--at-once", "--json"]
    env = _env(place, OPS_STATE=str(local_stack.state))
    with subprocess.Popen(
        words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as drill:
        state = _wait_for("look at it with", drill.stderr).split("--state ")[1].split()[0]
        person = Stack(Path(state), 0)
        _wait_for("L1 is called", drill.stderr)
        person.ops("ack", "1")
        person.ops("run", "APIDown", "check-process", expect=None)
        person.ops("run", "APIDown", "start-api", "--confirm", "start-api")
        out, complaint = drill.communicate(timeout=100)
    result = json.loads(out)
    assert (result["passed"], result["human"], drill.returncode) == (True, True, 0), complaint
    assert result["paged_s"] <= result["acknowledged_s"] <= result["resolved_s"] < result["mttr_target_s"]
    assert " after the call, acknowledged " in complaint
    assert [(step["step"], step["verdict"]) for step in result["steps"]] == [("check-process", "unhealthy"), ("start-api", None)]  # fmt: skip
    assert result["skipped"] == ["read-log", "check-health", "what-changed"]
    proof = next(r for r in local_stack.json("runbooks", "list") if r["id"] == "APIDown")["drilled"]
    assert (proof["passed"], proof["changed_since"]) == (True, False)
    assert proof["text"].startswith("cured by hand in ")
    assert _left(place) == []
