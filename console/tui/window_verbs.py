"""Everything that a person does with a maintenance window: a key, what is asked for, the call, and what is told afterwards."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from alerts.maintenance import PRE_CHECKS, WINDOW_TRANSITIONS, MaintenanceView, WindowVerb
from console.model.moment import parse_moment
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.execution import follow_output, new_execution_id, result_line
from console.text.forms import matchers_typed, seconds_typed
from console.text.maintenance_page import window_word
from console.text.plain import one_line
from console.tui.dialogs import ChoiceDialog, YesDialog
from console.tui.form_dialog import Field, FormDialog, FormFault, Given, first_fault, one_of
from console.tui.public_verbs import ask_published
from console.tui.screens.cockpit_screen import CockpitScreen
from runbooks.wire import ExecutionRequest

_PUBLIC = Field("text", "what the public is told", required=False)
_REASON = Field("reason", "why, for ourselves", required=False)
_BEGINS = Field("reason", "why it begins, where not all was looked after", required=False)
_ENDS = Field("reason", "why it ends, where not all is well", required=False)


class WindowKey(msgspec.Struct, frozen=True):
    """One thing that is done to a window."""

    name: str
    words: str
    done: str
    """What is told afterwards, behind ``maintenance 3``."""
    fields: tuple[Field, ...] = ()
    transition: WindowVerb | None = None
    """The step that it is for the window; None where it is none."""


VERBS = (
    WindowKey(
        "check", "pre-check", "has that looked after",
        (
            Field("check", f"which: {', '.join(PRE_CHECKS)}"), Field("text", "what was seen", required=False),
            Field("run", "or the run of a step that shows it (its id)", required=False),
        ),
        WindowVerb.CHECK,
    ),
    WindowKey("check-in", "check in", "is in progress", (_PUBLIC, _BEGINS), WindowVerb.CHECK_IN),
    WindowKey("update", "update", "is updated", (Field("text", "what the public is told"),), WindowVerb.UPDATE),
    WindowKey("no-change", "nothing new", "is updated", (), WindowVerb.UPDATE),
    WindowKey(
        "extend", "extend", "is longer", (Field("span", "by how much", "30m"), _PUBLIC), WindowVerb.EXTEND
    ),
    WindowKey("verify", "verify", "is verified", (_PUBLIC,), WindowVerb.VERIFY),
    WindowKey("complete", "complete", "is completed", (_PUBLIC, _ENDS), WindowVerb.COMPLETE),
    WindowKey("cancel", "cancel", "is cancelled", (_PUBLIC, _REASON), WindowVerb.CANCEL),
    WindowKey(
        "reschedule", "another time", "has another time",
        (Field("begins", "when it begins: 2026-03-14T12:00Z, or 25h from now"), _PUBLIC), WindowVerb.RESCHEDULE,
    ),
    WindowKey("correct", "correct words", "is corrected", (Field("text", "what the latest update says instead"),)),
)  # fmt: skip
ANNOUNCE = WindowKey("announce", "announce", "is announced", transition=WindowVerb.ANNOUNCE)


def verbs_for(window: MaintenanceView) -> list[WindowKey]:
    """What may be done to a window as it stands, the next step first."""
    possible = {verb for (state, verb) in WINDOW_TRANSITIONS if state == window.state}
    first = [] if window.announced_at else [ANNOUNCE]
    return [
        v for v in (*first, *VERBS) if v.transition in possible or (v.transition is None and window.updates)
    ]


def choose_window_verb(screen: CockpitScreen, window: MaintenanceView) -> None:
    """All that may be done to it now, to choose from; what the role may not do is said before."""
    if not screen.may():
        return
    verbs = {verb.name: verb for verb in verbs_for(window)}
    if not verbs:
        screen.say(f"maintenance {window.id} is {window.state}: nothing more comes of it", bad=True)
        return

    def chosen(name: str | None) -> None:
        if name == ANNOUNCE.name:
            _ask_announcement(screen, window)
        elif name is not None:
            _ask_verb(screen, verbs[name], window)

    title = f"maintenance {window.id} · {window_word(window)}"
    screen.app.push_screen(ChoiceDialog(title, [(v.name, v.words) for v in verbs.values()]), chosen)


def ask_schedule(screen: CockpitScreen) -> None:
    """Plan a window."""
    if not screen.may():
        return
    fields = (
        Field("title", "what is done"), Field("begins", "when: 2026-03-14T12:00Z, 14:00, or 25h from now", "25h"),
        Field("span", "for how long", "1h"), Field("matchers", "which alerts call nobody: service=postgres"),
        Field("reason", "why, for ourselves"), Field("text", "what the public is told", required=False),
        Field("components", "components of the public page, with commas between", required=False),
    )  # fmt: skip
    now = screen.situation.clock.now()

    def given(form: Given, dialog: FormDialog) -> None:
        begins = parse_moment(form["begins"], now, ahead=True)
        body = {
            "title": form["title"], "reason": form["reason"], "body": form["text"], "owner": "",
            "matchers": [str(matcher) for matcher in matchers_typed(form["matchers"])],
            "components": [name.strip() for name in form["components"].split(",") if name.strip()],
            "starts_at": begins.isoformat(), "ends_at": _after(begins, form["span"]).isoformat(),
        }  # fmt: skip
        screen.desk.do(
            lambda client: f"maintenance {client.schedule_maintenance(body).id} is planned", dialog
        )

    screen.app.push_screen(FormDialog("plan a window", fields, given, lambda form: _fault(form, now)))


def _ask_announcement(screen: CockpitScreen, window: MaintenanceView) -> None:
    """What is published is exactly what was shown: its digest goes with the word."""

    def publish(client: OpsClient, shown: Mapping[str, str]) -> str:
        done = client.step_maintenance(window.id, "announce", {"digest": shown["digest"]})
        return f"maintenance {done.id} is announced"

    ask_published(screen, lambda client: client.maintenance_preview(window.id), publish)


def _ask_verb(screen: CockpitScreen, verb: WindowKey, window: MaintenanceView) -> None:
    now = screen.situation.clock.now()

    def act(form: Given, dialog: FormDialog | YesDialog) -> None:
        body = _body(verb, form, now)

        def call(client: OpsClient) -> str:
            if verb.name == "verify":
                return _verify(client, window.id, body)
            return f"maintenance {client.step_maintenance(window.id, verb.name, body).id} {verb.done}"

        screen.desk.do(call, dialog)

    title = f"{verb.words} · maintenance {window.id}"
    if verb.fields:
        screen.app.push_screen(FormDialog(title, verb.fields, act, lambda given: _fault(given, now)))
    else:
        lines = [one_line(window.title), f"environment  {screen.situation.target}"]
        screen.app.push_screen(YesDialog(title, lines, lambda dialog: act({}, dialog)))


def _body(verb: WindowKey, form: Given, now: datetime) -> dict[str, object]:
    body: dict[str, object] = {name: text for name, text in form.items() if name not in ("span", "begins")}
    if "span" in form:
        body["for_s"] = seconds_typed(form["span"])
        body["ends_at"] = None
    if "begins" in form:
        body["starts_at"] = parse_moment(form["begins"], now, ahead=True).isoformat()
        body["ends_at"] = None
    if verb.name == "correct":
        body["update"] = ""
    return body


def _verify(client: OpsClient, number: int, body: Mapping[str, object]) -> str:
    """Ask the service as a caller would, and put that down. Raises ``OpsError`` where it is not well."""
    client.step_maintenance(number, "verify", body)
    request = ExecutionRequest(execution_id=new_execution_id(), action="smoke-test", maintenance_id=number)
    client.execute(request)
    printed: list[str] = []
    ended = follow_output(client, request.execution_id, lambda output: printed.append(output.stdout.data))
    if not client.maintenance(number).verified:
        said = next((f" ({one_line(line)})" for line in reversed("".join(printed).splitlines()) if line), "")
        raise OpsError(f"maintenance {number} is not verified: {result_line(ended)}{said}")
    return f"maintenance {number} is verified"


def _after(begins: datetime, span: str) -> datetime:
    return begins + timedelta(seconds=seconds_typed(span))


def _fault(form: Given, now: datetime) -> FormFault | None:
    fault = first_fault(
        form,
        begins=lambda text: parse_moment(text, now, ahead=True),
        span=seconds_typed,
        matchers=matchers_typed,
        check=one_of(PRE_CHECKS, f"{{}} is no pre-check: {', '.join(PRE_CHECKS)}"),
    )
    if fault is None and "run" in form and not (form["run"] or form["text"]):
        return FormFault("say what was seen, or name the run that shows it", "text")
    return fault
