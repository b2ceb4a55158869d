"""Facts about marking several and acting on all of them, on a real ops daemon."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from console.ops_api.errors import CallRefusedError, OpsError, UnreachableError
from console.tui.bulk import each
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import agree, console_on, see
from tests.console.tui.scene import somebody
from tests.stackwork import until

pytestmark = pytest.mark.stack


def _post(daemon: LoneDaemon, count: int) -> None:
    for n in range(count):
        daemon.post_alert(f"Alert{n}", severity="warning", instance=f"host-{n}")
    until(lambda: len(daemon.client().incidents()) == count, what="the incidents")


async def _marked(pilot: Pilot[None], count: int, *marks: str, verb: str = "") -> None:
    await see(pilot, f"{count} alerts")
    await pilot.press(*marks)
    await see(pilot, "marked: a c s x act on them")
    await pilot.press(*verb)


async def test_all_that_is_marked_is_acknowledged_with_the_number_in_the_question(
    lone_daemon: LoneDaemon,
) -> None:
    _post(lone_daemon, 3)
    async with console_on(lone_daemon.client()) as pilot:
        await _marked(pilot, 3, "asterisk", verb="a")
        await see(pilot, "acknowledge 3")
        await agree(pilot)
        await see(pilot, "3 incidents acknowledged")
        await see(pilot, lambda text: "marked" not in text)
    assert {i.acknowledged_by for i in lone_daemon.client().incidents()} == {"admin"}


async def test_what_a_colleague_has_is_not_taken_with_the_rest_and_is_named(lone_daemon: LoneDaemon) -> None:
    _post(lone_daemon, 3)
    first = min(i.id for i in lone_daemon.client().incidents())
    somebody(lone_daemon).acknowledge(first)
    async with console_on(lone_daemon.client()) as pilot:
        await _marked(pilot, 3, "asterisk", verb="a")
        await see(pilot, "acknowledge 3")
        await agree(pilot)
        await see(pilot, "2 incidents acknowledged; 1 not")
    owners = sorted(i.acknowledged_by or "" for i in lone_daemon.client().incidents())
    assert owners == ["admin", "admin", "ana"]


async def test_silences_are_set_for_what_is_marked_alone_and_ended_together(lone_daemon: LoneDaemon) -> None:
    _post(lone_daemon, 3)
    async with console_on(lone_daemon.client()) as pilot:
        await _marked(pilot, 3, "g", "space", "space", verb="s")
        await see(pilot, "silence 2")
        await pilot.press("enter", *"known", "enter")
        await see(pilot, "2 alerts silenced")
        await see(pilot, "muted 2")
        await pilot.press("asterisk", "x")
        await see(pilot, "end the silences")
        await pilot.press(*"end the", "enter")
        await see(pilot, "end the silences 2")
        await agree(pilot)
        await see(pilot, "2 silences ended")
    states = [s.status.state for s in lone_daemon.client().silences()]
    assert states == ["expired", "expired"]


async def test_escape_lets_go_what_is_marked(lone_daemon: LoneDaemon) -> None:
    _post(lone_daemon, 2)
    async with console_on(lone_daemon.client()) as pilot:
        await _marked(pilot, 2, "asterisk", verb="q")
        await see(pilot, lambda text: "marked" not in text)
        await pilot.press("a")
        await see(pilot, "is yours (admin)")


async def test_several_incidents_get_the_same_note(lone_daemon: LoneDaemon) -> None:
    _post(lone_daemon, 2)
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "2 alerts")
        await pilot.press("2")
        await see(pilot, lambda text: "STATE" in text and "Alert1 is there" in text)
        await pilot.press("asterisk")
        await see(pilot, "2 marked")
        await pilot.press("c")
        await see(pilot, "note · 2 incidents")
        await pilot.press(*"same cause", "enter")
        await see(pilot, "2 incidents had: note")
    for incident in lone_daemon.client().incidents():
        timeline = lone_daemon.client().incident(incident.id).timeline
        assert any("same cause" in entry.text for entry in timeline)


async def test_a_colleagues_incident_is_not_taken_by_its_own_screen_either(lone_daemon: LoneDaemon) -> None:
    _post(lone_daemon, 1)
    number = lone_daemon.client().incidents()[0].id
    somebody(lone_daemon).acknowledge(number)
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "ack 1")
        await pilot.press("enter")
        await see(pilot, f"incident {number} · acknowledged")
        await pilot.press("a")
        await see(pilot, "is ana's since")


def _raises(error: OpsError) -> Callable[[], object]:
    def act() -> None:
        raise error

    return act


def test_one_refusal_does_not_keep_the_rest_from_being_done() -> None:
    done: list[int] = []
    things: list[tuple[str, Callable[[], object]]] = [
        ("first", lambda: done.append(1)), ("second", _raises(CallRefusedError("it is over"))),
        ("third", lambda: done.append(3)),
    ]  # fmt: skip
    assert each(things, "ended", "silence") == "2 silences ended; 1 not: second: it is over"
    assert done == [1, 3]


def test_where_the_daemon_is_gone_it_is_told_how_many_were_done() -> None:
    things: list[tuple[str, Callable[[], object]]] = [
        ("first", lambda: None), ("second", _raises(UnreachableError("no answer"))), ("third", lambda: None),
    ]  # fmt: skip
    with pytest.raises(OpsError, match="1 ended, then: no answer"):
        each(things, "ended", "silence")
