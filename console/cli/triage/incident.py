"""`ops incident`: one incident, and everything that a person does with it."""

import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

import click

from alerts.checklist import SIX_STEPS
from alerts.whole_number import parse_whole_number
from alerts.wire import IncidentView
from console.cli.answer import say
from console.cli.completions import incident_numbers, incident_verbs, incident_words
from console.cli.last_deed import remember
from console.cli.meant import incident_meant, take_up
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.cli.triage.incidents import show_incident
from console.ops_api.client import OpsClient
from console.ops_api.deed import DeedKind, deed_of, has_done
from console.ops_api.next_state import move_on
from console.ops_api.which_daemon import DaemonChoice
from console.text.call_list import paging_line

_SEVERITIES = ("critical", "warning", "info")


class Given(NamedTuple):
    """What stands on the command line behind the verb."""

    words: Sequence[str]
    reason: str
    owner: str
    due: str | None


class IncidentVerb(NamedTuple):
    """Something that can be done to an incident."""

    words: str
    """What has to follow it, as its usage says."""
    call: Callable[[OpsClient, int, Given], IncidentView]
    done: str
    """What is said afterwards."""
    undoable: DeedKind | None = None
    """What `ops undo` takes it for; None where it has no way back, or one that is a decision of its own."""


def _to(state: str) -> Callable[[OpsClient, int, Given], IncidentView]:
    def move(client: OpsClient, number: int, given: Given) -> IncidentView:
        return move_on(client, number, state, given.reason)

    return move


def _record(path: str, *names: str) -> Callable[[OpsClient, int, Given], IncidentView]:
    def put_down(client: OpsClient, number: int, given: Given) -> IncidentView:
        body: dict[str, object] = dict(zip(names, given.words, strict=True))
        if path in ("major", "escalate"):
            body["reason"] = given.reason
        return client.record(number, path, body)

    return put_down


def _severity(client: OpsClient, number: int, given: Given) -> IncidentView:
    severity = given.words[0].lower()
    if severity not in _SEVERITIES:
        raise click.UsageError(f"{given.words[0]!r} is no severity; there are {', '.join(_SEVERITIES)}")
    return client.record(number, "severity", {"severity": severity, "reason": given.reason})


def _merge(client: OpsClient, number: int, given: Given) -> IncidentView:
    into = parse_whole_number(given.words[0])
    if into is None:
        raise click.UsageError("a merge names the number of an open incident: ops incident 42 merge 40")
    return client.record(number, "merge", {"into": into})


def _unmerge(client: OpsClient, number: int, given: Given) -> IncidentView:
    return client.record(number, "unmerge", {})


def _followup(client: OpsClient, number: int, given: Given) -> IncidentView:
    kind, word = given.words
    if kind == "done" and word.isdecimal():
        return client.record(number, f"followups/{word}/done", {})
    if kind != "add":
        raise click.UsageError('write followup add "what is to be done" or followup done 1')
    return client.record(number, "followups", {"text": word, "owner": given.owner, "due_on": given.due})


def _tick(*, done: bool) -> Callable[[OpsClient, int, Given], IncidentView]:
    def tick(client: OpsClient, number: int, given: Given) -> IncidentView:
        step = given.words[0]
        if step not in SIX_STEPS:
            raise click.UsageError(f"there is no step {step!r}; there are {', '.join(SIX_STEPS)}")
        return client.record(number, f"checklist/{step}", {"done": done, "reason": given.reason})

    return tick


def _person(*, on: bool) -> Callable[[OpsClient, int, Given], IncidentView]:
    def move(client: OpsClient, number: int, given: Given) -> IncidentView:
        return client.record(number, "people", {"person": given.words[0] if given.words else "", "on": on})

    return move


VERBS = {
    "investigate": IncidentVerb("", _to("investigating"), "is being investigated"),
    "resolve": IncidentVerb("", _to("resolved"), "is resolved"),
    "review": IncidentVerb("", _to("reviewing"), "is in review"),
    "close": IncidentVerb("", _to("closed"), "is closed"),
    "reopen": IncidentVerb("", _to("open"), "is open again"),
    "dismiss": IncidentVerb("", _to("false_positive"), "was a false positive"),
    "merge": IncidentVerb("INCIDENT", _merge, "is merged", "merge"),
    "unmerge": IncidentVerb("", _unmerge, "is an incident of its own again"),
    "escalate": IncidentVerb("", _record("escalate"), "is told to the next level"),
    "major": IncidentVerb("", _record("major"), "is a major incident"),
    "assign": IncidentVerb("PERSON", _record("assign", "person"), "is assigned"),
    "severity": IncidentVerb("|".join(_SEVERITIES), _severity, "has another severity"),
    "root-cause": IncidentVerb("TEXT", _record("root-cause", "text"), "has its root cause"),
    "followup": IncidentVerb("add TEXT | done NUMBER", _followup, "has its follow-up put down"),
    "tick": IncidentVerb("STEP", _tick(done=True), "has the step ticked", "tick"),
    "untick": IncidentVerb("STEP", _tick(done=False), "has the step to be done", "untick"),
    "join": IncidentVerb("[PERSON]", _person(on=True), "has one more on it", "join"),
    "leave": IncidentVerb("[PERSON]", _person(on=False), "has one less on it", "leave"),
    "link": IncidentVerb("URL", _record("links", "url"), "has the link"),
    "report": IncidentVerb("TEXT", _record("reports", "text"), "has the user's report"),
}
_OF_OTHERS = {
    "ack": "ops ack {}", "acknowledge": "ops ack {}", "take": "ops ack {}", "unack": "ops unack {}", "release": "ops unack {}",
    "note": 'ops note {} "TEXT"', "comment": 'ops note {} "TEXT"', "page": 'ops page WHO "TEXT"', "call": 'ops page WHO "TEXT"',
    "postmortem": "ops postmortem {}", "show": "ops incident {}", "open": "ops open {}", "verify": "ops verify --incident {}",
    "publish": 'ops public publish "TITLE" "TEXT" --incident {}',
}  # fmt: skip
"""Verbs that are commands of their own, with the incident's number in them."""
_TWO_WORDS = frozenset({"followup"})
_REASONED = frozenset({"resolve", "dismiss", "severity", "major", "escalate", "tick"})


