"""`ops events`: what changes, as it changes, for scripts and for reading along."""

import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import click
import msgspec

from alerts.visible_text import visible_json
from alerts.wire import AlertView, IncidentView
from console.cli.options import client_of, reaches_ops
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError, InvalidRequestError, OpsError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line
from runbooks.wire import ExecutionView

_SILENCE_S = 10.0
"""Longer than any heartbeat takes: a link that is silent for so long is dead."""
_LONGEST_WAIT_S = 10.0
KINDS = ("alert", "alert_gone", "incident", "execution", "reset")


class StreamEvent(NamedTuple):
    """One event of the stream."""

    id: str
    kind: str
    data: bytes


@click.command()
@click.option(
    "--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only these; may be given several times."
)
@click.option(
    "--after", metavar="ID", help="Go on after this event, whose `id` you have; else with what comes next."
)
@click.option("--count", type=click.IntRange(1), help="End after so many.")
@click.option(
    "--json", "as_json", is_flag=True, help='A line each: {"id", "kind", "at", "data"}, data as in API.md.'
)
@reaches_ops
@click.pass_obj
def events(
    which: DaemonChoice, kinds: tuple[str, ...], after: str | None, count: int | None, as_json: bool
) -> None:
    """Print every change of alerts, incidents and executions as it comes, until Ctrl-C.

    A link that breaks is made anew and goes on where it was. `reset` says that events were lost meanwhile:
    read the lists again. What changed several times while nobody could read is told once, as it is in the end.

    \b
    Examples:
      ops events --kind incident
      ops events --json --count 10
    """
    if after is not None and not re.fullmatch(r"[!-~]*", after):
        raise InvalidRequestError(
            f"{after!r} is no id of an event; it is the `id` of a line of ops events --json"
        )
    printed = 0
    for event in followed(client_of(which), after):
        if kinds and event.kind not in kinds:
            continue
        click.echo(_as_json(event) if as_json else _as_words(event))
        sys.stdout.flush()
        printed += 1
        if printed == count:
            return


def followed(client: OpsClient, after: str | None = None) -> Iterator[StreamEvent]:
    """The stream's events, for ever: it is taken up again where it broke. Raises ``OpsError`` where nobody is there at first."""
    meta = client.meta()
    last = after if after is not None else f"{meta.boot}-{meta.seq}"
    tried = 0
    while True:
        try:
            for event_id, name, data in client.stream(last, silence_s=_SILENCE_S):
                tried = 0
                if name == "heartbeat":
                    continue
                if name == "reset":
                    meta = client.meta()
                    last = f"{meta.boot}-{meta.seq}"
                    yield StreamEvent("", name, data)
                    break
                last = event_id or last
                yield StreamEvent(event_id, name, data)
        except (CallRefusedError, InvalidRequestError):
            raise
        except OpsError as error:
            tried += 1
            if tried == 1:
                click.echo(f"ops: {error}; trying again", err=True)
            time.sleep(min(_LONGEST_WAIT_S, 0.5 * 2 ** min(tried, 5)))


def _as_json(event: StreamEvent) -> str:
    now = datetime.now(UTC)
    line = {"id": event.id, "kind": event.kind, "at": now, "data": msgspec.Raw(event.data)}
    return visible_json(msgspec.json.encode(line).decode())


def _as_words(event: StreamEvent) -> str:
    at = f"{datetime.now(UTC):%H:%M:%SZ}"
    match event.kind:
        case "alert":
            alert = msgspec.json.decode(event.data, type=AlertView)
            what = f"{alert.severity} {alert.alertname} {alert.service} is {alert.state}"
        case "incident":
            incident = msgspec.json.decode(event.data, type=IncidentView)
            by = f" by {incident.acknowledged_by}" if incident.acknowledged_by else ""
            what = f"{incident.id} is {incident.state}{by}: {incident.title}"
        case "execution":
            run = msgspec.json.decode(event.data, type=ExecutionView)
            what = f"{run.execution_id} {run.state}: {run.title} by {run.actor}"
        case "reset":
            what = "events were lost; read the lists again"
        case _:
            what = event.data.decode(errors="replace")
    return f"{at} {event.kind:<9} {one_line(what)}"


COMMANDS = {"events": events}
