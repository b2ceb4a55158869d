"""One verb for many: what is done to all marked alerts, and what is told where some of it is refused."""

from collections.abc import Callable, Container, Iterable, Sequence
from datetime import timedelta
from functools import partial

import msgspec

from alerts.wire import AlertView, MatcherView
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError, InvalidRequestError, NotThereError, OpsError
from console.text.forms import seconds_typed
from console.text.plain import clock, one_line
from console.tui.dialogs import ChoiceDialog, YesDialog
from console.tui.form_dialog import Field, FormDialog, FormFault, Given, first_fault
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.undo import Reversible

_LISTED = 6
Act = Callable[[OpsClient, Given], object]


class BulkVerb(msgspec.Struct, frozen=True):
    """One thing that is done to many alerts."""

    name: str
    words: str
    done: str
    """What is told afterwards, behind the number."""
    fields: tuple[Field, ...] = ()


ACK = BulkVerb("ack", "acknowledge", "acknowledged")
UNACK = BulkVerb("unack", "give back", "given back")
NOTE = BulkVerb("note", "note", "noted", (Field("text", "note"),))
ASSIGN = BulkVerb("assign", "assign", "assigned", (Field("person", "to whom"),))
SILENCE = BulkVerb(
    "silence", "silence", "silenced", (Field("span", "for how long", "2h"), Field("comment", "why"))
)
UNSILENCE = BulkVerb("unsilence", "end the silences", "ended")
VERBS = (ACK, UNACK, NOTE, ASSIGN, SILENCE, UNSILENCE)


def each(things: Iterable[tuple[str, Callable[[], object]]], done: str, what: str) -> str:
    """Do one thing after another, whatever becomes of each; how many were done, and the first that was not and why.

    Raises ``OpsError`` where the daemon is not reached, for what follows would not reach it either; and where not one
    of them was done.
    """
    good, refused = 0, []
    for name, do in things:
        try:
            do()
            good += 1
        except (CallRefusedError, InvalidRequestError, NotThereError) as error:
            refused.append(f"{name}: {one_line(str(error))}")
        except OpsError as error:
            raise OpsError(f"{good} {done}, then: {error}") from error
    more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
    told = f"{good} {what}{'s' * (good != 1)} {done}" + (
        f"; {len(refused)} not: {refused[0]}{more}" if refused else ""
    )
    if refused and not good:
        raise CallRefusedError(told)
    return told


def targets_of(verb: BulkVerb, alerts: Sequence[AlertView]) -> list[tuple[str, str]]:
    """(what is acted on, its words) of a verb, each once: incidents, alerts or silences."""
    found: dict[str, str] = {}
    for alert in alerts:
        words = f"{one_line(alert.alertname)} {one_line(alert.service)}"
        if verb is SILENCE:
            found.setdefault(alert.fingerprint, words)
        elif verb is UNSILENCE:
            found.update((silence, f"silence {silence[:8]} of {words}") for silence in alert.silenced_by)
        elif alert.incident_id is not None:
            found.setdefault(str(alert.incident_id), f"incident {alert.incident_id} {words}")
    return list(found.items())


def choose_bulk(screen: CockpitScreen, alerts: Sequence[AlertView], after: Callable[[], None]) -> None:
    """All verbs for many to choose from."""
    by_name = {verb.name: verb for verb in VERBS}
    choices = [(verb.name, f"{verb.words:<18} {len(targets_of(verb, alerts))}") for verb in VERBS]

    def chosen(name: str | None) -> None:
        if name is not None:
            ask_bulk(screen, by_name[name], alerts, after)

    screen.app.push_screen(ChoiceDialog(f"{len(alerts)} marked alerts", choices), chosen)


