"""Every example of help that only looks is run as it stands, on a real daemon."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.console.cli.test_command_line import ops
from tests.console.cli.test_every_command import _daemon
from tests.console.cli.test_reference import _examples
from tests.console.conftest import LoneDaemon

_LOOKS = (
    "alerts", "alert", "incidents", "incident 42", "silences", "approvals", "approve", "executions --", "locks", "changes", "drills", "drill --list", "maintenance list",
    "maintenance announce 1 --preview", "public draft", "public templates", "oncall", "pages", "contacts show", "contacts check", "report", "handover", "postmortem 42", "runbooks list",
    "runbooks show", "act --list", "act restart-api --dry-run", "audit --", "users list", "whoami", "read-only", "health ops", "config check", "config show", "logs api", "api GET", "help", "rehearse --status",
    "announce", "--profile", "completion bash",
)  # fmt: skip
"""How a line begins that changes nothing, or only previews."""
_CHANGES = ("read-only on", "changes end", "silences add", "silences extend", "silences end", "oncall set", "incident 42 resolve", "incident 42 escalate", "incident 42 followup", "postmortem 42 --share", "postmortem 42 --out", "--profile")  # fmt: skip
_NEEDS = {"approvals show": None, "approve 7d2e": None, "executions show last": None, "maintenance announce": None, "logs api postgres": None, "public draft --incident": None}  # fmt: skip
"""Lines that need what a daemon alone does not have."""

_FINDS_FAULT = {"health ops": 1, "act restart-api --dry-run": 1}
"""Lines that say rightly that something is wrong: this daemon has neither a source of metrics nor services."""


def _looking() -> list[str]:
    lines = {example.removeprefix("ops ").split("   ")[0].strip() for _, example in _examples()}
    return sorted(
        line
        for line in lines
        if line.startswith(_LOOKS)
        and not line.startswith(_CHANGES)
        and not any(line.startswith(start) and needed is None for start, needed in _NEEDS.items())
        and "--watch" not in line and "--help" not in line and not re.search(r"\b[A-Z]{4,}\b|\bN\b|\\$", line)
    )  # fmt: skip


@pytest.fixture(scope="module")
def daemon() -> Iterator[LoneDaemon]:
    for daemon in _daemon():
        daemon.post_alert("APIDown")
        logs = Path(daemon.state) / "logs"
        logs.mkdir(exist_ok=True)
        at = datetime.now(UTC).isoformat()
        (logs / "api.log").write_text(json.dumps({"timestamp": at, "message": "a line"}) + "\n")
        yield daemon


def test_most_commands_that_look_have_an_example() -> None:
    assert len({line.split()[0] for line in _looking()}) >= 25


@pytest.mark.stack
@pytest.mark.parametrize("line", _looking())
def test_an_example_that_looks_does_what_it_says(daemon: LoneDaemon, line: str) -> None:
    words = [re.sub(r"^42$", "1", word) for word in shlex.split(line)]
    done = ops(daemon, *words)
    assert done.returncode == _FINDS_FAULT.get(line, 0), (words, done.stdout, done.stderr)
    assert done.stdout
