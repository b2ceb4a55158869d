"""Facts about the seven screens on a real ops daemon: what each shows, how one goes between them, what can be done there."""

from datetime import UTC, datetime, timedelta

import pytest
from textual._callback import invoke
from textual.css.query import NoMatches
from textual.pilot import Pilot

from console.text.records.windows import Windows
from console.tui.calls import Fetched
from console.tui.screens.cockpit_screen import VIEWS, CockpitScreen
from console.tui.screens.windows_screen import WindowsScreen
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import agree, console_on, screen_text, see
from tests.console.tui.fixed_world import fixed_console
from tests.console.tui.scene import first_incident, on_alert, on_calm, planned_window, somebody
from tests.stackwork import until

pytestmark = pytest.mark.stack


def _view(pilot: Pilot[None]) -> str:
    return str(getattr(pilot.app.screen, "VIEW", ""))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2", "APIDown"),
        ("3", "nothing has been run yet"),
        ("4", "parts of the ops daemon"),
        ("5", "TIME"),
        ("6", "calls no data"),
        ("7", "on call"),
    ],
)
async def test_each_screen_opens_on_its_key_and_back_on_1(
    lone_daemon: LoneDaemon, key: str, words: str
) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press(key)
        await see(pilot, lambda text: (words in text and "APIDown is there" not in text) or key == "2")
        await pilot.press("1")
        await see(pilot, "APIDown is there")


async def test_1_leaves_the_runbook_for_the_board(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon, (80, 24)) as pilot:
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("1")
        await see(pilot, lambda text: "APIDown is there" in text and "check-process" not in text)


async def test_a_field_is_seen_with_its_label_at_24_rows(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon, (80, 24)) as pilot:
        await pilot.press("7", "P")
        await see(pilot, "what is done")


async def test_minus_goes_to_the_screen_that_was_left_and_a_word_to_any(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon) as pilot:
        await pilot.press("6", "7")
        await see(pilot, "on call")
        await pilot.press("minus")
        await see(pilot, "calls no data")
        await pilot.press("colon", *"runs", "enter")
        await see(pilot, "nothing has been run yet")


async def test_the_quiet_board_says_that_all_is_clear_and_who_is_on_call(lone_daemon: LoneDaemon) -> None:
    async with console_on(lone_daemon.client()) as pilot:
        text = await see(pilot, "all clear")
        assert "no incident is on record" in text
        lone_daemon.post_alert()
        await see(pilot, lambda text: "APIDown is there" in text and "all clear" not in text)


async def test_a_viewer_is_told_before_any_dialog_what_the_role_may_not_do(lone_daemon: LoneDaemon) -> None:
    viewer = somebody(lone_daemon, "vera", "viewer")
    lone_daemon.post_alert()
    async with console_on(viewer) as pilot:
        await see(pilot, "vera, viewer")
        await see(pilot, "APIDown is there")
        for key in ("a", "s", "c", "E", "x"):
            await pilot.press(key)
            await see(pilot, "your role is viewer; this needs responder")
            assert len(pilot.app.screen_stack) == 1
            pilot.app.screen.say("-")  # type: ignore[attr-defined]  # every screen of ours can
    assert lone_daemon.client().incidents()[0].state == "open"


async def test_a_silence_is_set_from_the_board_and_ended_where_silences_are_listed(
    lone_daemon: LoneDaemon,
) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("s")
        await see(pilot, "alertname=APIDown service=api")
        await pilot.press("enter", "enter", *"known", "enter")
        await see(pilot, "silenced until")
        (silence,) = lone_daemon.client().silences()
        assert silence.comment == "known"
        await pilot.press("7")
        await see(pilot, "active")
        await pilot.press("g", "X")
        await see(pilot, "call people again")
        await agree(pilot)
        await see(pilot, "is over")
    assert lone_daemon.client().silences()[0].status.state == "expired"


