"""Silences from the command line, on a real daemon."""

import json

import pytest

from tests.console.cli.test_command_line import ops
from tests.console.conftest import LoneDaemon

pytestmark = pytest.mark.stack


def test_a_silence_is_made_listed_extended_and_ended(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    lone_daemon.post_alert("RedisDown")
    made = ops(
        lone_daemon, "silences", "add", "alertname=~API.*", "service=api", "--for", "1h", "--comment", "known"
    )
    assert made.returncode == 0, made.stderr
    assert "it fits 1 unresolved alert now" in made.stdout
    [one] = json.loads(ops(lone_daemon, "silences", "--json").stdout)
    assert (one["createdBy"], one["comment"], one["status"]["state"]) == ("admin", "known", "active")
    assert [(m["name"], m["value"], m["isRegex"]) for m in one["matchers"]] == [
        ("alertname", "API.*", True),
        ("service", "api", False),
    ]
    listed = ops(lone_daemon, "silences").stdout.splitlines()[1].split()
    assert listed[0] == one["id"][:8]
    assert listed[3] == "1"
    assert "silences APIDown of api (firing)" in ops(lone_daemon, "silences", "show", one["id"][:6]).stdout
    later = json.loads(ops(lone_daemon, "silences", "extend", one["id"][:6], "--for", "3h", "--json").stdout)
    assert (later["id"], later["endsAt"] > one["endsAt"]) == (one["id"], True)
    assert ops(lone_daemon, "silences", "end", one["id"]).stdout == f"{one['id']} is over now\n"
    assert ops(lone_daemon, "silences").stdout == "nothing is silenced\n"
    assert one["id"][:8] in ops(lone_daemon, "silences", "--all").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "alertname", "--for", "1h", "--comment", "x"), "is no matcher"),
        (("add", "a=~(", "--for", "1h", "--comment", "x"), "("),
        (("add", "a=b", "--comment", "x"), "say until when"),
        (("add", "a=b", "--for", "1h", "--until", "12:00", "--comment", "x"), "say until when"),
        (("add", "a=b", "--for", "soon", "--comment", "x"), "'soon' is no time"),
        (("add", "a=b", "--until", "2020-01-01", "--comment", "x"), "is over before it begins"),
        (("add", "a=b", "--for", "1h", "--comment", " "), "must say why"),
        (("add", "a=~.*", "--for", "1h", "--comment", "x"), ""),
        (("end", "nothing"), "there is no silence nothing"),
        (("extend", "nothing", "--for", "1h"), "there is no silence nothing"),
        (("show", ""), "there is no silence"),
    ],
)
def test_a_silence_that_cannot_be_is_refused_with_what_would_be_right(
    lone_daemon: LoneDaemon, words: tuple[str, ...], said: str
) -> None:
    done = ops(lone_daemon, "silences", *words)
    assert (done.returncode, said in done.stderr, done.stdout) == (2, True, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert ops(lone_daemon, "silences", "--all").stdout == "there was never a silence\n"


def test_one_bad_id_among_good_ones_ends_none(lone_daemon: LoneDaemon) -> None:
    made = json.loads(
        ops(lone_daemon, "silences", "add", "a=b", "--for", "1h", "--comment", "x", "--json").stdout
    )
    assert ops(lone_daemon, "silences", "end", made["id"], "nothing").returncode == 2
    assert json.loads(ops(lone_daemon, "silences", "--json").stdout)[0]["status"]["state"] == "active"
