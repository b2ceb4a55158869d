"""Facts about the command line, as its user types it: the words, the exit codes, what goes to which stream."""

import os
import subprocess
import sys

import pytest

from tests.console.conftest import LoneDaemon

pytestmark = pytest.mark.stack


def ops(daemon: LoneDaemon, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """``ops`` with these words, towards this daemon as an address."""
    token = (daemon.state / "tokens" / "admin").read_text().strip()
    words = {"PATH": os.environ["PATH"], "OPS_URL": daemon.client().access.url, "OPS_TOKEN": token, **env}
    return subprocess.run(
        [sys.executable, "-m", "console", *args], env=words, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    ["open 99", "incidents 99", "ack 99", "unack 99", "note 99 text", "attach nothing-00", "cancel nothing-00", "executions clear nothing-00 --reason x", "act no-such-action", "run NoSuchRunbook a-step", "run APIDown no-such-step", "runbooks show NoSuchRunbook", "users rotate nobody"],
)  # fmt: skip
def test_a_name_or_number_that_is_not_there_is_told_and_exits_with_2(
    lone_daemon: LoneDaemon, words: str
) -> None:
    done = ops(lone_daemon, *words.split())
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("ops: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
