"""`ops wait`: until something is as a script needs it."""

import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, get_args

import click

from alerts.wire import BaseState, IncidentState, ServiceState
from console.cli.completions import condition_words
from console.cli.meant import execution_meant, incident_meant
from console.cli.options import client_of, reaches_ops, say_json
from console.cli.spans import seconds_of
from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError, NotServingError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice
from runbooks.wire import ExecutionState

_EVERY_S = 1.0
_SHAPE = re.compile(r"(alert|incident|execution|service):(\S+) is (not )?(\S+)")
_FINGERPRINT = re.compile(r"[0-9a-f]{4,}")
"""The begin of an alert's fingerprint that is long enough to be meant as one."""
_EXAMPLES = "'alert:APIDown is resolved', 'incident:42 is not open', 'execution:last is finished', 'service:api is running'"
_FINISHED = ("succeeded", "failed", "timed_out", "cancelled", "refused")
STATES: dict[str, tuple[str, ...]] = {
    "alert": (*get_args(BaseState), "silenced"),
    "incident": get_args(IncidentState),
    "execution": (*get_args(ExecutionState), "finished"),
    "service": get_args(ServiceState),
}
"""What each kind of thing can be."""


class Condition(NamedTuple):
    """What is waited for."""

    kind: str
    name: str
    negated: bool
    state: str


@click.command()
@click.argument("condition", nargs=-1, required=True, metavar="CONDITION", shell_complete=condition_words)
@click.option(
    "--timeout", default="5m", show_default=True, metavar="5m", help="How long at most; exit code 1 then."
)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for scripts.")
@reaches_ops
@click.pass_obj
def wait(which: DaemonChoice, condition: tuple[str, ...], timeout: str, quiet: bool, as_json: bool) -> None:
    """Wait until CONDITION holds: `alert:NAME is STATE`, also incident:ID, execution:ID, service:NAME, and `is not`.

    An ID may be `last`, an incident's `.` (the one in hand), and of an execution or an alert's fingerprint the begin.
    What it means is looked up once, at the beginning. An alert is in a state when any alert of its name is; it is
    resolved when none of them is unresolved. An execution is `finished` when it has ended, however. A daemon that is away meanwhile is waited for too.

    \b
    Examples:
      ops wait 'alert:APIDown is resolved' --timeout 10m
      ops wait 'incident:last is closed' --timeout 2h
      ops wait 'execution:last is succeeded'
    """
    # The condition is one word in quotes, or what a person has typed without them.
    text = " ".join(condition)
    wanted = parse_condition(text)
    limit = seconds_of(timeout) or 0
    client = client_of(which)
    # `last` and `.` are what they were at the beginning, whatever comes meanwhile.
    wanted = wanted._replace(name=_NAMED.get(wanted.kind, _as_it_is)(which, client, wanted.name))
    begun = time.monotonic()
    held, states = _look(client, wanted, first=True)
    while not held and time.monotonic() - begun < limit:
        time.sleep(max(0.0, min(_EVERY_S, limit - (time.monotonic() - begun))))
        held, states = _look(client, wanted, first=False)
    waited = round(time.monotonic() - begun, 1)
    now = ", ".join(states) or "not there"
    if as_json:
        say_json(
            {
                "condition": text,
                "held": held,
                "states": states,
                "waited_s": waited,
                "at": datetime.now(UTC),
            }
        )
    elif not quiet:
        outcome = "it holds" if held else f"gave up after {timeout}"
        click.echo(
            f"{text}: {outcome} ({wanted.kind} {wanted.name} is {now}, waited {waited:g} s)",
            err=not held,
        )
    sys.exit(0 if held else 1)


def parse_condition(text: str) -> Condition:
    """The condition in a text. Raises ``InvalidRequestError`` with what would be one."""
    match = _SHAPE.fullmatch(" ".join(text.split()))
    if match is None:
        raise InvalidRequestError(f"{text!r} is no condition; write for instance {_EXAMPLES}")
    kind, name, negated, state = match.groups()
    if state not in STATES[kind]:
        raise InvalidRequestError(
            f"{state!r} is no state of {'a' if kind == 'service' else 'an'} {kind}; one of {', '.join(STATES[kind])}"
        )
    return Condition(kind, name, bool(negated), state)


def _look(client: OpsClient, wanted: Condition, *, first: bool) -> tuple[bool, list[str]]:
    """Whether it holds, and the states that were found; a daemon that went away since the first look says nothing."""
    try:
        states = _FOUND[wanted.kind](client, wanted.name)
    except NotServingError:
        return False, []
    except UnreachableError:
        if first:
            raise
        return False, []
    return _is(wanted, states) != wanted.negated, states


def _as_it_is(which: DaemonChoice, client: OpsClient, name: str) -> str:
    return name


_NAMED: dict[str, Callable[[DaemonChoice, OpsClient, str], str]] = {
    "incident": lambda which, client, name: str(incident_meant(which, client, name)),
    "execution": lambda _, client, name: execution_meant(client, name),
}
"""How a word becomes the id that is waited for."""


def _is(wanted: Condition, states: list[str]) -> bool:
    if wanted.kind == "alert" and wanted.state == "resolved":
        return all(state in ("resolved", "silenced") for state in states) and "firing" not in states
    if wanted.state == "finished":
        return any(state in _FINISHED for state in states)
    return wanted.state in states


def _of_alert(client: OpsClient, name: str) -> list[str]:
    known = client.alerts(everything=True)
    there = [alert for alert in known if alert.alertname == name]
    if not there and _FINGERPRINT.fullmatch(name):
        there = [alert for alert in known if alert.fingerprint.startswith(name)]
    silenced = ["silenced"] if there and all(alert.silenced_by for alert in there) else []
    return [*sorted({alert.state for alert in there}), *silenced]


def _of_incident(client: OpsClient, name: str) -> list[str]:
    return [client.incident(int(name)).state]


def _of_execution(client: OpsClient, name: str) -> list[str]:
    return [client.execution(name).state]


def _of_service(client: OpsClient, name: str) -> list[str]:
    found = {service.name: service.state for service in client.services()}
    if name not in found:
        raise InvalidRequestError(f"there is no service {name}; one of {', '.join(found)}")
    return [found[name]]


_FOUND: dict[str, Callable[[OpsClient, str], list[str]]] = {
    "alert": _of_alert,
    "incident": _of_incident,
    "execution": _of_execution,
    "service": _of_service,
}
COMMANDS = {"wait": wait}
