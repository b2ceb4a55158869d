"""`ops ack`: take an incident."""

import click

from console.cli.completions import incident_numbers
from console.cli.meant import incident_meant, take_up
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.spans import seconds_of
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import clock


@click.command()
@click.argument("incident", shell_complete=incident_numbers)
@click.option("--for", "for_", metavar="2h", help="How long it holds without activity (30m).")
@as_json
@reaches_ops
@click.pass_obj
def ack(which: DaemonChoice, incident: str, for_: str | None, as_json: bool) -> None:
    """Acknowledge an INCIDENT (or `last`): it is yours, and everybody sees whose."""
    client, held_s = client_of(which), seconds_of(for_)
    taken = client.acknowledge(incident_meant(which, client, incident), for_s=held_s)
    take_up(which, taken.id)
    if as_json:
        say_json(taken)
        return
    until = f" until {clock(taken.acknowledged_until)}" if taken.acknowledged_until else ""
    click.echo(f"incident {taken.id} is acknowledged by {taken.acknowledged_by}{until}")


COMMANDS = {"ack": ack}
