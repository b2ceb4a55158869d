"""Facts about the page of one incident: its runbook, its verbs, its help, and what is said where there is no runbook."""

import msgspec
import pytest

from alerts.wire import IncidentView
from console.model.situation import Situation
from console.tui.help import LEGEND
from console.tui.incident_verbs import VERBS
from tests.console.builders import alert
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import console_on, screen_text, see
from tests.console.tui.fixed_world import FixedClient, fixed_console
from tests.console.tui.scene import first_incident, on_alert


async def test_r_opens_the_runbook_of_the_incident_and_its_steps_belong_to_it() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("enter")
        await see(pilot, "I look")
        await pilot.press("r")
        text = await see(pilot, "check-process")
        assert "runbook APIDown · incident 1" in text
        # Reversible in this outage, so it is shown as done, and the cursor is on the step that its verdict names.
        assert "exit 0, unhealthy 1m00 ago" in text
        assert "▶ start-api" in text


@pytest.mark.stack
async def test_a_step_that_is_run_from_the_page_of_an_incident_is_of_it(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    number = first_incident(lone_daemon)
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("enter")
        await see(pilot, "detected")
        await pilot.press("r")
        await see(pilot, "▶ check-process")
        await pilot.press("r")
        await see(pilot, "verdict unhealthy")
    assert {run.incident_id for run in lone_daemon.client().executions()} == {number}


async def test_an_alert_without_a_runbook_says_what_there_is_to_do() -> None:
    class Without(FixedClient):
        def fixed_alerts(self):  # type: ignore[no-untyped-def]  # as the one it stands for
            return (alert("NoRunbook", n=1, incident_id=1),)

        def fixed_incidents(self) -> tuple[IncidentView, ...]:
            (first, *_) = super().fixed_incidents()
            return (msgspec.structs.replace(first, runbook=None, fingerprints=(alert(n=1).fingerprint,)),)

    async with fixed_console((80, 24), client=Without(), incident=1) as pilot:
        text = await see(pilot, "has no runbook of its own")
        for words in ("its incident", "actions", ": runbook"):
            assert words in text
        await pilot.press("enter")
        await see(pilot, "I look")
        await pilot.press("r")
        await see(pilot, "which runbook?")


@pytest.mark.parametrize("keys", [("question_mark",), ("enter", "question_mark"), ("7", "question_mark")])
async def test_help_is_never_cut_at_80_columns(keys: tuple[str, ...]) -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press(*keys[:-1])
        await pilot.pause(0.2)
        screen = pilot.app.screen
        await pilot.press(keys[-1])
        await see(pilot, "q back")
        wanted = {b.description for b in type(screen).BINDINGS if getattr(b, "description", "")}  # type: ignore[union-attr]
        seen = ""
        for _ in range(8):
            seen += screen_text(pilot)
            await pilot.press("ctrl+d")
            await pilot.pause(0.05)
        missing = {words for words in wanted if words not in seen}
        assert not missing
        assert LEGEND.splitlines()[-1].strip() in seen


def test_every_verb_of_an_incident_has_a_key_of_its_own() -> None:
    keys = [verb.key for verb in VERBS]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {"r", "x", "p", "o", "y", "j", "k", "q", "u", "d"}


@pytest.mark.stack
async def test_an_earlier_note_and_a_longer_acknowledgement_have_keys(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("enter")
        await see(pilot, "detected")
        await pilot.press("n")
        await see(pilot, "when it was")
        await pilot.press(*"quite", "enter", *"seen", "enter")
        await see(pilot, "'quite' is no time")
        await pilot.press("escape", "n")
        await see(pilot, "when it was")
        await pilot.press(*"1s", "enter", *"seen", "enter")
        await see(pilot, "has the note")
        await pilot.press("A")
        await see(pilot, "without activity")
        await pilot.press("enter")
        await see(pilot, "is yours since")
    incident = lone_daemon.client().incidents()[0]
    assert incident.acknowledged_by == "admin"
    entries = lone_daemon.client().incident(incident.id).timeline
    assert any("seen" in entry.text for entry in entries)


@pytest.mark.stack
async def test_what_was_done_to_an_incident_is_known_before_the_feed_brings_it(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    lone_daemon.post_alert()
    number = first_incident(lone_daemon)
    lone_daemon.post_alert(resolved=True)
    async with console_on(lone_daemon.client(), incident=number) as pilot:
        await see(pilot, "check-process")
        await pilot.press("enter")
        await see(pilot, "detected")
        take = Situation.take
        monkeypatch.setattr(
            Situation, "take", lambda self, item: not isinstance(item, IncidentView) and take(self, item)
        )
        await pilot.press("e")
        await see(pilot, "why")
        await pilot.press(*"over", "enter")
        await see(pilot, f"incident {number} is resolved")
        await pilot.press("C")
        await see(pilot, "what caused it")
