"""Facts about dialogs that send: they stay until the daemon has answered, and what is typed into a refused one never acts."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from alerts.wire import IncidentView, MatcherView, Problem
from console.ops_api.errors import (
    CallRefusedError,
    InvalidRequestError,
    LostAnswerError,
    OpsError,
    UnreachableError,
)
from console.tui.form_dialog import Field, FormDialog
from console.tui.send_dialog import field_at_fault
from runbooks.wire import ActionView, ExecutionRequest, ExecutionView, ParamView
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import screen_text, see
from tests.console.tui.fixed_world import FixedClient, fixed_console
from tests.console.tui.scene import on_calm

_REFUSAL = InvalidRequestError("one day is the longest", Problem(type="invalid", message="", field="endsAt"))


class SilencingClient(FixedClient):
    """Refuses a silence until there is nothing to refuse it for, and answers no sooner than it may."""

    def __init__(self) -> None:
        super().__init__()
        self.refusal: OpsError | None = _REFUSAL
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked: list[str] = []
        self.acknowledged: list[int] = []

    def set_silence(
        self,
        matchers: Sequence[MatcherView],
        starts_at: datetime,
        ends_at: datetime,
        comment: str,
        silence_id: str = "",
    ) -> str:
        self.asked.append(comment)
        assert self.may_answer.wait(30)
        if self.refusal is not None:
            raise self.refusal
        return "5e1f0000-1111"

    def acknowledge(self, incident_id: int, *, for_s: int | None = None) -> IncidentView:
        self.acknowledged.append(incident_id)
        return self.fixed_incidents()[0]


async def _ask_for_silence(pilot: Pilot[None]) -> None:
    await see(pilot, "8 alerts")
    await pilot.press("s")
    await see(pilot, "for how long")
    await pilot.press("enter", "end", *"30m", "enter", *"we look", "enter")


def _values(pilot: Pilot[None]) -> list[str]:
    return [line.value for line in pilot.app.screen.query(Input).results()]


async def test_a_refused_form_stays_with_the_refusal_beside_the_field_and_what_is_typed_on_is_text() -> None:
    client = SilencingClient()
    async with fixed_console((80, 24), client=client) as pilot:
        await _ask_for_silence(pilot)
        shown = await see(pilot, "one day is the longest")
        lines = shown.splitlines()
        at = next(i for i, line in enumerate(lines) if "one day is the longest" in line)
        assert "for how long" in lines[at - 1]
        assert "2h30m" in lines[at + 1]
        assert (pilot.app.focused.id if pilot.app.focused else None) == "field-span"
        await pilot.press("end", *"aqx")
        assert _values(pilot) == ["alertname=APIDown", "2h30maqx", "we look"]
        assert client.acknowledged == []
        client.refusal = None
        await pilot.press(*["backspace"] * 3, "enter", "enter")
        await see(pilot, "silenced until")
        assert pilot.app.screen.is_modal is False
    assert client.asked == ["we look", "we look"]


async def test_escape_leaves_a_refused_form_and_what_was_typed_is_there_again() -> None:
    async with fixed_console((80, 24), client=SilencingClient()) as pilot:
        await _ask_for_silence(pilot)
        await see(pilot, "one day is the longest")
        await pilot.press("escape")
        await see(pilot, lambda text: "for how long" not in text)
        await pilot.press("s")
        await see(pilot, "for how long")
        assert _values(pilot) == ["alertname=APIDown", "2h30m", "we look"]


async def test_while_the_answer_is_awaited_no_key_acts_and_after_a_second_it_is_said_how_long() -> None:
    client = SilencingClient()
    client.may_answer.clear()
    async with fixed_console((80, 24), client=client) as pilot:
        await _ask_for_silence(pilot)
        await see(pilot, "sent 1 s ago, no answer yet")
        await pilot.press("a", "enter", "x")
        assert (client.acknowledged, client.asked) == ([], ["we look"])
        assert _values(pilot)[1:] == ["2h30m", "we look"]
        client.may_answer.set()
        await see(pilot, "one day is the longest")
        await pilot.press("x")
        assert _values(pilot)[1] == "x", "the field has the focus again, its text marked"


async def test_a_form_that_was_left_while_it_waited_is_told_of_in_the_bottom_line() -> None:
    client = SilencingClient()
    client.may_answer.clear()
    async with fixed_console((80, 24), client=client) as pilot:
        await _ask_for_silence(pilot)
        await see(pilot, "sent …")
        await pilot.press("escape")
        await see(pilot, lambda text: "for how long" not in text)
        client.may_answer.set()
        await see(pilot, "one day is the longest")
        assert not pilot.app.screen.is_modal


async def test_a_lost_answer_leaves_the_form_and_says_that_it_may_have_been_done() -> None:
    client = SilencingClient()
    client.refusal = LostAnswerError("the answer was lost")
    async with fixed_console((80, 24), client=client) as pilot:
        await _ask_for_silence(pilot)
        await see(pilot, "the answer was lost; it may have been done")
        assert _values(pilot)[1:] == ["2h30m", "we look"]


def _raising(error: OpsError) -> Callable[..., Any]:
    def refuse(*given: object, **named: object) -> Any:
        raise error

    return refuse


@pytest.mark.parametrize(
    ("keys", "opened", "call"),
    [
        (("enter", "P"), "share post-mortem", "share_postmortem"),
        (("enter", "w"), "review", "transition"),
        (("asterisk", "a"), "acknowledge 1", "acknowledge"),
        (("7", "g", "j", "x", "enter"), "end the silence", "end_silence"),
    ],
)
@pytest.mark.parametrize("way_out", ["q", "escape"])
async def test_a_question_whose_call_is_refused_stays_and_only_q_and_escape_close_it(
    keys: tuple[str, ...], opened: str, call: str, way_out: str
) -> None:
    client = FixedClient()
    setattr(client, call, _raising(CallRefusedError("not now")))
    async with fixed_console((80, 30), client=client) as pilot:
        await see(pilot, "8 alerts")
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        dialog = pilot.app.screen
        assert opened in screen_text(pilot)
        dialog._opened_at = 0.0  # type: ignore[attr-defined]  # as if somebody had looked at it
        await pilot.press("y")
        await see(pilot, "not now")
        dialog._opened_at = 0.0  # type: ignore[attr-defined]  # as if somebody had read it
        await pilot.press("a", "n", "x", "enter")
        assert pilot.app.screen is dialog
        await pilot.press(way_out)
        assert pilot.app.screen is not dialog


class ActingClient(FixedClient):
    """Has one action that takes two values, and refuses what it is told to."""

    refuses_plan: OpsError | None = None
    refuses_run: OpsError | None = None
    kind = "change"

    def actions(self) -> tuple[ActionView, ...]:
        params = (
            ParamView(name="limit_per_hour", title="calls an hour", required=True), ParamView(name="span", title="until when"),
        )  # fmt: skip
        return (
            ActionView(
                name="set-rate-limit", title="Set the limit", kind="change", params=params, object="api"
            ),
        )

    def plan(self, request: ExecutionRequest) -> ExecutionView:
        if self.refuses_plan is not None:
            raise self.refuses_plan
        return self._made(
            ExecutionView,
            {
                "execution_id": request.execution_id, "title": "Set the limit", "kind": self.kind, "state": "planned",
                "actor": "ana", "requested_at": "2026-03-01T02:10:00Z", "action": "set-rate-limit", "object": "api",
                "argv": ["ops", "act", "set-rate-limit", *request.params.values()], "digest": "d",
            },
        )  # fmt: skip

    def execute(self, request: ExecutionRequest) -> ExecutionView:
        assert self.refuses_run is not None
        raise self.refuses_run


async def _fill_in_values(pilot: Pilot[None]) -> None:
    await see(pilot, "8 alerts")
    await pilot.press("x")
    await see(pilot, "which action?")
    await pilot.press("enter")
    await see(pilot, "calls an hour")
    await pilot.press(*"many", "enter", "enter")


async def test_a_value_that_the_plan_refuses_is_told_beside_it() -> None:
    client = ActingClient()
    client.refuses_plan = InvalidRequestError(
        "takes a number", Problem(type="invalid", message="", field="limit_per_hour")
    )
    async with fixed_console((80, 24), client=client) as pilot:
        await _fill_in_values(pilot)
        await see(pilot, "takes a number")
        assert (pilot.app.focused.id if pilot.app.focused else None) == "field-limit_per_hour"
        client.refuses_plan = None
        await pilot.press(*"50", "enter", "enter")
        await see(pilot, "set-rate-limit 50")


@pytest.mark.parametrize("error", [CallRefusedError("locked by ben"), UnreachableError("does not answer")])
async def test_a_run_that_is_refused_is_told_in_the_dialog_that_confirmed_it(error: OpsError) -> None:
    client = ActingClient()
    client.refuses_run = error
    async with fixed_console((80, 24), client=client) as pilot:
        await _fill_in_values(pilot)
        await see(pilot, "y  run it")
        dialog = pilot.app.screen
        dialog._opened_at = 0.0  # type: ignore[attr-defined]  # as if somebody had looked at it
        await pilot.press("y")
        await see(pilot, lambda text: str(error) in text and "Esc  close" in text)
        dialog._opened_at = 0.0  # type: ignore[attr-defined]  # as if somebody had read it
        await pilot.press("y", "a", "n")
        assert pilot.app.screen is dialog
        await pilot.press("escape")
        await see(pilot, lambda text: "Esc  close" not in text)


async def test_a_name_that_is_typed_wrong_runs_nothing_and_can_be_typed_again() -> None:
    client = ActingClient()
    client.kind, client.refuses_run = "destructive", CallRefusedError("locked by ben")
    async with fixed_console((80, 24), client=client) as pilot:
        await _fill_in_values(pilot)
        await see(pilot, "type api and Enter")
        pilot.app.screen._opened_at = 0.0  # type: ignore[attr-defined]  # as if somebody had looked at it
        await pilot.press(*"apt", "enter")
        await see(pilot, "'apt' is not api: nothing was run")
        await pilot.press("backspace", *"i", "enter")
        await see(pilot, "locked by ben")


_SEVEN = [Field(f"f{n}", f"the field of the number {n}") for n in range(7)]


async def _seven(pilot: Pilot[None]) -> None:
    """A form of seven fields, the first of which has the focus."""
    pilot.app.push_screen(FormDialog("seven", _SEVEN, lambda form, _: None))
    await see(pilot, lambda _: pilot.app.focused is not None and pilot.app.focused.id == "field-f0")


@pytest.mark.parametrize("size", [(80, 24), (80, 16), (120, 20)])
async def test_a_form_longer_than_the_screen_says_how_much_is_out_of_sight(size: tuple[int, int]) -> None:
    async with fixed_console(size) as pilot:
        await see(pilot, "8 alerts")
        await _seven(pilot)
        shown = await see(pilot, "more below")
        in_sight = sum(f"number {n}" in shown for n in range(7))
        assert 0 < 7 - in_sight <= _number_before(shown, "more below")
        await pilot.press(*["down"] * 6)
        shown = await see(pilot, lambda text: "more above" in text and "more below" not in text)
        assert "number 6" in shown
        assert "number 0" not in shown
        assert "Esc  cancel" in shown


def _number_before(text: str, words: str) -> int:
    return int(text[: text.index(words)].split()[-1])


@pytest.mark.parametrize("size", [(80, 24), (80, 14)])
async def test_the_fault_of_a_long_form_is_in_sight_wherever_it_is_scrolled_to(size: tuple[int, int]) -> None:
    async with fixed_console(size) as pilot:
        await see(pilot, "8 alerts")
        await _seven(pilot)
        await see(pilot, "more below")
        await pilot.press(*["down"] * 6, "enter")
        shown = await see(pilot, "missing: the field of the number 0")
        assert "more below" in shown
        await pilot.press(*["down"] * 6)
        shown = await see(pilot, lambda text: "more above" in text and "missing: the field" in text)
        assert "number 6" in shown


@pytest.mark.parametrize("size", [(80, 24), (80, 14), (60, 10)])
async def test_a_long_form_comes_to_rest_wherever_its_fault_and_the_cursor_are(size: tuple[int, int]) -> None:
    """Where the fault is told depends on nothing that telling it changes."""
    async with fixed_console(size) as pilot:
        await see(pilot, "8 alerts")
        await _seven(pilot)
        form = pilot.app.screen
        assert isinstance(form, FormDialog)
        laid_out = 0
        fit = form._fit

        def counted() -> None:
            nonlocal laid_out
            laid_out += 1
            fit()

        form._fit = counted  # type: ignore[method-assign]
        for field in _SEVEN:
            form.refused(f"no such {field.name}", field.name)
            await pilot.press(*["down"] * 6, *["up"] * 6)
            await pilot.pause()
            assert f"no such {field.name}" in screen_text(pilot)
        assert laid_out <= 8 * len(_SEVEN)


async def test_a_form_that_fits_says_nothing_of_more() -> None:
    async with fixed_console((120, 40)) as pilot:
        await see(pilot, "8 alerts")
        await _seven(pilot)
        shown = await see(pilot, "number 6")
        assert "more" not in shown.split("seven")[1].split("Esc  cancel")[0]


async def test_help_and_choices_say_what_is_out_of_sight() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("question_mark")
        await see(pilot, "more below")
        await pilot.press("escape")
        await see(pilot, "8 alerts")
        await pilot.press("colon")
        await see(pilot, lambda text: "go where?" in text and "more below" in text)
        await pilot.press(*"windows")
        await see(pilot, lambda text: "more below" not in text)


async def test_a_place_that_there_is_not_is_told_in_the_dialog_that_asks_for_it() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("colon", *"nowhere", "enter")
        await see(pilot, "there is no place 'nowhere'")
        await pilot.press("a", "s")
        assert _values(pilot) == ["nowhereas"]
        await pilot.press(*["backspace"] * 9, *"graphs", "enter")
        await see(pilot, "loop lag")


@pytest.mark.stack
async def test_what_a_real_daemon_refuses_of_a_window_stands_beside_its_field(
    lone_daemon: LoneDaemon,
) -> None:
    async with on_calm(lone_daemon, (80, 24)) as pilot:
        await pilot.press("7")
        await see(pilot, "on call")
        await pilot.press("P")
        await see(pilot, "what is done")
        await pilot.press(
            *"New disk", "enter", "enter", "enter", *"service=postgres", "enter", *"old", "enter"
        )
        await pilot.press("enter", *"No such part", "enter")
        shown = await see(pilot, "there is no component 'No such part'")
        assert "components of the public page" in shown
        assert (pilot.app.focused.id if pilot.app.focused else None) == "field-components"
    assert lone_daemon.client().maintenances(everything=True) == ()


@pytest.mark.parametrize(
    ("text", "named", "expected"),
    [
        ("no", "matchers[0].value", "matchers"), ("no", "ends_at", "span"), ("no", "elsewhere", ""), ("there is no 'ben'", None, "person"),
        ("ben is away", None, "person"), ("benign", None, ""), ("ben is not in 2h", None, ""), ("", None, ""),
    ],
)  # fmt: skip
def test_the_field_at_fault_is_the_one_that_is_named_or_repeated(
    text: str, named: str | None, expected: str
) -> None:
    values = [("matchers", "a=b"), ("span", "2h"), ("person", "ben"), ("comment", "")]
    assert field_at_fault(text, named, values) == expected
