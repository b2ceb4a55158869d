"""Every example of help is run as it stands, on a real daemon, but those that need what a daemon alone has not."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.console.cli.test_command_line import ops, words_of
from tests.console.cli.test_reference import examples_of_help
from tests.console.conftest import LoneDaemon, running_daemon
from tests.forked_program import run_ops

_LOOKS = (
    "alerts", "alert", "incidents", "incident 42", "silences", "approvals", "approve", "executions --", "locks", "changes", "drills", "drill --list", "maintenance list",
    "maintenance announce 1 --preview", "public draft", "public templates", "oncall", "pages", "contacts show", "contacts check", "report", "handover", "postmortem 42", "runbooks list",
    "runbooks show", "act --list", "act restart-api --dry-run", "audit --", "users list", "whoami", "read-only", "health ops", "config check", "config show", "logs api", "api GET", "help", "rehearse --status",
    "announce", "--profile", "completion bash",
)  # fmt: skip
"""How a line begins that changes nothing, or only previews."""
_CHANGES = ("read-only on", "changes end", "silences add", "silences extend", "silences end", "oncall set", "oncall unset", "silences show", "incident 42 resolve", "incident 42 escalate", "incident 42 followup", "postmortem 42 --share", "postmortem 42 --out", "--profile")  # fmt: skip
_NEEDS = {"approvals show": None, "approve 7d2e": None, "executions show last": None, "maintenance announce": None, "logs api postgres": None, "public draft --incident": None}  # fmt: skip
"""Lines that need what a daemon alone does not have."""

_FINDS_FAULT = {
    "health ops": 1,
    "act restart-api --dry-run": 1,
    "maintenance verify 1": 1,
    "run APIDown check-process": 1,
    "attach last": 1,
}
"""Lines that say rightly that something is wrong: this daemon has neither a source of metrics nor services."""


def _looking() -> list[str]:
    lines = {example.removeprefix("ops ").split("   ")[0].strip() for _, example in examples_of_help()}
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
    with running_daemon() as daemon:
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


_STORY = (
    "ack last", "undo", "ack last --for 2h", "unack 42", "ack 42", "unack .", "ack --filter svc:api -q", 'note . "failed over by hand"', 'note 42 "the disk of db-1 is full" --at 10m',
    "incident 42 escalate", 'incident 42 followup add "alert on disk" --owner ana --due 2026-02-14', "api POST /v1/incidents/42/note '{\"text\": \"seen\"}'",
    "silences add service=api --for 1h --comment 'the disk is exchanged'", "silences show 4f1c", "silences extend 4f1c --for 30m", "silences extend 1f3c --for 30m", "silences end 4f1c",
    "silences add 'instance=~db-.*' --from 22:00 --for 8h --comment disks", "silences add service=api --for 1h --comment 'fix at 15:00'",
    "users add ana --role responder", "users rotate ana", "users revoke ana", "oncall set L1 ana --for 8h", "oncall set L1 ana --until 'tomorrow 09:00'", "oncall unset L1", "contacts test ana",
    'page L2 "please look at checkout"', "audit note 'moved a cable'", "audit show --limit 5", "audit verify", "audit export",
    "maintenance schedule Disk --from +25h --for 1h --match job=db --reason x", "maintenance announce 1 --preview", "maintenance announce 1 --preview --html", "maintenance announce 1", "maintenance show 1",
    "maintenance schedule Disk --from +25h --for 1h --match job=db --reason x", "maintenance reschedule 2 --from +25h 'Moved by a day.'", "maintenance cancel 2 'It does not take place.' --reason 'no disk'",
    "maintenance check 1 backup --text 'yesterday, restored once'", "maintenance reschedule 1 --from +10m 'It begins earlier.'", "maintenance check-in 1 --reason 'looked after by phone'", "maintenance update 1 'Half of the rows are through.'",
    "maintenance correct 1 'Half of the rows are through, not all.'", "maintenance no-change 1", "maintenance extend 1 'It takes longer.' --for 30m", "maintenance verify 1", "maintenance complete 1 --reason 'verified by hand'",
    "public components", "public publish Slow 'We are looking.' --component 'Analyze API'", "public show 1", "public update 1 'It is the cache.' --status identified",
    "public correct 1 'It is the database, not the cache.'", "public resolve 1 'Everything is well again.' --reason 'seen by hand'", "public postmortem 1 https://example.com/why 'What we change.'", "public list --all",
    "profile add prod --url https://ops.example.com", "profile show prod", "profile remove prod", "profile add edge --ssh edge-host --token-command 'pass show ops/edge'",
    "run APIDown check-process", "executions show last", "attach last", "runbooks lint", 'incident 42 resolve --reason "the probe was wrong"', "wait 'alert:APIDown is resolved' --timeout 5m -q", 'incident 42 root-cause "the probe"', "postmortem 42 --share",
    "postmortem 42 --out review --meeting 'tomorrow 10:00'", 'read-only on --reason "the disk is being exchanged"',
)  # fmt: skip
"""Lines that change something, in an order in which each can be done."""
_ELSEWHERE = {
    "the services of a stack": ("up", "down", "start", "stop", "restart", "ps", "psql", "redis-cli", "diag", "verify", "health api", "query", "graph", "doctor", "keys", "backups", "act restart-api --incident", "run APIDown start-api", "logs", "drill", "rehearse"),
    "somebody who presses Ctrl-C, or a screen": ("console", "open", "events", "alerts --watch", "locks --watch", "pages --watch"),
    "a state that only a fault or a second person makes": ("approve 7d2e", "approvals show", "cancel", "changes end", "executions clear", "wait 'execution:last", "wait 'incident:last is closed'", "wait 'alert:APIDown is resolved' --timeout 10m"),
    "files of this machine outside the test": ("token show", "backup-state", "restore-state", "audit anchor", "completion install", "runbooks new"),
    "other numbers than those that a new daemon gives": ("public update 3", "public resolve 3", "maintenance check-in 1", "maintenance check 1 backup --run", 'maintenance schedule "Migration', 'public publish "Slow', "ack --filter 'svc:api sev", "public draft"),
}  # fmt: skip
"""What else an example needs, and those that need it; each is run by tests of its own command."""


def test_every_example_is_run_or_says_what_it_needs() -> None:
    lines = {example.removeprefix("ops ").split("   ")[0].strip() for _, example in examples_of_help()}
    left = lines - set(_looking()) - set(_STORY)
    others = tuple(start for starts in _ELSEWHERE.values() for start in starts)
    assert {line for line in left if not line.startswith(others) and not _is_a_form(line)} == set()


def _is_a_form(line: str) -> bool:
    """Whether the line has a word in the place of what is meant, as usage has, or says what it does behind it."""
    return bool(re.search(r"\b[A-Z]{4,}\b|\bN\b| --help| sends ", line))


@pytest.mark.stack
def test_the_examples_that_change_something_do_it_one_after_another(tmp_path: Path) -> None:
    with running_daemon() as daemon:
        contacts = 'people: {ana: {channels: ["file:a.log"]}}\nlevels: {L1: ana, L2: ana}\n'
        (daemon.state / "contacts.yml").write_text(contacts)
        daemon.kill()
        daemon.start()
        daemon.post_alert("APIDown")
        silence = ""
        for line in _STORY:
            if line.startswith("wait"):
                daemon.post_alert("APIDown", resolved=True)
            given = [
                {"42": "1", "4f1c": silence, "1f3c": silence}.get(word, word) for word in shlex.split(line)
            ]
            words = [word.replace("/42/", "/1/") for word in given]
            env = words_of(daemon, XDG_CONFIG_HOME=str(tmp_path), HOME=str(tmp_path))
            done = run_ops(*words, env=env, cwd=tmp_path)
            assert (line, done.returncode) == (line, _FINDS_FAULT.get(line, 0)), (done.stdout, done.stderr)
            if line.startswith("silences add service=api"):
                silence = done.stdout.split()[0]
