"""How commands answer: several at once, names alone, times, the pager, and tables at a real terminal."""

import json
import re
import sys

import pytest

from tests.console.cli.terminal_run import TerminalRun, at_terminal
from tests.console.cli.test_command_line import ops, words_of
from tests.console.conftest import LoneDaemon

pytestmark = pytest.mark.stack
_OPS = (sys.executable, "-m", "console")


@pytest.fixture
def wide(lone_daemon: LoneDaemon) -> LoneDaemon:
    """With alerts whose labels are long, wide, and of marks that take no cell."""
    lone_daemon.post_alert("APIDown")
    lone_daemon.post_alert("数据库停止响应", service="データベース", severity="warning")
    lone_daemon.post_alert("Cafe\u0301Closed", service="x" * 60, severity="info", instance="db-1")
    lone_daemon.post_alert("Odd\x1b[31mRed", service="\u202eevil", severity="warning")
    return lone_daemon


def test_states_have_colour_at_a_terminal_and_nothing_else_has(wide: LoneDaemon) -> None:
    words = ("alerts", "--columns", "sev,state,alert")
    _, text = at_terminal([*_OPS, *words], words_of(wide, PAGER=""))
    assert "\x1b[1;31m!!CRIT\x1b[0m  \x1b[1;31mfiring\x1b[0m  APIDown\n" in text
    assert "\x1b[33m! WARN\x1b[0m" in text
    assert "\x1b[31mRed" not in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    for env, more in (({"NO_COLOR": "1"}, ()), ({"TERM": "dumb"}, ()), ({}, ("--color", "never"))):
        assert at_terminal([*_OPS, *words, *more], words_of(wide, PAGER="", **env))[1] == plain
    assert "\x1b" not in ops(wide, *words).stdout
    assert "\x1b[1;31m!!CRIT" in ops(wide, *words, "--color", "always").stdout
    paged = at_terminal([*_OPS, *words], words_of(wide, PAGER=f"{sys.executable} -c 'import sys; print(repr(sys.stdin.read()))'"), rows=3)[1]  # fmt: skip
    assert r"\x1b[1;31m!!CRIT\x1b[0m" in paged


@pytest.mark.parametrize("words", [("alerts",), ("incidents",), ("silences",), ("executions",), ("audit",), ("act", "--list"), ("runbooks", "list"), ("maintenance", "schedule", "--help")])  # fmt: skip
def test_no_line_is_wider_than_the_terminal(wide: LoneDaemon, words: tuple[str, ...]) -> None:
    from console.text.plain import cell_width

    _, text = at_terminal([*_OPS, *words], words_of(wide, PAGER="", NO_COLOR="1"), columns=80, rows=100)
    assert all(cell_width(line) <= 80 for line in text.splitlines()), text


@pytest.mark.parametrize("words", [("oncall",), ("contacts", "show"), ("alert", "APIDown"), ("profile",), ("health", "ops")])  # fmt: skip
def test_a_sentence_breaks_between_words_at_a_terminal_and_is_whole_in_a_pipe(
    lone_daemon: LoneDaemon, words: tuple[str, ...]
) -> None:
    from console.text.plain import cell_width

    lone_daemon.post_alert("APIDown", note="数据库停止响应 " * 12)
    env = words_of(lone_daemon, PAGER="", NO_COLOR="1")
    _, text = at_terminal([*_OPS, *words], env, columns=72, rows=100)
    whole = ops(lone_daemon, *words).stdout
    assert all(cell_width(line) <= 72 for line in text.splitlines()), text
    if words == ("contacts", "show"):  # Its table ends at the edge.
        text, whole = text.partition("critical: ")[2], whole.partition("critical: ")[2]
    if words != ("health", "ops"):  # Its times go on.
        assert text.split() == whole.split()
    assert len(text.splitlines()) > len(whole.splitlines()) or words[0] == "health"


def test_several_are_taken_at_once_and_one_that_is_not_there_stops_none(lone_daemon: LoneDaemon) -> None:
    for name in ("APIDown", "RedisDown", "DatabaseDown"):
        lone_daemon.post_alert(name)
    numbers = ops(lone_daemon, "incidents", "-q").stdout.split()
    assert len(numbers) == 3
    done = ops(lone_daemon, "ack", numbers[0], "99", numbers[1], "-q")
    assert (done.returncode, done.stdout.split()) == (2, numbers[:2])
    assert "incident 99: " in done.stderr
    taken = ops(lone_daemon, "ack", "--filter", "is:open", "--json")
    assert [one["id"] for one in json.loads(taken.stdout)] == [int(numbers[2])]
    back = ops(lone_daemon, "unack", *numbers, "--json")
    assert [one["state"] for one in json.loads(back.stdout)] == ["open"] * 3


