"""Asking for a silence, for more of one, for its end, and for who is on call."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from alerts.wire import SilenceView
from console.ops_api.client import OpsClient
from console.text.forms import FormError, matchers_typed, seconds_typed
from console.text.plain import clock, one_line
from console.tui.bulk import each
from console.tui.dialogs import Field, FormDialog, YesDialog
from console.tui.screens.cockpit_screen import CockpitScreen

_LEVELS = ("L1", "L2", "L3")
_LISTED = 6


def ask_silence(screen: CockpitScreen, matchers: str) -> None:
    """A new silence, from now on."""
    if not screen.may():
        return

    def given(form: dict[str, str] | None) -> None:
        if form is None:
            return
        begins = screen.situation.clock.now()
        ends = begins + timedelta(seconds=seconds_typed(form["span"]))
        fits = matchers_typed(form["matchers"])

        def call(client: OpsClient) -> str:
            made = client.set_silence(fits, begins, ends, form["comment"])
            return f"silenced until {clock(ends)} ({made[:8]}); the alerts stay on the board"

        screen.desk.do(call)

    fields = (
        Field("matchers", "which alerts: label=value, with blanks between", matchers),
        Field("span", "for how long", "2h"),
        Field("comment", "why"),
    )
    screen.app.push_screen(FormDialog("silence", fields, _fault), given)


def ask_extension(screen: CockpitScreen, silence: SilenceView) -> None:
    """Let a silence end later than it would."""
    if not screen.may():
        return

    def given(form: dict[str, str] | None) -> None:
        if form is None:
            return
        ends = silence.ends_at + timedelta(seconds=seconds_typed(form["span"]))

        def call(client: OpsClient) -> str:
            client.set_silence(silence.matchers, silence.starts_at, ends, silence.comment, silence.id)
            return f"{silence.id[:8]} lasts until {clock(ends)}"

        screen.desk.do(call)

    screen.app.push_screen(
        FormDialog("extend the silence", (Field("span", "by how much", "1h"),), _fault), given
    )


def ask_end(screen: CockpitScreen, silences: Sequence[SilenceView]) -> None:
    """End silences now."""
    if not screen.may():
        return

    def call(client: OpsClient) -> str:
        if len(silences) == 1:
            client.end_silence(silences[0].id)
            return f"the silence {silences[0].id[:8]} is over"
        return each(((s.id[:8], partial(client.end_silence, s.id)) for s in silences), "ended", "silence")

    lines = [
        *(
            f"{one_line(' '.join(map(str, s.matchers)))}  by {one_line(s.created_by)}: {one_line(s.comment)}"
            for s in silences[:_LISTED]
        ),
        *([f"and {len(silences) - _LISTED} more"] if len(silences) > _LISTED else []),
        "", "Their alerts call people again from now on.",
    ]  # fmt: skip
    title = "end the silence" if len(silences) == 1 else f"end {len(silences)} silences"
    screen.app.push_screen(YesDialog(title, lines), lambda yes: screen.desk.do(call) if yes else None)


def ask_on_call(screen: CockpitScreen, level: str = "L1") -> None:
    """Hand a level of the on-call over to somebody."""
    if not screen.may():
        return

    def given(form: dict[str, str] | None) -> None:
        if form is None:
            return
        until = screen.situation.clock.now() + timedelta(seconds=seconds_typed(form["span"]))

        def call(client: OpsClient) -> str:
            client.set_on_call(form["level"].upper(), form["person"], until.isoformat())
            return f"{form['person']} is called at {form['level'].upper()} until {clock(until)}"

        screen.desk.do(call)

    fields = (
        Field("level", "which level", level),
        Field("person", "who (id of the contacts file)"),
        Field("span", "for how long", "12h"),
    )
    screen.app.push_screen(FormDialog("hand over", fields, _fault), given)


def _fault(form: dict[str, str]) -> str:
    if form.get("level", "L1").upper() not in _LEVELS:
        return f"{form['level']!r} is no level: {', '.join(_LEVELS)}"
    try:
        seconds_typed(form["span"])
        if "matchers" in form:
            matchers_typed(form["matchers"])
    except FormError as error:
        return str(error)
    return ""
