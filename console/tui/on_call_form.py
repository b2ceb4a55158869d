"""Asking who is on call, for the end of a hand-over, and for somebody to be called now."""

from datetime import timedelta

from console.ops_api.client import OpsClient
from console.text.forms import seconds_typed
from console.text.plain import clock, one_line
from console.tui.dialogs import YesDialog
from console.tui.form_dialog import Field, FormDialog, FormFault, Given, first_fault
from console.tui.screens.cockpit_screen import CockpitScreen

_LEVELS = ("L1", "L2", "L3")


def ask_on_call(screen: CockpitScreen, level: str = "L1") -> None:
    """Hand a level of the on-call over to somebody."""
    if not screen.may():
        return

    def given(form: Given, dialog: FormDialog) -> None:
        until = screen.situation.clock.now() + timedelta(seconds=seconds_typed(form["span"]))

        def call(client: OpsClient) -> str:
            client.set_on_call(form["level"].upper(), form["person"], until.isoformat())
            return f"{form['person']} is called at {form['level'].upper()} until {clock(until)}"

        screen.desk.do(call, dialog)

    fields = (
        Field("level", "which level", level),
        Field("person", "who (id of the contacts file)"),
        Field("span", "for how long", "12h"),
    )
    screen.app.push_screen(FormDialog("hand over", fields, given, _fault))


def ask_no_on_call(screen: CockpitScreen, level: str) -> None:
    """Let a level be whose the contacts file says."""
    if not screen.may():
        return

    def call(client: OpsClient) -> str:
        levels = {one.level: one.people for one in client.unset_on_call(level).levels}
        return f"{level} is {one_line(', '.join(levels.get(level, ())) or 'nobody')}'s again"

    lines = [f"{level} is called as the contacts file says, from now on."]
    screen.app.push_screen(YesDialog("end the hand-over", lines, lambda dialog: screen.desk.do(call, dialog)))


def ask_page(screen: CockpitScreen) -> None:
    """Call a person, a level or all of them now."""
    if not screen.may():
        return

    def given(form: Given, dialog: FormDialog) -> None:
        def call(client: OpsClient) -> str:
            people = ", ".join(one.person for one in client.page(form["who"], form["text"]).deliveries)
            return f"called: {one_line(people) or one_line(form['who'])}"

        screen.desk.do(call, dialog)

    fields = (
        Field("who", "whom: a person of the contacts file, L1, L2, L3 or all"),
        Field("text", "what about"),
    )
    screen.app.push_screen(FormDialog("call somebody", fields, given))


def _level(text: str) -> None:
    if text.upper() not in _LEVELS:
        raise ValueError(f"{text!r} is no level: {', '.join(_LEVELS)}")


def _fault(form: Given) -> FormFault | None:
    return first_fault(form, level=_level, span=seconds_typed)
