"""Facts about the console on a real ops daemon: what the keys do and what the screen says."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.message import Message
from textual.pilot import Pilot

from console.tui.app import ConsoleApp
from console.tui.dialogs import ConfirmDialog
from console.tui.screens.main_screen import BoardScreen
from console.tui.widgets.board import AlertBoard
from tests.console.conftest import LoneDaemon

pytestmark = pytest.mark.stack


@asynccontextmanager
async def _console(daemon: LoneDaemon, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    app = ConsoleApp(daemon.client(), bell=False)
    async with app.run_test(size=size) as pilot:
        yield pilot


def _screen(pilot: Pilot[None]) -> str:
    """The text on the screen, line by line."""
    width, height = pilot.app.size
    lines = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines[:height])[: (width + 1) * height]


async def _see(pilot: Pilot[None], words: str | Callable[[str], bool], *, within: int = 200) -> str:
    """Let the app run until the screen has these words."""
    holds = words if callable(words) else lambda text: words in text
    for _ in range(within):
        text = _screen(pilot)
        if holds(text):
            return text
        await pilot.pause(0.05)
    raise AssertionError(f"{words!r} did not come; the screen is\n{_screen(pilot)}")


async def test_with_no_alerts_the_board_says_so(lone_daemon: LoneDaemon) -> None:
    async with _console(lone_daemon) as pilot:
        text = await _see(pilot, "no unresolved alerts")
        assert "live" in text
        assert "CRIT 0" in text


async def test_an_alert_shows_its_severity_and_its_time_left_in_words(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with _console(lone_daemon) as pilot:
        text = await _see(pilot, "APIDown is there")
        assert "!CRIT" in text
        assert "CRIT 1" in text
        assert "04:" in text


async def test_an_alert_that_comes_later_appears_by_itself_and_goes_when_resolved(
    lone_daemon: LoneDaemon,
) -> None:
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "no unresolved alerts")
        lone_daemon.post_alert()
        await _see(pilot, "APIDown is there")
        lone_daemon.post_alert(resolved=True)
        await _see(pilot, "CRIT 0")


async def test_acknowledging_takes_the_incident_and_u_gives_it_back(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "APIDown is there")
        await pilot.press("a")
        await _see(pilot, "is yours (admin)")
        await _see(pilot, "ack 1")
        assert lone_daemon.client().incidents()[0].state == "acknowledged"
        await pilot.press("u")
        await _see(pilot, "ack 0")
        assert lone_daemon.client().incidents()[0].state == "open"


async def test_a_read_step_runs_on_one_key_and_shows_output_and_exit_code(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "APIDown is there")
        await pilot.press("r")
        await _see(pilot, "check-process")
        await pilot.press("G", "r")
        await _see(pilot, lambda text: "exit " in text and "verdict: failed" in text)


async def test_a_change_step_asks_first_and_anything_but_y_cancels(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "APIDown is there")
        await pilot.press("r")
        await _see(pilot, "check-process")
        await pilot.press("j", "j", "j", "j", "r")
        text = await _see(pilot, "anything else  cancel")
        assert "server.stack service" in text.replace("\n", " ")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await _see(pilot, "nothing was run")
        assert lone_daemon.client().executions() == ()


async def test_type_ahead_confirms_nothing(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "APIDown is there")
        plan = lone_daemon.client().plan(_request("restart-api"))
        answers: list[str | None] = []
        dialog = ConfirmDialog(plan, "local")
        pilot.app.push_screen(dialog, answers.append)
        await pilot.pause()
        dialog._opened_at = float("inf")
        await pilot.press("y")
        assert answers == []
        dialog._opened_at = 0.0
        await pilot.press("y")
        await pilot.pause()
        assert answers == ["restart-api"]


def _request(action: str):  # type: ignore[no-untyped-def]  # the type is the wire's
    from runbooks.wire import ExecutionRequest

    return ExecutionRequest(execution_id="test-0000001", action=action)


async def test_the_filter_narrows_and_says_when_nothing_passes(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    lone_daemon.post_alert("HighAuthFailures", severity="warning")
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "HighAuthFailures")
        await pilot.press("slash", *"sev:warn", "enter")
        text = await _see(pilot, "1 of 2")
        assert "APIDown" not in text
        await pilot.press("slash", *" x9", "enter")
        await _see(pilot, "nothing passes the filter")


async def test_when_the_daemon_dies_the_data_stay_and_the_link_says_so(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "APIDown is there")
        lone_daemon.kill()
        text = await _see(pilot, "reconnecting")
        assert "APIDown is there" in text
        assert "as of" in text
        lone_daemon.start()
        await _see(pilot, lambda text: "reconnecting" not in text and "live" in text, within=400)
        assert "APIDown is there" in _screen(pilot)


@pytest.mark.parametrize(("keys", "expected"), [(["g"], "HighAuthFailures"), ([], "APIDown")])
async def test_the_cursor_stays_on_its_alert_once_it_was_moved_and_before_that_on_the_worst(
    lone_daemon: LoneDaemon, keys: list[str], expected: str
) -> None:
    lone_daemon.post_alert("HighAuthFailures", severity="warning")
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "HighAuthFailures")
        await pilot.press(*keys)
        lone_daemon.post_alert()
        await _see(pilot, "APIDown")
        alert = pilot.app.screen_stack[0].query_one("#list", AlertBoard).cursor_alert
        assert alert is not None
        assert alert.alertname == expected


async def test_on_a_wide_terminal_the_runbook_stands_beside_the_list(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with _console(lone_daemon, (140, 40)) as pilot:
        text = await _see(pilot, "## Overview")
        assert "APIDown" in text


async def test_help_and_quit(lone_daemon: LoneDaemon) -> None:
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "no unresolved alerts")
        await pilot.press("question_mark")
        await _see(pilot, "THE LIST")
        await pilot.press("q")
        await _see(pilot, "no unresolved alerts")
        await pilot.press("ctrl+q")
    assert pilot.app.return_code == 0


async def test_the_board_is_drawn_by_few_widgets(lone_daemon: LoneDaemon) -> None:
    async with _console(lone_daemon) as pilot:
        await _see(pilot, "no unresolved alerts")
        assert len(pilot.app.screen.query("*")) < 40


async def test_a_read_only_console_looks_and_changes_nothing(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    app = ConsoleApp(lone_daemon.client(), bell=False, read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await _see(pilot, "APIDown is there")
        await pilot.press("a")
        await _see(pilot, "this console is read-only")
        await pilot.press("r")
        await _see(pilot, "check-process")
        await pilot.press("j", "j", "j", "j", "r")
        await _see(pilot, "this console is read-only")
    assert lone_daemon.client().incidents()[0].state == "open"
    assert lone_daemon.client().executions() == ()


async def test_a_runbook_is_shown_where_colours_are_off(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lone_daemon.post_alert()
    async with _console(lone_daemon, (140, 40)) as pilot:
        await _see(pilot, "## Overview")


def test_every_handler_of_the_screen_is_the_handler_of_a_message() -> None:
    """Textual finds handlers by name: one whose message was renamed would never be called, and say nothing."""
    own = {name for name in vars(BoardScreen) if name.startswith("on_")}
    known = {getattr(kind, "handler_name", "") for kind in _messages(Message)}
    assert own - known == set()


def _messages(kind: type[Message]) -> Iterator[type[Message]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _messages(narrower)
