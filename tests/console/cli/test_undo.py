"""`ops undo`: what was done last at a terminal is taken back within ten seconds, and nothing else is."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from console.ops_api.deed import UNDO_S, is_recent
from tests.console.cli.test_command_line import ops
from tests.console.conftest import LoneDaemon

Ops = Callable[..., CompletedProcess[str]]


@pytest.fixture
def at_desk(lone_daemon: LoneDaemon, tmp_path: Path) -> Ops:
    """``ops`` at one desk with a memory of its own, where an incident and its alert wait."""
    lone_daemon.post_alert("APIDown")
    return lambda *words, **env: ops(lone_daemon, *words, XDG_STATE_HOME=str(tmp_path / "memory"), **env)


def _incident(at_desk: Ops, number: int = 1) -> dict[str, object]:
    found: dict[str, object] = json.loads(at_desk("incident", str(number), "--json").stdout)
    return found


def test_ten_seconds_and_no_more() -> None:
    assert [is_recent(age) for age in (-1.0, 0.0, UNDO_S, UNDO_S + 0.1)] == [False, True, True, False]


@pytest.mark.stack
def test_what_was_taken_is_given_back_and_only_once(at_desk: Ops) -> None:
    at_desk("ack", "1")
    done = at_desk("undo")
    assert (done.returncode, done.stdout) == (0, "incident 1 is open again\n"), done.stderr
    assert _incident(at_desk)["state"] == "open"
    again = at_desk("undo", "--json")
    assert (again.returncode, json.loads(again.stdout)["error"]["type"]) == (2, "not_found")
    assert "nothing to undo" in again.stderr


@pytest.mark.stack
def test_too_late_is_refused_and_changes_nothing(at_desk: Ops, tmp_path: Path) -> None:
    at_desk("ack", "1")
    (kept,) = (tmp_path / "memory").rglob("last-deed/*")
    last = json.loads(kept.read_text())
    kept.write_text(json.dumps({**last, "at": last["at"] - UNDO_S - 1}))
    done = at_desk("undo", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["type"]) == (4, "refused")
    assert "too late: ack of incident 1" in done.stderr
    assert _incident(at_desk)["state"] == "acknowledged"


@pytest.mark.stack
def test_an_acknowledgement_that_only_went_on_is_not_taken_back(at_desk: Ops) -> None:
    at_desk("ack", "1")
    at_desk("ack", "1", "--for", "2h")
    assert at_desk("undo").returncode == 2
    assert _incident(at_desk)["acknowledged_by"] == "admin"


@pytest.mark.stack
def test_what_came_after_it_makes_it_no_longer_the_last(at_desk: Ops) -> None:
    at_desk("ack", "1")
    at_desk("note", "1", "the disk is full")
    assert at_desk("undo").returncode == 2
    assert _incident(at_desk)["acknowledged_by"] == "admin"


@pytest.mark.stack
def test_a_look_in_between_does_not(at_desk: Ops) -> None:
    at_desk("ack", "1")
    at_desk("alerts")
    assert at_desk("undo", "-q").stdout == "1\n"


@pytest.mark.stack
def test_several_are_taken_back_together(lone_daemon: LoneDaemon, at_desk: Ops) -> None:
    lone_daemon.post_alert("RedisDown")
    at_desk("ack", "1", "2")
    assert json.loads(at_desk("undo", "--json").stdout)["incidents"] == [1, 2]
    assert {one["state"] for one in json.loads(at_desk("incidents", "--json").stdout)} == {"open"}


@pytest.mark.stack
@pytest.mark.parametrize(
    ("line", "field"),
    [("tick assess", "ticks"), ("join ana", "people")],
)
def test_verbs_of_an_incident_with_a_way_back_have_it(at_desk: Ops, line: str, field: str) -> None:
    at_desk("incident", "1", "join")
    before = _incident(at_desk)[field]
    assert at_desk("incident", "1", *line.split()).returncode == 0
    assert _incident(at_desk)[field] != before
    assert at_desk("undo").returncode == 0
    assert _incident(at_desk)[field] == before


@pytest.mark.stack
def test_what_was_given_back_and_what_was_merged_returns(lone_daemon: LoneDaemon, at_desk: Ops) -> None:
    lone_daemon.post_alert("RedisDown")
    at_desk("ack", "1")
    at_desk("unack", "1")
    assert at_desk("undo").stdout == "incident 1 is yours again\n"
    assert _incident(at_desk)["acknowledged_by"] == "admin"
    assert at_desk("incident", "1", "merge", "2").returncode == 0
    assert _incident(at_desk)["merged_into"] == 2
    assert at_desk("undo").returncode == 0
    assert _incident(at_desk)["merged_into"] is None


@pytest.mark.stack
def test_a_silence_that_was_made_is_over_and_one_that_was_ended_or_moved_holds_as_before(
    at_desk: Ops,
) -> None:
    at_desk("silences", "add", "service=api", "--for", "1h", "--comment", "x")
    assert at_desk("undo").returncode == 0
    assert json.loads(at_desk("silences", "--json").stdout) == []
    at_desk("silences", "add", "service=api", "--for", "1h", "--comment", "x")
    (made,) = json.loads(at_desk("silences", "--json").stdout)
    for line in (("extend", made["id"], "--for", "5h"), ("end", made["id"])):
        assert at_desk("silences", *line).returncode == 0
        assert at_desk("undo").returncode == 0
        (now,) = json.loads(at_desk("silences", "--json").stdout)
        assert (now["endsAt"], now["comment"]) == (made["endsAt"], "x")


@pytest.mark.stack
def test_what_is_refused_takes_nothing_else_with_it_and_what_was_done_can_still_be_undone(
    lone_daemon: LoneDaemon, at_desk: Ops, tmp_path: Path
) -> None:
    lone_daemon.post_alert("RedisDown")
    at_desk("ack", "1", "2")
    assert at_desk("ack", "99").returncode == 2
    other_desk = partial(ops, lone_daemon, XDG_STATE_HOME=str(tmp_path / "other"))
    other_desk("unack", "1")
    other_desk("incident", "1", "dismiss", "--reason", "noise")
    done = at_desk("undo")
    assert done.returncode == 4
    assert "incident 2 is open again; incident 1 was changed again since" in done.stderr
    assert [_incident(at_desk, n)["state"] for n in (1, 2)] == ["false_positive", "open"]


@pytest.mark.stack
def test_nobody_undoes_what_another_did_at_the_same_terminal(lone_daemon: LoneDaemon, at_desk: Ops) -> None:
    ana = at_desk("users", "add", "ana", "--role", "responder", "-q").stdout.strip()
    at_desk("incident", "1", "join")
    refused = at_desk("undo", OPS_TOKEN=ana)
    assert (refused.returncode, "another token" in refused.stderr) == (4, True)
    assert _incident(at_desk)["people"] == ["admin"]
    assert at_desk("undo").returncode == 0


@pytest.mark.stack
@pytest.mark.parametrize("since", ["end", "extend"])
def test_a_silence_that_was_changed_since_stays_as_it_is(
    lone_daemon: LoneDaemon, at_desk: Ops, tmp_path: Path, since: str
) -> None:
    made = at_desk("silences", "add", "service=api", "--for", "1h", "--comment", "x", "-q").stdout.strip()
    more = ("--for", "3h") if since == "extend" else ()
    ops(lone_daemon, "silences", since, made, *more, XDG_STATE_HOME=str(tmp_path / "other"))
    before = json.loads(at_desk("silences", "show", made, "--json").stdout)
    done = at_desk("undo")
    assert (done.returncode, "changed again since" in done.stderr) == (4, True)
    assert json.loads(at_desk("silences", "show", made, "--json").stdout) == before


@pytest.mark.stack
def test_what_could_not_be_remembered_is_said_when_it_is_done_and_when_it_is_to_be_undone(
    lone_daemon: LoneDaemon, tmp_path: Path
) -> None:
    lone_daemon.post_alert("APIDown")
    (tmp_path / "file").touch()
    desk = partial(ops, lone_daemon, XDG_STATE_HOME=str(tmp_path / "file"))
    done = desk("ack", "1")
    assert (done.returncode, "could not be remembered" in done.stderr, str(tmp_path) in done.stderr) == (
        0,
        True,
        True,
    )
    undone = desk("undo")
    assert (undone.returncode, "could not be remembered" in undone.stderr) == (2, True)
    assert "Not a directory" in undone.stderr
    assert "nothing to undo" not in undone.stderr
