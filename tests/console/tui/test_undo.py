"""Facts about taking back: what was done from here a moment ago, and nothing else."""

import pytest

from console.ops_api.deed import UNDO_S
from console.tui.undo import Reversible, Undo
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import console_on, see
from tests.console.tui.scene import first_incident, on_alert
from tests.stackwork import until

pytestmark = pytest.mark.stack


def test_a_deed_is_taken_back_once_and_only_within_its_span(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("console.tui.undo.time.monotonic", lambda: now)
    kept = Undo()
    kept.remember(Reversible("done", lambda _: "undone"))
    assert kept.take() is not None
    assert kept.take() is None
    kept.remember(Reversible("done", lambda _: "undone"))
    now += UNDO_S + 1
    assert kept.take() is None


def test_a_deed_that_nothing_takes_back_hides_the_one_before() -> None:
    kept = Undo()
    kept.remember(Reversible("done", lambda _: "undone"))
    kept.remember(Reversible("told"))
    assert kept.take() is None


async def test_u_ends_the_silence_that_was_set_from_here(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("s")
        await see(pilot, "for how long")
        await pilot.press("enter", "enter", *"known", "enter")
        await see(pilot, "u ends it within 10 s")
        await pilot.press("u")
        await see(pilot, "is over")
        assert [s.status.state for s in lone_daemon.client().silences()] == ["expired"]
        await pilot.press("u")
        await see(pilot, "nothing to undo")


async def test_u_takes_back_what_was_done_to_all_that_were_marked(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    lone_daemon.post_alert("HighAuthFailures", severity="warning")
    until(lambda: len(lone_daemon.client().incidents()) == 2, timeout_s=10, what="both incidents")
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "2 alerts")
        await pilot.press("asterisk", "s")
        await see(pilot, "silence 2")
        await pilot.press("enter", *"known", "enter")
        await see(pilot, "2 alerts silenced; u undoes it")
        await pilot.press("u")
        await see(pilot, "2 silences ended")
    assert {s.status.state for s in lone_daemon.client().silences()} == {"expired"}


async def test_u_says_on_the_timeline_that_a_note_is_taken_back(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    number = first_incident(lone_daemon)
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("c")
        await see(pilot, "note on incident")
        await pilot.press(*"wrong", "enter")
        await see(pilot, "u takes it back within 10 s")
        await pilot.press("u")
        await see(pilot, "is taken back")
    texts = [entry.text for entry in lone_daemon.client().incident(number).timeline]
    assert any("taken back: wrong" in text for text in texts)
