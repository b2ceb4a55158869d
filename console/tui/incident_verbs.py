"""Everything that a person does with an incident: a key, what is asked for, the call, and what is told afterwards."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial

import msgspec

from alerts.checklist import SIX_STEPS
from alerts.wire import IncidentView, Role
from console.model.moment import parse_moment
from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError
from console.ops_api.next_state import move_on
from console.text.forms import seconds_typed
from console.text.plain import clock, one_line
from console.tui.bulk import each
from console.tui.dialogs import ChoiceDialog, YesDialog
from console.tui.form_dialog import Field, FormDialog, FormFault, Given, first_fault, one_of
from console.tui.ownership import give_back
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.undo import Reversible

_REASON = Field("reason", "why")
_MAY_CLOSE = ("resolved", "reviewing")
"""Where it stands otherwise, the daemon says why it cannot be closed, and nothing is put down or shared before."""


class VerbKey(msgspec.Struct, frozen=True):
    """One of them."""

    name: str
    key: str
    words: str
    """What it does, for hints and the list of all verbs."""
    call: Callable[[OpsClient, int, Given], IncidentView]
    done: str
    """What is told afterwards, behind ``incident 42``."""
    fields: tuple[Field, ...] = ()
    asks: bool = False
    """Whether a verb without fields wants a ``y``."""
    needs: Role = "responder"
    told: Callable[[IncidentView, str], str] | None = None
    """What is told in the place of that, of the incident as it is now and whoever asks."""
    take_back: Callable[[OpsClient, int, Given], str] | None = None
    """What undoes it within some seconds."""

    def words_after(self, incident: IncidentView, me: str) -> str:
        """What is told once it is done."""
        return self.told(incident, me) if self.told else f"incident {incident.id} {self.done}"


def _to(state: str) -> Callable[[OpsClient, int, Given], IncidentView]:
    def move(client: OpsClient, number: int, given: Given) -> IncidentView:
        return move_on(client, number, state, given.get("reason", ""))

    return move


def _record(path: str) -> Callable[[OpsClient, int, Given], IncidentView]:
    return lambda client, number, given: client.record(number, path, dict(given))


def _taken(incident: IncidentView, me: str) -> str:
    since = clock(incident.acknowledged_at)
    if incident.acknowledged_by == me:
        return f"incident {incident.id} is yours since {since}"
    return f"incident {incident.id} is {one_line(incident.acknowledged_by or 'nobody')}'s since {since}, not yours"


def _hold(client: OpsClient, number: int, given: Given) -> IncidentView:
    return client.acknowledge(number, for_s=seconds_typed(given["span"]))


def _held(incident: IncidentView, me: str) -> str:
    until = f" until {clock(incident.acknowledged_until)}" if incident.acknowledged_until else ""
    return f"{_taken(incident, me)}{until}"


def _note_of_earlier(client: OpsClient, number: int, given: Given) -> IncidentView:
    return client.note(number, given["text"], at=given["at"])


def _unwrite(client: OpsClient, number: int, given: Given) -> str:
    """The timeline only grows: a note is taken back by another one."""
    client.note(number, f"taken back: {given['text']}")
    return f"the note on incident {number} is taken back"


def _merge(client: OpsClient, number: int, given: Given) -> IncidentView:
    return client.record(number, "merge", {"into": int(given["into"])})


def _followup(client: OpsClient, number: int, given: Given) -> IncidentView:
    body = {"text": given["text"], "owner": given["owner"], "due_on": given["due"] or None}
    return client.record(number, "followups", body)


def _close(client: OpsClient, number: int, given: Given) -> IncidentView:
    """Close it with what an incident that was critical needs for that, in the order in which it is needed.

    What an earlier try has put down, before it was refused, is not put down again.
    """
    incident = client.incident(number)
    if incident.state not in _MAY_CLOSE:
        return move_on(client, number, "closed")
    # Asked before anything is put down: the form may have known less of it than is known now.
    if _needs_sharing(incident) and not (given["cause"] or incident.root_cause):
        raise InvalidRequestError("missing: what caused it: a critical incident is closed with its cause")
    if given["cause"] and given["cause"] != incident.root_cause:
        client.record(number, "root-cause", {"text": given["cause"]})
    if given["text"] and all(given["text"] != one.text for one in incident.followups):
        _followup(client, number, given)
    if _needs_sharing(client.incident(number)):
        client.share_postmortem(number)
    return move_on(client, number, "closed")


def _followup_done(client: OpsClient, number: int, given: Given) -> IncidentView:
    return client.record(number, f"followups/{int(given['number'])}/done", {})


def _tick(*, done: bool) -> Callable[[OpsClient, int, Given], IncidentView]:
    def put_down(client: OpsClient, number: int, given: Given) -> IncidentView:
        body = {"done": done, "reason": given.get("reason", "")}
        return client.record(number, f"checklist/{given['step']}", body)

    return put_down


def _on_it(*, on: bool) -> Callable[[OpsClient, int, Given], IncidentView]:
    return lambda client, number, given: client.record(number, "people", {**given, "on": on})


def _by(call: Callable[[OpsClient, int, Given], IncidentView]) -> Callable[[OpsClient, int, Given], str]:
    """Taken back by the opposite verb."""
    return lambda client, number, given: f"taken back on incident {call(client, number, given).id}"


_STEP = Field("step", f"which step: {', '.join(SIX_STEPS)}")
_ONE = Field("person", "who; empty for you", required=False)
VERBS = (
    VerbKey(
        "ack", "a", "acknowledge", lambda c, n, _: c.acknowledge(n), "is acknowledged", told=_taken,
        take_back=lambda c, n, _: give_back(c, n),
    ),
    VerbKey(
        "hold", "A", "acknowledge for longer", _hold, "is acknowledged",
        (Field("span", "for how long, without activity", "2h"),), told=_held,
    ),
    VerbKey("unack", "G", "give it back", lambda c, n, _: c.unacknowledge(n), "is open again"),
    VerbKey(
        "note", "c", "note", lambda c, n, given: c.note(n, given["text"]), "has the note", (Field("text", "note"),),
        take_back=_unwrite,
    ),
    VerbKey(
        "note-earlier", "n", "note of earlier", _note_of_earlier, "has the note",
        (Field("at", "when it was, such as 03:12 or 10m"), Field("text", "note")), take_back=_unwrite,
    ),
    VerbKey("investigate", "i", "investigate", _to("investigating"), "is being investigated"),
    VerbKey("escalate", "E", "escalate", _record("escalate"), "is told to the next level", (_REASON,)),
    VerbKey("assign", "S", "assign", _record("assign"), "is assigned", (Field("person", "to whom"),)),
    VerbKey(
        "severity", "v", "severity", _record("severity"), "has another severity",
        (Field("severity", "critical, warning or info"), _REASON),
    ),
    VerbKey("major", "M", "major incident", _record("major"), "is a major incident", (_REASON,)),
    VerbKey("resolve", "e", "resolve", _to("resolved"), "is resolved; C on its page closes it", (_REASON,)),
    VerbKey("dismiss", "F", "false positive", _to("false_positive"), "was a false positive", (_REASON,)),
    VerbKey("review", "w", "review", _to("reviewing"), "is in review", asks=True),
    VerbKey(
        "close", "C", "close, post-mortem shared", _close, "is closed",
        (
            Field("cause", "what caused it", required=False),
            Field("text", "follow-up: what is to be done", required=False),
            Field("owner", "by whom", required=False), Field("due", "until when, as YYYY-MM-DD", required=False),
        ),
    ),
    VerbKey("reopen", "O", "reopen", _to("open"), "is open again", asks=True),
    VerbKey(
        "merge", "m", "merge", _merge, "is merged", (Field("into", "into which incident (its number)"),)
    ),
    VerbKey("unmerge", "U", "unmerge", _record("unmerge"), "is an incident of its own again", asks=True),
    VerbKey(
        "root-cause", "t", "root cause", _record("root-cause"), "has its root cause",
        (Field("text", "what caused it"),),
    ),
    VerbKey(
        "followup", "f", "follow-up", _followup, "has its follow-up put down",
        (
            Field("text", "what is to be done"), Field("owner", "by whom", required=False),
            Field("due", "until when, as YYYY-MM-DD", required=False),
        ),
    ),
    VerbKey(
        "followup-done", "D", "follow-up done", _followup_done, "has a follow-up done",
        (Field("number", "which follow-up (its number)"),),
    ),
    VerbKey(
        "tick", "T", "tick a step", _tick(done=True), "has the step ticked",
        (_STEP, Field("reason", "what shows it", required=False)), take_back=_by(_tick(done=False)),
    ),
    VerbKey(
        "untick", "N", "step is to be done", _tick(done=False), "has the step to be done", (_STEP, _REASON),
        take_back=_by(_tick(done=True)),
    ),
    VerbKey(
        "join", "J", "join, or add somebody", _on_it(on=True), "has one more on it", (_ONE,),
        take_back=_by(_on_it(on=False)),
    ),
    VerbKey(
        "leave", "X", "leave, or let somebody go", _on_it(on=False), "has one less on it", (_ONE,),
        take_back=_by(_on_it(on=True)),
    ),
    VerbKey("link", "L", "link", _record("links"), "has the link", (Field("url", "address"),)),
    VerbKey(
        "report", "b", "user's report", _record("reports"), "has the user's report",
        (Field("text", "what the user reports"),),
    ),
    VerbKey(
        "share", "P", "share post-mortem", lambda c, n, _: c.share_postmortem(n), "has its post-mortem shared",
        asks=True,
    ),
)  # fmt: skip
BY_NAME = {verb.name: verb for verb in VERBS}


_SEVERITIES = ("critical", "warning", "info")


def fault_in(given: Given) -> FormFault | None:
    """What in a form cannot be right, so that it is told before anything is sent; None where nothing is."""
    return first_fault(
        given,
        into=_number,
        number=_number,
        step=one_of(SIX_STEPS, f"there is no step {{}}; there are {', '.join(SIX_STEPS)}"),
        severity=one_of(_SEVERITIES, "{} is no severity: critical, warning or info"),
        span=seconds_typed,
        at=lambda text: parse_moment(text, datetime.now(UTC)),
        due=_day,
    )


def _number(text: str) -> None:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no number")


def _day(text: str) -> None:
    try:
        date.fromisoformat(text or "2026-01-01")
    except ValueError:
        raise ValueError(f"{text!r} is no day; write for instance 2026-02-14") from None


def ask_verb(screen: CockpitScreen, verb: VerbKey, *incident_ids: int) -> None:
    """Say what the role may not do, else ask for what the verb needs, then do it to each."""
    refusal = screen.situation.refusal(verb.needs)
    if refusal:
        screen.say(refusal, bad=True)
        return
    about = f"incident {incident_ids[0]}" if len(incident_ids) == 1 else f"{len(incident_ids)} incidents"

    def act(given: Given, dialog: FormDialog | YesDialog | None = None) -> None:
        if "at" in given:
            at = parse_moment(given["at"], screen.situation.clock.now())
            given = {**given, "at": at.isoformat()}
        known = screen.situation.board.incidents.get(incident_ids[0])
        held = verb.name == "ack" and known is not None and known.acknowledged_by is not None
        call = _call_of(verb, incident_ids, given, screen.situation.user, may_undo=not held)
        screen.desk.do(call, dialog)

    fields = verb.fields
    if verb.name == "close" and len(incident_ids) == 1:
        known = screen.situation.board.incidents.get(incident_ids[0])
        if known is not None and known.state not in _MAY_CLOSE and known.state != "closed":
            screen.say(f"{about} is {known.state}: resolve it first (e), then close it", bad=True)
            return
        fields = _fields_to_close(known) if known is not None else fields
    if fields:
        screen.app.push_screen(FormDialog(f"{verb.words} · {about}", fields, act, fault_in))
    elif verb.asks or len(incident_ids) > 1:
        lines = [f"{about}: {verb.words}", f"environment  {screen.situation.target}"]
        screen.app.push_screen(YesDialog(verb.words, lines, lambda dialog: act({}, dialog)))
    else:
        act({})


def _fields_to_close(incident: IncidentView) -> tuple[Field, ...]:
    """As the verb has them; those that a critical incident needs and has not yet are required."""
    labels = {}
    if _needs_sharing(incident) and not incident.root_cause:
        labels["cause"] = "what caused it (a critical incident needs a cause)"
    if _is_critical(incident) and not incident.followups:
        labels["text"] = "follow-up: what is to be done (a critical incident needs one)"
    return tuple(
        msgspec.structs.replace(field, label=labels[field.name], required=True)
        if field.name in labels
        else field
        for field in BY_NAME["close"].fields
    )


def _is_critical(incident: IncidentView) -> bool:
    return "critical" in (incident.severity, incident.worst_severity)


def _needs_sharing(incident: IncidentView) -> bool:
    """Whether its post-mortem has to be shared before it may be closed."""
    return _is_critical(incident) and incident.postmortem_shared_at is None


def _call_of(
    verb: VerbKey, incident_ids: Sequence[int], given: Given, me: str, *, may_undo: bool
) -> Callable[[OpsClient], str | Reversible]:
    take_back = verb.take_back

    def one(client: OpsClient) -> Reversible:
        number = incident_ids[0]
        incident = verb.call(client, number, given)
        words = verb.words_after(incident, me)
        anothers = verb.name == "ack" and incident.acknowledged_by != me
        if take_back is None or anothers or not may_undo:
            return Reversible(words, left=incident)
        return Reversible(
            f"{words}; u undoes it within 10 s", lambda client: take_back(client, number, given), incident
        )

    def all_of_them(client: OpsClient) -> str:
        things = ((f"incident {n}", partial(verb.call, client, n, given)) for n in incident_ids)
        return each(things, f"had: {verb.words}", "incident")

    return one if len(incident_ids) == 1 else all_of_them


def choose_verb(screen: CockpitScreen, *incident_ids: int) -> None:
    """All verbs to choose from."""
    choices = [(verb.name, f"{verb.key}  {verb.words}") for verb in VERBS]

    def chosen(name: str | None) -> None:
        if name is not None:
            ask_verb(screen, BY_NAME[name], *incident_ids)

    about = f"incident {incident_ids[0]}" if len(incident_ids) == 1 else f"{len(incident_ids)} incidents"
    screen.app.push_screen(ChoiceDialog(about, choices), chosen)
