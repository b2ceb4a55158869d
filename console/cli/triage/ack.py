"""`ops ack`: take an incident, or several."""

import click

from alerts.wire import IncidentView
from console.cli.answer import say
from console.cli.completions import incident_numbers
from console.cli.last_deed import remember
from console.cli.meant import take_up
from console.cli.options import as_json, client_of, filtered, reaches_ops
from console.cli.spans import seconds_of
from console.cli.triage.bulk import done_to_each, numbers_meant
from console.ops_api.deed import deed_of, has_done
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import clock


@click.command()
@click.argument("incidents", nargs=-1, metavar="INCIDENT...", shell_complete=incident_numbers)
@click.option("--for", "for_", metavar="2h", help="How long it holds without activity (30m).")
@filtered(
    "svc:api, sev:critical or words of it, in the place of numbers: every open incident that passes",
    "incidents",
)
@as_json
@reaches_ops
@click.pass_obj
def ack(
    which: DaemonChoice, incidents: tuple[str, ...], for_: str | None, wanted: str, as_json: bool
) -> None:
    """Acknowledge each INCIDENT (`last` is the latest): it is yours, and everybody sees whose.

    `ops undo` takes it back within 10 seconds.

    \b
    Examples:
      ops ack 42
      ops ack last --for 2h
      ops ack --filter 'svc:api sev:critical'
    """
    client, held_s = client_of(which), seconds_of(for_)
    numbers = numbers_meant(which, client, incidents, wanted)

    undoable: list[IncidentView] = []

    def take(number: int) -> IncidentView:
        before = client.incident(number)
        taken = client.acknowledge(number, for_s=held_s)
        take_up(which, taken.id)
        if has_done("ack", before, taken):
            undoable.append(taken)
        if undoable:
            remember(which, client.access, deed_of("ack", undoable))
        return taken

    def say_taken(taken: IncidentView) -> None:
        until = f" until {clock(taken.acknowledged_until)}" if taken.acknowledged_until else ""
        say(f"incident {taken.id} is acknowledged by {taken.acknowledged_by}{until}", str(taken.id))

    done_to_each(numbers, take, say_taken, as_json=as_json, is_bulk=bool(wanted))


COMMANDS = {"ack": ack}