async def test_a_fault_in_a_form_is_told_in_it_and_what_was_typed_stays(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("s")
        await see(pilot, "for how long")
        await pilot.press("enter", *"x", "enter", *"known", "enter")
        text = await see(pilot, "'x' is no span of time; write for instance 30m")
        assert "known" in text
    assert lone_daemon.client().silences() == ()


async def test_an_incident_is_taken_noted_and_resolved_on_its_own_screen(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    number = first_incident(lone_daemon)
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("2")
        await see(pilot, f"#{number}")
        await pilot.press("enter")
        await see(pilot, f"incident {number} · open")
        await pilot.press("a")
        await see(pilot, f"incident {number} · acknowledged")
        await pilot.press("c", *"seen", "enter")
        await see(pilot, "seen")
        await pilot.press("e", *"over", "enter")
        await see(pilot, f"incident {number} · resolved")
        await pilot.press("q")
        await see(pilot, "STATE")
    assert lone_daemon.client().incident(number).state == "resolved"


async def test_a_refused_verb_is_told_and_changes_nothing(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    number = first_incident(lone_daemon)
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("enter")
        await see(pilot, f"incident {number} · open")
        await pilot.press("m", *"none", "enter")
        await see(pilot, "'none' is no number")
        await pilot.press("escape", "C")
        await see(pilot, f"incident {number} is open: resolve it first (e), then close it")
        await pilot.press("m", *"4711", "enter")
        await see(pilot, lambda text: "no incident 4711" in text.replace("\n", " "))
        await pilot.press("m")
        await see(pilot, lambda text: "into which incident" in text and "4711" in text.split("into which")[1])
    assert lone_daemon.client().incident(number).state == "open"


async def test_anybodys_run_can_be_opened_with_its_output(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon) as pilot:
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("G", "r")
        await see(pilot, "» ")
        await pilot.press("3")
        await see(pilot, "unhealthy")
        await pilot.press("enter")
        await see(
            pilot, lambda text: "verdict unhealthy" in text.replace("\n", " ") and "whole output" in text
        )
        await pilot.press("q")
        await see(pilot, "AGO")


async def test_any_runbook_of_the_shelf_is_opened_by_its_name(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon) as pilot:
        await pilot.press("colon", *"runbook RedisDown", "enter")
        await see(pilot, "runbook RedisDown")
        await see(pilot, "[read]")
        await pilot.press("q")
        await see(pilot, "no unresolved alerts")


async def test_lists_keep_what_they_know_while_the_daemon_is_away_and_say_of_when_it_is(
    lone_daemon: LoneDaemon,
) -> None:
    async with on_calm(lone_daemon) as pilot:
        await pilot.press("7")
        await see(pilot, "on call")
        lone_daemon.kill()
        text = await see(pilot, lambda text: "as of" in text and "reconnecting" in text, within=400)
        assert "on call" in text


async def test_a_filter_that_nothing_passes_says_how_many_it_hides(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon) as pilot:
        await pilot.press("4")
        await see(pilot, "journal")
        await pilot.press("slash", *"zzz", "enter")
        await see(pilot, "nothing passes the filter")
        await pilot.press("slash", "escape")
        await see(pilot, "journal")


async def test_help_has_every_key_of_the_screen_at_hand(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon, (80, 60)) as pilot:
        await pilot.press("question_mark")
        text = await see(pilot, "EVERYWHERE")
        for words in ("ack", "silence", "escalate", "next untaken critical", "CLOCK counts"):
            assert words in text


@pytest.mark.parametrize("theme", ["dark", "light", "contrast", "terminal"])
async def test_every_theme_opens_and_the_bar_stands_out(lone_daemon: LoneDaemon, theme: str) -> None:
    async with on_alert(lone_daemon, theme=theme) as pilot:
        strip = next(s for s in pilot.app.screen._compositor.render_strips() if "APIDown is there" in s.text)
        segments = [s for s in strip if "APIDown" in s.text]
        assert all(s.style and (s.style.reverse or s.style.bgcolor) for s in segments)


async def test_without_colours_nothing_is_sent_but_what_the_terminal_has_anyway(
    lone_daemon: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_alert(lone_daemon) as pilot:
        colours = {
            colour.name
            for strip in pilot.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        }
        assert colours <= {"default"}


async def test_in_ascii_no_screen_has_a_character_of_ours_outside_it(lone_daemon: LoneDaemon) -> None:
    async with on_alert(lone_daemon, ascii_only=True) as pilot:
        for key in "1234567":
            await pilot.press(key)
            await see(pilot, lambda _, view=VIEWS[int(key) - 1]: _view(pilot) == view)  # type: ignore[misc]  # bound at once
            text = screen_text(pilot)
            assert text.isascii(), text


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
async def test_the_board_has_ten_rows_and_the_filter_narrows_at_every_size(
    lone_daemon: LoneDaemon, size: tuple[int, int]
) -> None:
    for n in range(10):
        lone_daemon.post_alert(f"Alert{n}Number", severity="warning")
    async with console_on(lone_daemon.client(), size) as pilot:
        await see(pilot, "10 alerts")
        text = await see(pilot, "Alert9Number")
        assert all(f"Alert{n}Number" in text for n in range(10))
        assert max(len(line) for line in text.split("\n")) <= size[0]


async def test_windows_are_listed_with_what_is_wrong_with_them_and_open_whole(
    lone_daemon: LoneDaemon,
) -> None:
    number = planned_window(lone_daemon)
    async with on_calm(lone_daemon) as pilot:
        await pilot.press("7")
        await see(pilot, lambda text: f"window {number}" in text and "Exchange of a disk" in text)
        assert "not announced" in screen_text(pilot)
        await pilot.press("g", "enter")
        await see(pilot, "why: it is old")


async def test_a_critical_incident_is_closed_in_one_form_that_says_what_it_needs(
    lone_daemon: LoneDaemon,
) -> None:
    lone_daemon.post_alert()
    number = first_incident(lone_daemon)
    lone_daemon.post_alert(resolved=True)
    client = lone_daemon.client()
    client.transition(number, "resolved", client.incident(number).version, "over")
    async with console_on(client) as pilot:
        await pilot.press("2", "/", *"is:resolved", "enter")
        await see(pilot, "APIDown")
        await pilot.press("enter")
        await see(pilot, f"incident {number} · resolved")
        text = await see(pilot, "C close")
        assert "e resolve" not in text
        await pilot.press("C")
        await see(pilot, "a critical incident needs one")
        await pilot.press("enter", *"watch it", "enter", "enter", "enter")
        await see(pilot, "missing: what caused it")
        assert client.incident(number).followups == (), "nothing is put down before"
        await pilot.press(*"a full disk", "tab", *["backspace"] * 8, "enter", "enter", "enter")
        await see(pilot, "missing: follow-up")
        assert client.incident(number).postmortem_shared_at is None, "nothing is shared before"
        await pilot.press(*"watch it", "enter", "enter", "enter")
        await see(pilot, f"incident {number} · closed")
    closed = client.incident(number)
    assert (closed.state, closed.root_cause, closed.followups[0].text) == (
        "closed",
        "a full disk",
        "watch it",
    )


async def test_at_80_columns_the_list_has_its_rows_back_after_the_runbook(lone_daemon: LoneDaemon) -> None:
    for name in ("APIDown", "RedisDown"):
        lone_daemon.post_alert(name)
    async with console_on(lone_daemon.client(), (80, 24)) as pilot:
        await see(pilot, "RedisDown is there")
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("r")
        await see(pilot, "» ")
        await pilot.press("q")
        await see(pilot, lambda text: "APIDown is there" in text and "RedisDown is there" in text)


async def test_every_field_of_a_long_form_can_be_reached_at_24_rows(lone_daemon: LoneDaemon) -> None:
    async with on_calm(lone_daemon, (80, 24)) as pilot:
        await pilot.press("7", "P")
        await see(pilot, lambda text: "plan a window" in text and "Esc  cancel" in text)
        await pilot.press("enter", "enter", "enter", "enter", "enter", "enter")
        await see(pilot, lambda text: "components" in text and "Esc  cancel" in text)


async def test_a_screen_on_its_way_out_looks_at_nothing_any_more() -> None:
    """Its widgets go one by one: a clock that ticked in between would ask for those that are gone."""
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        screen, ticks = pilot.app.screen, []
        timer = screen.set_interval(3_600, lambda: ticks.append(screen.display))
        assert timer._callback is not None
        await invoke(timer._callback)
        pilot.app._running = False
        await invoke(timer._callback)
        pilot.app._running = True
        removed = screen.remove()
        await invoke(timer._callback)
        assert ticks == [True]
        await removed


async def _ask_for_restore(pilot: Pilot[None]) -> None:
    """From the board to where it is refused to one person alone."""
    await pilot.press("x")
    await see(pilot, "which action?")
    await pilot.press(*"destructive restore", "enter")
    await see(pilot, "name of the backup")
    await pilot.press(*"20260301-021407.dump", "enter")
    await see(pilot, "to run it; Esc cancels")
    await pilot.press(*"structured_prompt_db", "enter")
    await see(pilot, "this takes a second person")


async def test_what_takes_a_second_person_can_be_asked_for_where_it_is_refused(
    lone_daemon: LoneDaemon,
) -> None:
    async with on_alert(lone_daemon, client=somebody(lone_daemon, "ana", "admin")) as pilot:
        await _ask_for_restore(pilot)
        await pilot.press(*"another", "enter")
        await see(pilot, "asked until")
    (asked,) = lone_daemon.client().approvals()
    assert asked.asked_by == "ana"


async def test_the_glass_is_broken_with_a_reason_and_never_without(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert()
    client = lone_daemon.client()
    async with console_on(somebody(lone_daemon, "ana", "admin")) as pilot:
        await see(pilot, "APIDown is there")
        await _ask_for_restore(pilot)
        await pilot.press(*"break", "enter")
        await see(pilot, "why can nobody be asked?")
        await pilot.press("enter")
        await see(pilot, "missing: why can nobody be asked?")
        await pilot.press("escape")
        await see(pilot, "cancelled; nothing was run")
        assert not [run for run in client.executions() if run.state != "refused"]
        await _ask_for_restore(pilot)
        await pilot.press(*"break", "enter")
        await see(pilot, "why can nobody be asked?")
        await pilot.press(*"ben is on a plane", "enter")
        # There is no such backup: what was begun says so itself.
        await see(pilot, "failed")
    run = next(run for run in client.executions() if run.state != "refused")
    assert (run.action, run.actor) == ("restore", "ana")
    (broken,) = [entry for entry in client.audit(50) if entry.kind == "execution.break_glass"]
    assert broken.object == run.execution_id
    assert b"ben is on a plane" in bytes(broken.body)


async def test_an_answer_about_something_else_leaves_the_list_as_it_is() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("7")
        await see(pilot, "Exchange of a disk")
        await pilot.press("h")
        await see(pilot, "it is copied")
        screen = pilot.app.screen_stack[-2]
        assert isinstance(screen, WindowsScreen)
        assert isinstance(screen.found, Windows)


_CONTACTS = """
people:
  ana: {name: Ana, channels: ["file:ana.log"]}
  ben: {name: Ben, channels: ["file:ben.log"]}
levels:
  L1: [ana]
"""


async def test_a_handover_is_ended_and_somebody_is_called_from_the_windows(lone_daemon: LoneDaemon) -> None:
    (lone_daemon.state / "contacts.yml").write_text(_CONTACTS)
    client = lone_daemon.client()
    until(lambda: client.contacts().levels[0].people == ("ana",), timeout_s=20, what="the contacts")
    client.set_on_call("L1", "ben", (datetime.now(UTC) + timedelta(hours=1)).isoformat())
    async with on_calm(lone_daemon, client=client) as pilot:
        await pilot.press("7")
        await see(pilot, "L1")
        await pilot.press("c")
        await see(pilot, "what about")
        await pilot.press(*"ben", "enter", *"look", "enter")
        await see(pilot, "called: ben")
        screen = pilot.app.screen
        assert isinstance(screen, WindowsScreen)
        # Headings cannot be chosen: down from the top until the level is under the cursor.
        await pilot.press("g")
        for _ in range(5):
            if screen.records.cursor_id != "oncall:L1":
                await pilot.press("j")
        await pilot.press("T")
        await see(pilot, "as the contacts file says")
        await agree(pilot)
        await see(pilot, "L1 is ana's again")


async def test_an_answer_that_comes_while_a_screen_goes_is_no_fault_of_the_console() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("4")
        await see(pilot, lambda _: _view(pilot) == "services")
        screen = pilot.app.screen
        assert isinstance(screen, CockpitScreen)
        await screen.query_one("#columns").remove()
        screen._pruning = True
        await screen._dispatch_message(Fetched(None, "too late"))
        screen._pruning = False
        with pytest.raises(NoMatches):
            await screen._dispatch_message(Fetched(None, "of its own"))
        screen._pruning = True
