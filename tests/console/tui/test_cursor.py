"""Facts about the cursor of the board: what chooses an alert, what only looks, what becomes of one that is over, and the way back to the list."""

from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from alerts.wire import AlertView, IncidentView
from tests.console.builders import NOW, alert
from tests.console.tui.driving import see
from tests.console.tui.fixed_world import FixedClient, fixed_console

_NEW = alert("DatabaseDown", n=90, age_s=1, service="postgres")


class NotingClient(FixedClient):
    """Notes what is acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[int] = []

    def acknowledge(self, incident_id: int, *, for_s: int | None = None) -> IncidentView:
        self.taken.append(incident_id)
        return self.fixed_incidents()[0]


def _list(pilot: Pilot[None]) -> Any:
    return pilot.app.screen_stack[0].alert_list  # type: ignore[attr-defined]  # the board stands below all


def _known(pilot: Pilot[None]) -> Any:
    return pilot.app._situation.board  # type: ignore[attr-defined]  # the app is ours


def _idle(pilot: Pilot[None]) -> None:
    """As if no key had been pressed for long."""
    _list(pilot)._pressed_at = float("-inf")


async def _new_critical(pilot: Pilot[None]) -> None:
    _known(pilot).alerts.apply(_NEW)
    _idle(pilot)
    await see(pilot, "DatabaseDown")


def _at(pilot: Pilot[None]) -> str:
    found: AlertView | None = _list(pilot).cursor_alert
    return found.alertname if found is not None else ""


@pytest.mark.parametrize(
    "keys",
    [
        ("question_mark", "q"), ("question_mark", "escape"), ("colon", "escape"), ("slash", "escape"), ("2", "1"), ("p", "p"), ("u",), ("escape",),
        ("minus",),
    ],
)  # fmt: skip
async def test_keys_that_are_about_no_alert_choose_none(keys: tuple[str, ...]) -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.05)
        await pilot.press("1")
        await _new_critical(pilot)
        await see(pilot, lambda _: _at(pilot) == "DatabaseDown")


@pytest.mark.parametrize(
    "keys", [("j",), ("j", "k"), ("g",), ("d", "escape"), ("Y",), ("space",), ("r", "q")]
)
async def test_moving_to_an_alert_or_using_it_chooses_it(keys: tuple[str, ...]) -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.05)
        before = _at(pilot)
        await _new_critical(pilot)
        assert _at(pilot) == before


@pytest.mark.parametrize("key", ["s", "a", "d", "r", "y"])
async def test_where_there_is_no_alert_no_key_chooses_one(key: str) -> None:
    async with fixed_console((80, 24), quiet=True) as pilot:
        await see(pilot, "all clear")
        await pilot.press(key, "escape")
        _known(pilot).alerts.apply(alert("DiskFilling", n=91, severity="warning", service="host"))
        _idle(pilot)
        await see(pilot, "DiskFilling")
        await _new_critical(pilot)
        await see(pilot, lambda _: _at(pilot) == "DatabaseDown")


async def test_a_pending_alert_that_was_chosen_keeps_the_cursor() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        _list(pilot).put_cursor(
            next(a.fingerprint for a in FixedClient().fixed_alerts() if a.state == "pending")
        )
        await _new_critical(pilot)
        assert _at(pilot) == "SlowQueries"


async def test_after_the_cure_of_what_was_chosen_the_board_leads_to_the_worst_again() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("g")
        cured = msgspec.structs.replace(
            _list(pilot).cursor_alert, state="resolved", resolved_at=NOW, version=2
        )
        _known(pilot).alerts.apply(cured)
        await _new_critical(pilot)
        assert _at(pilot) == "DatabaseDown"


async def test_while_keys_are_pressed_the_cursor_stays_on_what_was_cured() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("g")
        board = _list(pilot)
        cured = msgspec.structs.replace(board.cursor_alert, state="resolved", resolved_at=NOW, version=2)
        board._pressed_at -= 3
        _known(pilot).alerts.apply(cured)
        _known(pilot).alerts.apply(_NEW)
        await see(pilot, "DatabaseDown")
        assert _at(pilot) == "APIDown"


@pytest.mark.parametrize("key", ["a", "enter", "r", "d", "c", "s", "x"])
async def test_a_key_that_was_meant_for_an_alert_that_is_gone_is_refused_however_late(key: str) -> None:
    client = NotingClient()
    async with fixed_console((80, 24), client=client) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("j")
        board, gone = _list(pilot), _at(pilot)
        board._pressed_at -= 3
        _known(pilot).alerts.remove(board.cursor_alert.fingerprint)
        await see(pilot, lambda _: _at(pilot) not in (gone, ""))
        board._jumped_at = float("-inf")
        await pilot.press(key)
        await see(pilot, f"{gone} is gone from the list")
        assert not pilot.app.screen.is_modal
        assert client.taken == []
        await pilot.press("j", "d")
        await see(pilot, "LABELS")


@pytest.mark.parametrize("state", ["closed", "resolved", "false_positive"])
async def test_an_incident_that_is_over_is_not_taken_and_that_is_said(state: str) -> None:
    client = NotingClient()
    async with fixed_console((80, 24), client=client) as pilot:
        await see(pilot, "8 alerts")
        incidents = _known(pilot).incidents
        incidents[1] = msgspec.structs.replace(incidents[1], state=state)
        await pilot.press("a")
        await see(pilot, f"incident 1 is {state.replace('_', ' ')}: nothing of it is to be taken")
    assert client.taken == []


@pytest.mark.parametrize("way", [("enter", "r"), ("enter",), ("2", "enter", "r"), ("3", "G", "enter")])
async def test_1_leads_to_the_list_from_whatever_stands_above_a_board_that_was_read(
    way: tuple[str, ...],
) -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("r")
        await see(pilot, "Is the proc")
        for key in way:
            await pilot.press(key)
            await pilot.pause(0.3)
        assert pilot.app.screen is not pilot.app.screen_stack[0]
        await pilot.press("1")
        await see(pilot, lambda text: "8 alerts" in text and "Is the proc" not in text)


async def test_the_board_stays_as_it_was_left_beside_another_of_the_seven() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("r")
        await see(pilot, "Is the proc")
        await pilot.press("6")
        await see(pilot, "loop lag")
        await pilot.press("1")
        await see(pilot, "Is the proc")
        await pilot.press("1")
        await see(pilot, lambda text: "8 alerts" in text and "Is the proc" not in text)
