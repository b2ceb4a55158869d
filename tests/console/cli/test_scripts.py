"""Commands for scripts, on a real daemon: waiting, the stream, any call of the API."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from console.cli.main import cli
from console.cli.scripts import wait as wait_command
from console.cli.scripts.wait import Condition, parse_condition
from console.ops_api.errors import InvalidRequestError
from tests.console.cli.test_command_line import ops, words_of
from tests.console.conftest import LoneDaemon

pytestmark = pytest.mark.stack


def test_waiting_ends_when_it_holds_and_gives_up_with_one(lone_daemon: LoneDaemon) -> None:
    assert ops(lone_daemon, "wait", "alert:APIDown is resolved").returncode == 0
    lone_daemon.post_alert("APIDown")
    assert ops(lone_daemon, "wait", "alert:APIDown is firing", "--quiet").stdout == ""
    gave_up = ops(lone_daemon, "wait", "alert:APIDown is resolved", "--timeout", "1s", "--json")
    told = json.loads(gave_up.stdout)
    assert (gave_up.returncode, told["held"], told["states"]) == (1, False, ["firing"])
    with subprocess.Popen(
        [sys.executable, "-m", "console", "wait", "alert:APIDown is not firing", "--timeout", "30s"], env=words_of(lone_daemon), stdout=subprocess.PIPE, text=True,
    ) as waiting:  # fmt: skip
        lone_daemon.post_alert("APIDown", resolved=True)
        said, _ = waiting.communicate(timeout=40)
    assert (waiting.returncode, "it holds" in said) == (0, True)


def test_a_daemon_that_is_away_from_the_begin_ends_with_three(lone_daemon: LoneDaemon) -> None:
    lone_daemon.kill()
    assert ops(lone_daemon, "wait", "alert:APIDown is resolved").returncode == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "APIDown",
        "alert:APIDown",
        "alert:APIDown is",
        "alert:APIDown is gone",
        "thing:x is firing",
        "incident:1 is firing",
    ],
)
def test_what_is_no_condition_says_what_would_be(text: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"write for instance|one of"):
        parse_condition(text)


def test_a_condition_is_read() -> None:
    assert parse_condition("alert:APIDown  is not firing") == Condition("alert", "APIDown", True, "firing")


def test_an_incident_that_is_not_there_ends_with_two(lone_daemon: LoneDaemon) -> None:
    assert ops(lone_daemon, "wait", "incident:99 is closed").returncode == 2
    assert ops(lone_daemon, "wait", "incident:x is closed").returncode == 2


def test_last_and_the_one_in_hand_are_waited_for_as_they_were_at_the_beginning(
    lone_daemon: LoneDaemon, tmp_path: Path
) -> None:
    desk = {"XDG_STATE_HOME": str(tmp_path)}
    assert ops(lone_daemon, "wait", "incident:last is closed").returncode == 2
    assert ops(lone_daemon, "wait", "incident:. is closed", **desk).returncode == 2
    lone_daemon.post_alert("APIDown")
    ops(lone_daemon, "ack", "1", **desk)
    fingerprint = ops(lone_daemon, "alerts", "-q").stdout.strip()
    for condition in (
        "incident:last is acknowledged",
        "incident:. is acknowledged",
        f"alert:{fingerprint[:6]} is firing",
    ):
        assert ops(lone_daemon, "wait", condition, "--timeout", "0s", **desk).returncode == 0, condition


def test_what_last_means_is_looked_up_once(lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    lone_daemon.post_alert("APIDown")

    def meanwhile(_: float) -> None:
        lone_daemon.post_alert("RedisDown")
        ops(lone_daemon, "incident", "1", "dismiss", "--reason", "x")

    monkeypatch.setattr(wait_command, "time", SimpleNamespace(monotonic=time.monotonic, sleep=meanwhile))
    words = ["wait", "incident:last is false_positive", "--timeout", "60s", "--json"]
    done = CliRunner().invoke(cli, words, env=words_of(lone_daemon))
    assert (done.exit_code, json.loads(done.stdout)["states"]) == (0, ["false_positive"])


def test_a_step_counts_for_the_incident_in_hand_whose_runbook_it_is(
    lone_daemon: LoneDaemon, tmp_path: Path
) -> None:
    desk = {"XDG_STATE_HOME": str(tmp_path)}
    lone_daemon.post_alert("APIDown")
    ops(lone_daemon, "run", "APIDown", "check-process", **desk)
    ops(lone_daemon, "ack", "last", **desk)
    done = ops(lone_daemon, "run", "APIDown", "check-process", **desk)
    assert "ops: for incident 1, which is in hand here (" in done.stderr
    ops(lone_daemon, "run", "RedisDown", "check-process", **desk)
    ops(lone_daemon, "incident", "1", "dismiss", "--reason", "x")
    ops(lone_daemon, "run", "APIDown", "check-process", **desk)
    found = [(run.runbook, run.incident_id) for run in lone_daemon.client().executions()]
    assert found == [("APIDown", None), ("RedisDown", None), ("APIDown", 1), ("APIDown", None)]


@pytest.mark.parametrize("word", ["last", ".", "1"])
def test_a_draft_is_about_the_incident_that_a_word_means(lone_daemon: LoneDaemon, tmp_path: Path, word: str) -> None:  # fmt: skip
    lone_daemon.post_alert("APIDown")
    ops(lone_daemon, "ack", "1", XDG_STATE_HOME=str(tmp_path))
    done = ops(lone_daemon, "public", "draft", "--incident", word, "--json", XDG_STATE_HOME=str(tmp_path))
    assert json.loads(done.stdout)["title"], done.stderr


def test_events_are_a_line_each_and_go_on_after_the_one_that_is_named(lone_daemon: LoneDaemon) -> None:
    before = lone_daemon.client().meta()
    lone_daemon.post_alert("APIDown")
    lone_daemon.post_alert("RedisDown")
    after = ("--after", f"{before.boot}-{before.seq}")
    done = ops(lone_daemon, "events", "--json", "--kind", "alert", "--count", "2", *after)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["data"]["alertname"] for line in lines] == ["APIDown", "RedisDown"]
    rest = ops(lone_daemon, "events", "--json", "--kind", "alert", "--count", "1", "--after", lines[0]["id"])
    assert json.loads(rest.stdout)["data"]["alertname"] == "RedisDown"
    words = ops(lone_daemon, "events", "--count", "1", "--kind", "alert", *after).stdout
    assert "critical APIDown api is firing" in words


def test_the_stream_goes_on_when_the_daemon_comes_back(lone_daemon: LoneDaemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "console", "events", "--json", "--kind", "alert", "--kind", "reset", "--count", "2"], env=words_of(lone_daemon),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as following:  # fmt: skip
        assert following.stdout is not None
        # A line may be missed until it listens; each post is another alert.
        first = ""
        for n in range(200):
            lone_daemon.post_alert(f"Trouble{n}")
            if select.select([following.stdout], [], [], 0.2)[0]:
                first = following.stdout.readline()
                break
        lone_daemon.kill()
        lone_daemon.start()
        second, _ = following.communicate(timeout=60)
    assert json.loads(first)["kind"] == "alert"
    # Another boot cannot fill the gap, and says so.
    assert json.loads(second.splitlines()[0])["kind"] == "reset"


def test_any_call_can_be_made(lone_daemon: LoneDaemon) -> None:
    assert json.loads(ops(lone_daemon, "api", "get", "/v1/me").stdout) == {"name": "admin", "role": "admin"}
    made = ops(lone_daemon, "api", "POST", "/v1/incidents", '{"title": "t", "service": "api"}')
    assert json.loads(made.stdout)["title"] == "t"
    refused = ops(lone_daemon, "api", "POST", "/v1/incidents", "{}", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["error"]["type"]) == (2, "invalid")
    assert ops(lone_daemon, "api", "POST", "/v1/incidents", "{x").returncode == 2
    assert ops(lone_daemon, "api", "GET", "v1/me").returncode == 2
    assert ops(lone_daemon, "api", "GET", "/v1/nothing").returncode == 2


def test_the_last_incident_and_the_one_in_hand_have_short_names(
    lone_daemon: LoneDaemon, tmp_path: str
) -> None:
    here = {"XDG_STATE_HOME": str(tmp_path)}
    none = ops(lone_daemon, "note", ".", "x", **here)
    assert (none.returncode, "no incident is in hand" in none.stderr) == (2, True)
    assert ops(lone_daemon, "ack", "last", **here).returncode == 2
    for name in ("APIDown", "RedisDown"):
        lone_daemon.post_alert(name)
    taken = json.loads(ops(lone_daemon, "ack", "last", "--json", **here).stdout)
    assert taken["alertname"] == "RedisDown"
    assert (
        ops(lone_daemon, "note", ".", "seen", "--at", "1m", **here).stdout
        == f"noted on incident {taken['id']}\n"
    )
    assert json.loads(ops(lone_daemon, "incidents", "last", "--json", **here).stdout)["id"] == taken["id"]
    assert ops(lone_daemon, "note", "abc", "x", **here).returncode == 2


def test_the_last_incident_is_the_one_that_came_back(lone_daemon: LoneDaemon) -> None:
    for name in ("APIDown", "RedisDown"):
        lone_daemon.post_alert(name)
    lone_daemon.post_alert("APIDown", resolved=True)
    assert ops(lone_daemon, "incident", "1", "resolve").returncode == 0
    lone_daemon.post_alert("APIDown")
    assert ops(lone_daemon, "wait", "incident:last is open", "--timeout", "10s").returncode == 0
    shown = json.loads(ops(lone_daemon, "incidents", "last", "--json").stdout)
    assert (shown["id"], shown["alertname"], shown["spell"]) == (1, "APIDown", 2)


def test_the_journal_is_narrowed_by_words_and_times(lone_daemon: LoneDaemon) -> None:
    for name in ("APIDown", "RedisDown"):
        lone_daemon.post_alert(name)
    ops(lone_daemon, "ack", "last")
    rows = json.loads(ops(lone_daemon, "audit", "--json").stdout)
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)
    # The daemon goes on writing of its own accord; the begin stays.
    assert rows == json.loads(ops(lone_daemon, "audit", "show", "--json").stdout)[: len(rows)]
    fired = json.loads(ops(lone_daemon, "audit", "--json", "--filter", "kind:alert.fired").stdout)
    assert {row["kind"] for row in fired} == {"alert.fired"}
    assert len(fired) >= 2
    by_admin = json.loads(ops(lone_daemon, "audit", "--json", "--filter", "kind:incident by:admin").stdout)
    assert [row["kind"] for row in by_admin] == ["incident.moved"]
    assert len(json.loads(ops(lone_daemon, "audit", "--json", "--limit", "2").stdout)) == 2
    assert json.loads(ops(lone_daemon, "audit", "--json", "--since", "10m").stdout)[: len(rows)] == rows
    assert ops(lone_daemon, "audit", "--until", "10m").stdout == "no row of the journal passes\n"
    assert ops(lone_daemon, "audit", "--since", "soon").returncode == 2


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", "data/bash-completion/completions/ops"),
        ("zsh", ".zfunc/_ops"),
        ("fish", "config/fish/completions/ops.fish"),
    ],
)
def test_completion_is_installed_where_the_shell_looks(tmp_path: Path, shell: str, place: str) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SHELL": f"/bin/{shell}",
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "console", "completion", "install"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "_OPS_COMPLETE" in (tmp_path / place).read_text()
    odd = subprocess.run(
        [sys.executable, "-m", "console", "completion", "install"],
        env={**env, "SHELL": "/bin/dash"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (odd.returncode, "name one of bash, zsh, fish" in odd.stderr) == (2, True)
