"""Facts about windows and public words on the seventh screen, on a real ops daemon."""

from datetime import timedelta

import pytest
from textual.pilot import Pilot

from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import agree, console_on, screen_text, see
from tests.console.tui.scene import on_calm, planned_window, somebody

pytestmark = pytest.mark.stack


async def _act(pilot: Pilot[None], words: str, *more: str) -> None:
    """Choose what is to be done to the first row."""
    await pilot.press("g", "x")
    await see(pilot, "type to search")
    await pilot.press(*words, "enter")


async def test_a_window_is_planned_from_a_form_that_names_what_is_wrong(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon, (80, 40)) as pilot:
        await pilot.press("7")
        await see(pilot, "on call")
        await pilot.press("P")
        await see(pilot, "what is done")
        await pilot.press(*"New disk", "enter", "enter", "enter", *"service", "enter", *"old", "enter")
        await pilot.press("enter", "enter")
        await see(pilot, lambda text: "plan a window" in text and "matcher" in text)
        await pilot.press("escape")
        await pilot.press("P")
        await see(pilot, "what is done")
        await pilot.press(
            *"New disk", "enter", "enter", "enter", *"service=postgres", "enter", *"old", "enter"
        )
        await pilot.press("enter", "enter")
        await see(pilot, "is planned")
    (window,) = lone_daemon.client().maintenances(everything=True)
    assert (window.title, window.reason) == ("New disk", "old")
    assert window.ends_at - window.starts_at == timedelta(hours=1)


async def test_a_window_goes_from_its_announcement_to_its_end(lone_daemon: LoneDaemon) -> None:
    number = planned_window(lone_daemon, body="A disk is exchanged.", starts_in=timedelta(minutes=5))
    client = lone_daemon.client()
    async with on_calm(lone_daemon, (100, 40), client=client) as pilot:
        await pilot.press("7")
        await see(pilot, f"window {number}")
        await _act(pilot, "announce")
        await see(pilot, "A disk is exchanged.")
        await agree(pilot)
        await see(pilot, f"maintenance {number} is announced")
        for check in ("backup", "rollback", "monitoring"):
            await _act(pilot, "pre-check")
            await see(pilot, "what was seen")
            await pilot.press(*check, "enter", *"looked", "enter", "enter")
            await see(pilot, "has that looked after")
            pilot.app.screen.say("-")  # type: ignore[attr-defined]  # every screen of ours can
        await _act(pilot, "check in")
        await see(pilot, "why it begins, where not all was looked after")
        await pilot.press("enter", "enter")
        await see(pilot, f"maintenance {number} is in progress")
        await _act(pilot, "nothing new")
        await see(pilot, "anything else  cancel")
        await agree(pilot)
        await see(pilot, f"maintenance {number} is updated")
        await _act(pilot, "verify")
        await see(pilot, "what the public is told")
        await pilot.press("enter")
        await see(pilot, "is not verified")
        await pilot.press("escape")
        await see(pilot, "verifying")
        await _act(pilot, "complete")
        await see(pilot, "why it ends, where not all is well")
        await pilot.press("enter", *"nobody can be asked here", "enter")
        await see(pilot, f"maintenance {number} is completed")
    window = client.maintenance(number)
    assert window.state == "completed"
    assert [check.name for check in window.checks] == ["backup", "rollback", "monitoring"]


@pytest.mark.slow
async def test_what_the_public_reads_is_what_was_shown_to_the_byte(lone_daemon: LoneDaemon) -> None:
    client = lone_daemon.client()
    async with on_calm(lone_daemon, (100, 40), client=client) as pilot:
        await pilot.press("7")
        await see(pilot, "on call")
        await pilot.press("p")
        await see(pilot, "tell the public")
        await pilot.press(
            "home", "ctrl+k", *"Slow answers", "enter", "home", "ctrl+k", *"We look: 1 < 2 & *so*.", "enter"
        )
        await pilot.press("enter", "home", "ctrl+k", *"Analyze API", "enter", "enter")
        shown = await see(pilot, "publish exactly this")
        shown = await see(pilot, "We look: 1 < 2 & *so*.")
        assert "Slow answers" in shown
        assert client.public_entries(everything=True).public == ()
        await agree(pilot, "n")
        shown = await see(pilot, "nothing was published")
        assert client.public_entries(everything=True).public == ()
        assert "We look: 1 < 2 & *so*." in shown, "what was typed is there to be altered"
        await pilot.press("enter")
        await see(pilot, "We look: 1 < 2 & *so*.")
        await agree(pilot)
        await see(pilot, "is published")
        (entry,) = client.public_entries(everything=True).public
        assert (entry.title, entry.updates[-1].body) == ("Slow answers", "We look: 1 < 2 & *so*.")
        await see(pilot, f"public {entry.id}")
        await _act(pilot, "correct")
        await see(pilot, "what the latest update says instead")
        await pilot.press(*"We looked.", "enter")
        await see(pilot, "what would be published")
        await agree(pilot)
        await see(pilot, "is corrected")
        await _act(pilot, "it is over")
        await see(pilot, "what the public is told")
        await pilot.press(*"All is well.", "enter", "enter", "enter")
        await see(pilot, "publish exactly this")
        await see(pilot, "All is well.")
        await agree(pilot)
        await see(pilot, "is resolved")
    (entry,) = client.public_entries(everything=True).public
    assert entry.status == "resolved"


async def test_a_viewer_is_told_before_any_dialog_of_windows_and_public_words(
    lone_daemon: LoneDaemon,
) -> None:
    planned_window(lone_daemon)
    viewer = somebody(lone_daemon, "vera", "viewer")
    async with console_on(viewer) as pilot:
        await see(pilot, "vera, viewer")
        await pilot.press("7")
        await see(pilot, "not announced")
        await pilot.press("g")
        for key in ("x", "P", "p", "s", "t"):
            await pilot.press(key)
            await see(pilot, "your role is viewer; this needs responder")
            assert len(pilot.app.screen_stack) == 2, screen_text(pilot)
            pilot.app.screen.say("-")  # type: ignore[attr-defined]  # every screen of ours can
