"""The demonstration of the console, in a real terminal: a burst, an outage, and nothing left of it afterwards."""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from conftest import Peer
from tests.console.tui.tmux import tmux_with
from tests.stackwork import until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.peer, pytest.mark.timeout(300)]
_OPS = (sys.executable, "-c", "from console.cli.main import main; main()")


def test_a_demonstration_shows_an_outage_and_leaves_nothing(peer: Peer, tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    # A short path: sockets of PostgreSQL and Redis lie below it.
    with tempfile.TemporaryDirectory(prefix="sps-d-") as folder:
        env = {**kept, "LANG": "C.UTF-8", "TMPDIR": folder}
        with tmux_with(peer.find("tmux"), [*_OPS, "console", "--demo"], env) as terminal:
            terminal.see("HostDiskFilling", timeout_s=120)
            terminal.see("APIDown The API at", timeout_s=120)
            assert "DRILL" in terminal.screen()
            terminal.press("C-q")
            terminal.see("ended 0", timeout_s=60)
        assert list(Path(folder).glob("sps-drill-*")) == []


def test_a_terminal_that_vanishes_ends_it(peer: Peer) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    with tempfile.TemporaryDirectory(prefix="sps-d-") as folder:
        env = {**kept, "LANG": "C.UTF-8", "TMPDIR": folder}
        with tmux_with(peer.find("tmux"), [*_OPS, "console", "--demo"], env) as terminal:
            terminal.see("HostDiskFilling", timeout_s=120)
            assert _whose_folder(folder)
        until(lambda: _whose_folder(folder) == [], timeout_s=90, what="the end of every process of it")
        assert list(Path(folder).glob("sps-drill-*")) == []


def _whose_folder(folder: str) -> list[psutil.Process]:
    """Processes that live: those with ``folder`` in their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("TMPDIR") == folder:
                found.append(process)
    return found
