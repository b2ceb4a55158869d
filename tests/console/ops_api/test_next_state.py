"""An incident that is moved on by others while somebody decides about it is moved on from where it stands then."""

from collections.abc import Callable
from unittest.mock import patch

import pytest

from alerts.wire import IncidentView
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError
from console.ops_api.next_state import move_on
from tests.console.conftest import LoneDaemon


def _moved(daemon: LoneDaemon, to: str, *between: Callable[[], object], reason: str = "") -> IncidentView:
    """As a person moves the incident on; behind each of their looks at it one of ``between`` happens first."""
    client, still = daemon.client(), list(between)
    look = OpsClient.incident

    def slowly(self: OpsClient, number: int) -> IncidentView:
        seen = look(self, number)
        if self is client and still:
            still.pop(0)()
        return seen

    with patch.object(OpsClient, "incident", slowly):
        return move_on(client, _number(daemon), to, reason)


def _number(daemon: LoneDaemon) -> int:
    return daemon.client().incidents(everything=True)[0].id


def _texts(daemon: LoneDaemon) -> str:
    return "\n".join(str(entry) for entry in daemon.client().incident(_number(daemon)).timeline)


def test_what_the_daemon_did_meanwhile_is_no_conflict(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    after = _moved(
        lone_daemon, "resolved", lambda: lone_daemon.post_alert(resolved=True), reason="it is back"
    )
    assert after.state == "resolved"
    assert "it is back" in _texts(lone_daemon)


def test_what_is_there_already_stays_and_the_reason_is_kept(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    lone_daemon.post_alert(resolved=True)
    other = lone_daemon.client()
    after = _moved(
        lone_daemon,
        "resolved",
        lambda: move_on(other, _number(lone_daemon), "resolved", "first"),
        reason="second",
    )
    assert after.state == "resolved"
    assert "first" in _texts(lone_daemon)
    assert "second" in _texts(lone_daemon)


def test_a_step_that_is_not_possible_is_refused_at_once(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    looks: list[None] = []
    with pytest.raises(CallRefusedError, match="review"):
        _moved(lone_daemon, "reviewing", *[lambda: looks.append(None)] * 9)
    assert len(looks) == 1


def test_one_that_changes_with_each_look_is_given_up(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    lone_daemon.post_alert(resolved=True)
    looks: list[None] = []
    other = lone_daemon.client()

    def stir() -> None:
        looks.append(None)
        (other.acknowledge if len(looks) % 2 else other.unacknowledge)(_number(lone_daemon))

    lone_daemon.post_alert()
    with pytest.raises(CallRefusedError, match="it has changed since"):
        _moved(lone_daemon, "resolved", *[stir] * 9, reason="at last")
    assert len(looks) == 5