def ask_bulk(
    screen: CockpitScreen, verb: BulkVerb, alerts: Sequence[AlertView], after: Callable[[], None]
) -> None:
    """Say what the role may not do and how many it is about, ask for what the verb needs, then do it to all.

    What is acted on is what was marked when it was asked; ``after`` is called once it is done.
    """
    if not screen.may():
        return
    targets = targets_of(verb, alerts)
    if not targets:
        screen.say(f"nothing of what is marked can be {verb.done}", bad=True)
        return
    count = f"{verb.words} {len(targets)}"
    taken = {str(alert.incident_id) for alert in alerts if alert.acknowledged_by}

    def act(given: Given, dialog: FormDialog | YesDialog) -> None:
        call = _call_of(screen, verb, given)

        def do(client: OpsClient) -> Reversible:
            made: list[str] = []

            def act_on(target: str) -> None:
                # What a silence is ended by is known once it is set; an incident is given back by its number.
                made.append(str(call(client, target) or target))

            things = ((words, partial(act_on, target)) for target, words in targets)
            told = each(things, verb.done, _noun(verb))
            take_back = _take_back(verb, made, taken)
            return Reversible(f"{told}; u undoes it within 10 s" if take_back else told, take_back)

        screen.desk.do(do, dialog)

    def closed(done: bool | None) -> None:
        if done:
            after()

    if verb.fields:
        screen.app.push_screen(FormDialog(count, verb.fields, act, _fault), closed)
        return
    lines = [words for _, words in targets[:_LISTED]]
    more = [f"and {len(targets) - _LISTED} more"] if len(targets) > _LISTED else []
    lines = [*lines, *more, "", f"environment  {screen.situation.target}"]
    screen.app.push_screen(YesDialog(count, lines, lambda dialog: act({}, dialog)), closed)


def _take_back(
    verb: BulkVerb, made: Sequence[str], taken: Container[str]
) -> Callable[[OpsClient], str] | None:
    """What undoes a verb on many; incidents that somebody had before stay theirs."""
    if verb is SILENCE and made:
        return lambda client: each(
            ((one[:8], partial(client.end_silence, one)) for one in made), "ended", "silence"
        )
    fresh = [one for one in made if one not in taken]
    if verb is ACK and fresh:
        return lambda client: each(
            ((f"incident {one}", partial(client.unacknowledge, int(one))) for one in fresh),
            UNACK.done,
            "incident",
        )
    return None


def _call_of(screen: CockpitScreen, verb: BulkVerb, given: Given) -> Callable[[OpsClient, str], object]:
    if verb is ACK:
        return _take(screen.situation.user)
    if verb is UNACK:
        return lambda client, target: client.unacknowledge(int(target))
    if verb is NOTE:
        return lambda client, target: client.note(int(target), given["text"])
    if verb is ASSIGN:
        return lambda client, target: client.record(int(target), "assign", {"person": given["person"]})
    if verb is UNSILENCE:
        return lambda client, target: client.end_silence(target)
    begins = screen.situation.clock.now()
    ends = begins + timedelta(seconds=seconds_typed(given["span"]))
    rows = screen.situation.board.alerts.rows

    def silence(client: OpsClient, target: str) -> str:
        if target not in rows:
            raise NotThereError("it is gone from the board")
        return client.set_silence(_exactly(rows[target]), begins, ends, given["comment"])

    return silence


def _exactly(alert: AlertView) -> tuple[MatcherView, ...]:
    """Matchers of this alert and no other: what was not marked goes on calling people."""
    return tuple(
        MatcherView(name=name, value=value, is_regex=False, is_equal=True)
        for name, value in sorted(alert.labels.items())
    )


def _take(me: str) -> Callable[[OpsClient, str], object]:
    """Take an incident unless somebody else has it."""

    def take(client: OpsClient, target: str) -> None:
        incident = client.acknowledge(int(target))
        if incident.acknowledged_by != me:
            raise CallRefusedError(
                f"it is {incident.acknowledged_by}'s since {clock(incident.acknowledged_at)}"
            )

    return take


def _noun(verb: BulkVerb) -> str:
    return "silence" if verb is UNSILENCE else "alert" if verb is SILENCE else "incident"


def _fault(given: Given) -> FormFault | None:
    return first_fault(given, span=seconds_typed)
