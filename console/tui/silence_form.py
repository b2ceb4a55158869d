"""Asking for a silence, for more of one, and for its end."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from alerts.wire import SilenceView
from console.ops_api.client import OpsClient
from console.text.forms import matchers_typed, seconds_typed
from console.text.plain import clock, one_line
from console.tui.bulk import each
from console.tui.dialogs import YesDialog
from console.tui.form_dialog import Field, FormDialog, FormFault, Given, first_fault
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.undo import Reversible

_LISTED = 6


def ask_silence(screen: CockpitScreen, matchers: str) -> None:
    """A new silence, from now on."""
    if not screen.may():
        return

    def given(form: Given, dialog: FormDialog) -> None:
        begins = screen.situation.clock.now()
        ends = begins + timedelta(seconds=seconds_typed(form["span"]))
        fits = matchers_typed(form["matchers"])

        def call(client: OpsClient) -> Reversible:
            made = client.set_silence(fits, begins, ends, form["comment"])
            words = f"silenced until {clock(ends)} ({made[:8]}); u ends it within 10 s"
            return Reversible(words, lambda client: end_silences(client, [made]))

        screen.desk.do(call, dialog)

    fields = (
        Field("matchers", "which alerts: label=value, with blanks between", matchers),
        Field("span", "for how long", "2h"),
        Field("comment", "why"),
    )
    screen.app.push_screen(FormDialog("silence", fields, given, _fault))


def ask_extension(screen: CockpitScreen, silence: SilenceView) -> None:
    """Let a silence end later than it would."""
    if not screen.may():
        return

    def given(form: Given, dialog: FormDialog) -> None:
        ends = silence.ends_at + timedelta(seconds=seconds_typed(form["span"]))

        def take_back(client: OpsClient) -> str:
            client.set_silence(
                silence.matchers, silence.starts_at, silence.ends_at, silence.comment, silence.id
            )
            return f"{silence.id[:8]} lasts until {clock(silence.ends_at)}, as before"

        def call(client: OpsClient) -> Reversible:
            client.set_silence(silence.matchers, silence.starts_at, ends, silence.comment, silence.id)
            return Reversible(
                f"{silence.id[:8]} lasts until {clock(ends)}; u undoes it within 10 s", take_back
            )

        screen.desk.do(call, dialog)

    screen.app.push_screen(
        FormDialog("extend the silence", (Field("span", "by how much", "1h"),), given, _fault)
    )


def ask_end(screen: CockpitScreen, silences: Sequence[SilenceView]) -> None:
    """End silences now."""
    if not screen.may():
        return

    def call(client: OpsClient) -> str:
        return end_silences(client, [silence.id for silence in silences])

    lines = [
        *(
            f"{one_line(' '.join(map(str, s.matchers)))}  by {one_line(s.created_by)}: {one_line(s.comment)}"
            for s in silences[:_LISTED]
        ),
        *([f"and {len(silences) - _LISTED} more"] if len(silences) > _LISTED else []),
        "", "Their alerts call people again from now on.",
    ]  # fmt: skip
    title = "end the silence" if len(silences) == 1 else f"end {len(silences)} silences"
    screen.app.push_screen(YesDialog(title, lines, lambda dialog: screen.desk.do(call, dialog)))


def end_silences(client: OpsClient, ids: Sequence[str]) -> str:
    """End silences; what came of it in words."""
    if len(ids) == 1:
        client.end_silence(ids[0])
        return f"the silence {ids[0][:8]} is over"
    return each(((one[:8], partial(client.end_silence, one)) for one in ids), "ended", "silence")


def _fault(form: Given) -> FormFault | None:
    return first_fault(form, matchers=matchers_typed, span=seconds_typed)