@click.command()
@click.argument("incident", shell_complete=incident_numbers)
@click.argument("verb", required=False, shell_complete=incident_verbs)
@click.argument("words", nargs=-1, shell_complete=incident_words)
@click.option("--reason", default="", help="Why: of resolve, dismiss, severity, major, escalate, tick.")
@click.option("--owner", default="", help="Of followup add: who does it.")
@click.option("--due", metavar="2026-02-14", help="Of followup add: by when.")
@click.option("--service", help="Of declare: what is affected.")
@click.option("--severity", default="critical", show_default=True, help="Of declare.")
@watched
@as_json
@reaches_ops
@click.pass_obj
def incident(
    which: DaemonChoice,
    incident: str,
    verb: str | None,
    words: tuple[str, ...],
    reason: str,
    owner: str,
    due: str | None,
    service: str | None,
    severity: str,
    watch: bool,
    as_json: bool,
) -> None:
    """One INCIDENT with its timeline, or with a VERB what is done to it.

    \b
    investigate  resolve  review  close  reopen  dismiss
    merge INCIDENT  unmerge  escalate  major  assign PERSON  severity SEVERITY
    tick STEP  untick STEP  join [PERSON]  leave [PERSON]
    root-cause TEXT  followup add TEXT  followup done NUMBER  link URL  report TEXT
    ops incident declare TITLE --service S   opens one without an alert

    A critical one is closed after root-cause, followup add and ops postmortem INCIDENT --share.

    \b
    Examples:
      ops incident 42
      ops incident 42 resolve --reason "the probe was wrong"
      ops incident 42 followup add "alert on disk" --owner ana --due 2026-02-14
    """
    client = client_of(which)
    if incident == "declare":
        if verb is None or words or service is None:
            raise click.UsageError('write ops incident declare "checkout is slow" --service api')
        _say(client.declare(verb, service, severity), "is open", as_json=as_json)
        return
    if verb is not None and (incident in VERBS or incident in _OF_OTHERS):
        right = _OF_OTHERS.get(incident, f"ops incident {{}} {incident}").format(verb)
        raise click.UsageError(f"the number comes before the verb: {right}")
    number = incident_meant(which, client, incident)
    if verb is None:
        take_up(which, client.incident(number).id)
        show_incident(client, number, watch=watch, as_json=as_json)
        return
    if watch:
        raise click.UsageError("--watch shows the incident and changes nothing: leave out the verb")
    known = _known(verb, number)
    most = 2 if verb in _TWO_WORDS else 1 if known.words else 0
    fewest = 0 if known.words.startswith("[") else most
    if len(words) > most and verb in _REASONED and not reason:
        right = shlex.join(
            ("ops", "incident", str(number), verb, *words[:most], "--reason", " ".join(words[most:]))
        )
        raise click.UsageError(f"the reason goes after --reason: {right}")
    if not fewest <= len(words) <= most:
        raise click.UsageError(f"write ops incident {number} {verb} {known.words}".rstrip())
    done = _done(which, client, number, known, Given(words, reason, owner, due))
    _say(done, known.done, as_json=as_json)


def _done(which: DaemonChoice, client: OpsClient, number: int, verb: IncidentVerb, given: Given) -> IncidentView:  # fmt: skip
    before = client.incident(number) if verb.undoable is not None else None
    done = verb.call(client, number, given)
    if verb.undoable is not None and before is not None and has_done(verb.undoable, before, done):
        remember(which, client.access, deed_of(verb.undoable, (done,), "".join(given.words[:1])))
    return done


def _known(verb: str, number: int) -> IncidentVerb:
    if verb in _OF_OTHERS:
        raise click.UsageError(f"{verb} is a command of its own: {_OF_OTHERS[verb].format(number)}")
    if verb not in VERBS:
        import difflib

        near = difflib.get_close_matches(verb, VERBS, 2, 0.5)
        hint = f"Perhaps {' or '.join(near)}?" if near else f"There are {', '.join(VERBS)}."
        raise click.UsageError(f"nothing is called {verb!r}. {hint}")
    return VERBS[verb]


def _say(done: IncidentView, what: str, *, as_json: bool) -> None:
    if as_json:
        say_json(done)
        return
    lines = [f"incident {done.id} {what}", f"  {paging_line(done)}" if paging_line(done) else ""]
    say("\n".join(filter(None, lines)), str(done.id))


COMMANDS = {"incident": incident}