def test_times_are_local_where_that_is_asked_for(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    ops(lone_daemon, "silences", "add", "alertname=APIDown", "--until", "2030-01-01T10:00", "--local", "--comment", "x", TZ="Asia/Tokyo")  # fmt: skip
    (made,) = json.loads(ops(lone_daemon, "silences", "--json").stdout)
    assert made["endsAt"].startswith("2030-01-01T01:00:00")
    shown = ops(lone_daemon, "silences", "show", made["id"][:6], "--local", TZ="Asia/Tokyo").stdout
    assert "to 2030-01-01T10:00:00+0900" in shown
    assert "to 2030-01-01T01:00:00Z" in ops(lone_daemon, "silences", "show", made["id"]).stdout


def test_a_stretch_of_time_narrows_every_list_that_has_one(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    for noun in ("alerts", "incidents", "audit"):
        assert json.loads(ops(lone_daemon, noun, "--json", "--since", "10m").stdout)
        assert json.loads(ops(lone_daemon, noun, "--json", "--until", "10m").stdout) == []


def test_one_alert_is_told_by_name_and_by_fingerprint(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown", instance="a")
    (fingerprint,) = ops(lone_daemon, "alerts", "-q").stdout.split()
    shown = ops(lone_daemon, "alert", "APIDown").stdout
    assert "  instance = a" in shown
    assert ops(lone_daemon, "alert", fingerprint[:5], "-q").stdout.strip() == fingerprint
    lone_daemon.post_alert("APIDown", instance="b")
    both = ops(lone_daemon, "alert", "APIDown")
    assert (both.returncode, "are 2 alerts" in both.stderr) == (2, True)


def test_what_is_done_by_hand_is_in_the_journal(lone_daemon: LoneDaemon) -> None:
    assert ops(lone_daemon, "audit", "note", "moved a cable").returncode == 0
    assert "moved a cable" in json.dumps(json.loads(ops(lone_daemon, "audit", "--json").stdout))


def test_read_only_mode_is_told(lone_daemon: LoneDaemon) -> None:
    assert ops(lone_daemon, "read-only").stdout == "changes are allowed\n"
    ops(lone_daemon, "read-only", "on", "--reason", "exchange")
    assert ops(lone_daemon, "read-only").stdout == "read-only: exchange\n"
    assert ops(lone_daemon, "read-only", "-q").stdout == "on\n"


def test_a_list_longer_than_the_screen_goes_through_the_pager_and_no_other(wide: LoneDaemon) -> None:
    pager = f"{sys.executable} -c \"import sys; print('PAGED', len(sys.stdin.readlines()))\""
    words = words_of(wide, PAGER=pager)
    rows = len(ops(wide, "act", "--list").stdout.splitlines())
    assert at_terminal([*_OPS, "act", "--list"], words, rows=10)[1] == f"PAGED {rows}\n"
    assert "PAGED" not in at_terminal([*_OPS, "act", "--list"], words, rows=rows + 50)[1]
    assert "PAGED" not in at_terminal([*_OPS, "act", "--list", "--json"], words, rows=10)[1]
    assert "PAGED" not in ops(wide, "act", "--list", PAGER=pager).stdout
    for without in ("", "cat", "/no/such/pager", "'"):
        _, text = at_terminal([*_OPS, "act", "--list"], words_of(wide, PAGER=without), rows=10)
        assert len(text.splitlines()) == rows


def test_less_shows_it_and_is_left_with_q(wide: LoneDaemon) -> None:
    run = TerminalRun([*_OPS, "act", "--list"], words_of(wide), rows=10)
    run.read_until(lambda text: "ACTION" in text and "\n:" in text)
    run.write("q")
    assert run.end()[0] == 0


def test_a_watched_list_that_is_empty_says_so_and_is_shown_anew(lone_daemon: LoneDaemon) -> None:
    run = TerminalRun([*_OPS, "incidents", "--watch"], words_of(lone_daemon, NO_COLOR="1"))
    run.read_until(lambda text: "no open incidents" in text)
    lone_daemon.post_alert("APIDown")
    run.read_until(lambda text: bool(re.search(r"1 +critical +open", text)))
    run.write("\x03")
    assert run.end()[0] == 130
