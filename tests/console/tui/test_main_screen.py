"""Facts about the console on a real ops daemon: what the keys do and what the screen says."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.message import Message

from console.model.figures import Figures, ServiceFigures
from console.ops_api.errors import CallRefusedError
from console.terminal.private_file import _folder_of_this_run
from console.tui.app import ConsoleApp
from console.tui.calls import Notice, RunPrinted
from console.tui.dialogs import ConfirmDialog
from console.tui.screens.board_screen import BoardScreen
from console.tui.widgets.board import AlertBoard
from console.tui.widgets.header import Header
from console.tui.widgets.strips import DIM
from runbooks.wire import Output, OutputPart
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import agree, console_on, screen_text, see
from tests.console.tui.scene import first_incident, on_alert, on_calm, somebody
from tests.stackwork import until

pytestmark = pytest.mark.stack


async def test_with_no_alerts_the_board_says_so(lone_daemon: LoneDaemon) -> None:
    async with console_on(lone_daemon.client()) as pilot:
        text = await see(pilot, "no unresolved alerts")
        assert "live" in text
        assert "CRIT 0" in text


async def test_an_alert_shows_its_severity_and_its_time_left_in_words(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with console_on(lone_daemon.client()) as pilot:
        text = await see(pilot, "APIDown is there")
        assert "!CRIT" in text
        assert "CRIT 1" in text
        assert "04:" in text


async def test_an_alert_that_comes_later_appears_by_itself_and_goes_when_resolved(
    lone_daemon: LoneDaemon,
) -> None:
    async with on_calm(lone_daemon) as pilot:
        lone_daemon.post_alert()
        await see(pilot, "APIDown is there")
        lone_daemon.post_alert(resolved=True)
        await see(pilot, "CRIT 0")


async def test_acknowledging_takes_the_incident_and_u_gives_it_back(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("a")
        await see(pilot, "is yours (admin)")
        await see(pilot, "ack 1")
        assert lone_daemon.client().incidents()[0].state == "acknowledged"
        await pilot.press("u")
        await see(pilot, "ack 0")
        assert lone_daemon.client().incidents()[0].state == "open"


async def test_a_read_step_runs_on_one_key_and_shows_output_and_exit_code(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("G", "r")
        await see(pilot, lambda text: "exit " in text and "verdict: failed" in text)


async def test_a_change_step_asks_first_and_anything_but_y_cancels(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("j", "j", "j", "j", "r")
        text = await see(pilot, "anything else  cancel")
        assert "server.stack service" in text.replace("\n", " ")
        await agree(pilot, "n")
        await see(pilot, "nothing was run")
        assert lone_daemon.client().executions() == ()
        await pilot.press("k", "r")
        await see(pilot, lambda text: "starting" in text or "running" in text or "done in" in text)
        assert "nothing was run" not in screen_text(pilot)


async def test_type_ahead_confirms_nothing(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        plan = lone_daemon.client().plan(_request("restart-api"))
        answers: list[str | None] = []
        dialog = ConfirmDialog(plan, "local", lambda word, _: answers.append(word))
        pilot.app.push_screen(dialog)
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
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "HighAuthFailures")
        await pilot.press("slash", *"sev:warn", "enter")
        text = await see(pilot, "1 of 2")
        assert "APIDown" not in text
        await pilot.press("slash", *" x9", "enter")
        await see(pilot, "nothing passes the filter")


async def test_when_the_daemon_dies_the_data_stay_and_the_link_says_so(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        lone_daemon.kill()
        text = await see(pilot, "reconnecting")
        assert "APIDown is there" in text
        assert "as of" in text
        lone_daemon.start()
        await see(pilot, lambda text: "reconnecting" not in text and "live" in text, within=400)
        assert "APIDown is there" in screen_text(pilot)


@pytest.mark.parametrize(("keys", "expected"), [(["g"], "HighAuthFailures"), ([], "APIDown")])
async def test_the_cursor_stays_on_its_alert_once_it_was_moved_and_before_that_on_the_worst(
    lone_daemon: LoneDaemon, keys: list[str], expected: str
) -> None:
    lone_daemon.post_alert("HighAuthFailures", severity="warning")
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "HighAuthFailures")
        await pilot.press(*keys)
        lone_daemon.post_alert()
        await see(pilot, "APIDown")
        alert = pilot.app.screen_stack[0].query_one("#list", AlertBoard).cursor_alert
        assert alert is not None
        assert alert.alertname == expected


async def test_on_a_wide_terminal_the_runbook_stands_beside_the_list(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    async with console_on(lone_daemon.client(), (140, 40)) as pilot:
        text = await see(pilot, "Overview")
        assert "APIDown" in text


async def test_help_and_quit(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon) as pilot:
        await pilot.press("question_mark")
        await see(pilot, "EVERYWHERE")
        await pilot.press("q")
        await see(pilot, "no unresolved alerts")
        await pilot.press("ctrl+q")
    assert pilot.app.return_code == 0


async def test_the_board_is_drawn_by_few_widgets(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon) as pilot:
        assert len(pilot.app.screen.query("*")) < 40


async def test_a_read_only_console_looks_and_changes_nothing(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    app = ConsoleApp(lone_daemon.client(), bell=False, read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("a")
        await see(pilot, "this console is read-only")
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("j", "j", "j", "j", "r")
        await see(pilot, "this console is read-only")
    assert lone_daemon.client().incidents()[0].state == "open"
    assert lone_daemon.client().executions() == ()


async def test_a_runbook_is_shown_where_colours_are_off(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lone_daemon.post_alert()
    async with console_on(lone_daemon.client(), (140, 40)) as pilot:
        await see(pilot, "Overview")


def test_every_handler_of_the_screen_is_the_handler_of_a_message() -> None:
    """Textual finds handlers by name: one whose message was renamed would never be called, and say nothing."""
    own = {name for name in vars(BoardScreen) if name.startswith("on_")}
    known = {getattr(kind, "handler_name", "") for kind in _messages(Message)}
    assert own - known == set()


def _messages(kind: type[Message]) -> Iterator[type[Message]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _messages(narrower)


async def test_a_colleagues_acknowledgement_is_told_as_theirs_and_u_leaves_it(
    lone_daemon: LoneDaemon,
) -> None:
    ana = somebody(lone_daemon, "ana")
    async with on_alert(lone_daemon) as pilot:
        ana.acknowledge(lone_daemon.client().incidents()[0].id)
        await see(pilot, "ack 1")
        await pilot.press("a")
        await see(pilot, "is ana's since")
        await pilot.press("u")
        await see(pilot, "nothing to undo")
    assert lone_daemon.client().incidents()[0].acknowledged_by == "ana"


def test_nobody_undoes_anothers_acknowledgement_and_is_told_when_it_ends(lone_daemon: LoneDaemon) -> None:
    ana = somebody(lone_daemon, "ana")
    lone_daemon.post_alert()
    incident = until(lambda: lone_daemon.client().incidents(), timeout_s=10, what="the incident")[0]
    ana.acknowledge(incident.id)
    with pytest.raises(CallRefusedError, match=r"is ana's since .* without activity it ends at"):
        lone_daemon.client().unacknowledge(incident.id)
    assert ana.unacknowledge(incident.id).acknowledged_by is None


async def test_an_alert_that_has_just_come_under_the_cursor_is_not_acknowledged(
    lone_daemon: LoneDaemon,
) -> None:
    lone_daemon.post_alert("HighAuthFailures", severity="warning")
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "HighAuthFailures")
        board = pilot.app.screen_stack[0].query_one("#list", AlertBoard)
        lone_daemon.post_alert()
        await see(pilot, "APIDown is there")
        board._jumped_at = time.monotonic()
        await pilot.press("a")
        await see(pilot, "another alert has just come under the cursor")
        assert {incident.state for incident in lone_daemon.client().incidents()} == {"open"}
        await pilot.press("a")
        await see(pilot, "is yours (admin)")


async def test_a_key_lets_the_cursor_stay_on_the_alert_that_was_looked_at(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("HighAuthFailures", severity="warning")
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "HighAuthFailures")
        await pilot.press("Y")
        lone_daemon.post_alert()
        await see(pilot, "APIDown is there")
        alert = pilot.app.screen_stack[0].query_one("#list", AlertBoard).cursor_alert
        assert alert is not None
        assert alert.alertname == "HighAuthFailures"


async def test_the_output_of_a_step_is_not_shown_beside_another_step(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("G", "r")
        await see(pilot, "verdict: failed")
        await pilot.press("g")
        await see(pilot, lambda text: "verdict: failed" not in text)
        await pilot.press("G")
        await see(pilot, "verdict: failed")


async def test_what_an_earlier_run_prints_does_not_come_into_the_pane_of_a_later_one(
    lone_daemon: LoneDaemon,
) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("G", "r")
        await see(pilot, "verdict: failed")
        part = OutputPart(data="of another run\n", offset=0, next_offset=15)
        other = Output(execution_id="another-run-1", state="running", stdout=part, stderr=part, done=False)
        pilot.app.screen_stack[0].post_message(RunPrinted(other))
        pilot.app.screen_stack[0].post_message(Notice("handled all before"))
        await see(pilot, "handled all before")
        assert "of another run" not in screen_text(pilot)


async def test_a_clipboard_in_trouble_is_told_and_ends_nothing(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("console.terminal.private_file._folder_of_this_run", _folder_of_this_run.__wrapped__)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not-there"))
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("y")
        await see(pilot, "not copied")


@pytest.mark.parametrize("error", [ValueError("not a number"), KeyError("data"), OSError("no route")])
async def test_a_source_of_figures_in_trouble_is_told_and_ends_nothing(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("console.tui.calls.read_figures", fails)
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, f"that call failed ({type(error).__name__}")
        await pilot.press("ctrl+q")
    assert pilot.app.return_code == 0


async def test_a_console_that_ends_by_a_fault_of_its_own_does_not_end_with_0(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ConsoleApp(lone_daemon.client(), bell=False)

    def breaks(self: BoardScreen) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(BoardScreen, "action_pause", breaks)
    with pytest.raises(RuntimeError, match="a fault"):
        async with app.run_test(size=(80, 24)) as pilot:
            await see(pilot, "no unresolved alerts")
            await pilot.press("p")
            await see(pilot, lambda _: not pilot.app.is_running)
    assert app.return_code == 1


async def test_an_incident_without_an_alert_on_the_board_is_shown_itself(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AlertBoard, "put_cursor", lambda *_: False)
    lone_daemon.post_alert()
    number = first_incident(lone_daemon)
    app = ConsoleApp(lone_daemon.client(), bell=False, incident=number)
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, f"incident {number}  critical")


async def test_every_step_that_the_daemon_runs_is_a_row_and_text_before_the_first_section_is_shown(
    daemon_with_shelf: LoneDaemon,
) -> None:
    step = '{{"name":"{}","kind":"read","timeout":"5s"}}'
    text = (
        "---\nalert: APIDown\nseverity: critical\nmttr_target: 5m\nowner: platform\n---\n# API down\n\n"
        f"Read this first.\n\n## Diagnosis\n\n1. So:\n\n   ~~~ bash {step.format('in-a-list')}\n   ops ps\n   ~~~\n\n"
        f"> ````bash {step.format('in-a-quote')}\n> ops ps\n> ````\n\nAt last.\n"
    )
    (daemon_with_shelf.shelf / "APIDown.md").write_text(text)
    daemon_with_shelf.post_alert()
    async with console_on(daemon_with_shelf.client(), (140, 40)) as pilot:
        shown = await see(pilot, "in-a-quote  [read]")
        assert "Read this first." in shown
        assert "in-a-list  [read]" in shown
        assert "At last." in shown
        assert "~~~" not in shown
        assert "````" not in shown


async def test_figures_of_an_api_that_is_away_say_so_and_are_dimmed(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon) as pilot:
        header = pilot.app.screen_stack[0].query_one("#header", Header)
        for is_up in (True, False):
            header.show_figures(ServiceFigures((Figures("err", (1.0,), "94.6%"),), is_up=is_up), "")
            strip = header.render_line(1)
            assert ("API away, last" in strip.text) is not is_up
            (value,) = [segment for segment in strip if segment.text == "94.6%"]
            assert (value.style == DIM) is not is_up


async def test_the_hotline_of_the_contacts_is_on_the_screen_at_80_columns(lone_daemon: LoneDaemon) -> None:
    (lone_daemon.state / "contacts.yml").write_text(
        'people: {ana: {channels: ["file:a.log"]}}\nlevels: {L1: ana}\nhotline: "555 0199"\n'
    )
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "hotline 555 0199")
