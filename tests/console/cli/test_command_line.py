"""Facts about the command line, as its user types it: the words, the exit codes, what goes to which stream."""

import json
import os
import re
import subprocess
import sys

import pytest

from console.tui.app import ConsoleApp
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


_LOUD = '{"name":"loud","kind":"read","timeout":"30s"}'
_LOUD_TEXT = (
    "echo the first line; head -c 3000000 /dev/zero | tr '\\0' x | fold -w 99; echo; echo the last line"
)


@pytest.fixture
def loud(daemon_with_shelf: LoneDaemon) -> LoneDaemon:
    """With a step that prints three megabytes between its first and its last line."""
    (daemon_with_shelf.shelf / "Loud.md").write_text(
        "---\nalert: Loud\nseverity: info\nmttr_target: 5m\nowner: platform\n---\n# Loud\n\n"
        f"## Diagnosis\n\n```bash {_LOUD}\n{_LOUD_TEXT}\n```\n"
    )
    return daemon_with_shelf


def _cut(text: str) -> tuple[int, str, str]:
    """How many bytes the text says were cut, and the lines before and after that."""
    found = re.search(r"\n… ([\d,]+) bytes cut here …\n", text)
    assert found is not None, text[-300:]
    return int(found[1].replace(",", "")), text[: found.start()], text[found.end() :]


def test_output_that_was_cut_says_where_and_how_much_and_its_end_is_there(loud: LoneDaemon) -> None:
    for done in (ops(loud, "run", "Loud", "loud"), _attached(loud)):
        assert done.returncode == 0, done.stderr
        cut, before, after = _cut(done.stdout)
        assert before.startswith("the first line\n")
        assert "\nthe last line\n" in after
        whole = len("the first line\n") + 3_000_000 + 3_000_000 // 99 + len("\nthe last line\n")
        kept = before + after.partition("the last line\n")[0] + "the last line\n"
        assert cut + len(kept) == whole
    found = json.loads(_attached(loud, "--json").stdout)
    assert found["stdout_cut_bytes"] == cut
    assert found["stdout"].endswith("the last line\n")


def _attached(daemon: LoneDaemon, *options: str) -> subprocess.CompletedProcess[str]:
    return ops(daemon, "attach", daemon.client().executions()[0].execution_id, *options)


def test_the_pager_has_all_that_is_kept_and_the_mark(
    loud: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops(loud, "run", "Loud", "loud")
    seen: list[str] = []
    monkeypatch.setattr(ConsoleApp, "_page", lambda _, text: seen.append(text))
    ConsoleApp(loud.client()).show_in_pager(loud.client().executions()[0].execution_id)
    cut, before, after = _cut(seen[0])
    assert cut > 1_000_000
    assert before.startswith("the first line\n")
    assert after.endswith("the last line\n")
