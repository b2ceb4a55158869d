"""`ops note`: write something on the timeline of an incident."""

import click

from console.cli.answer import say
from console.cli.completions import incident_numbers
from console.cli.meant import incident_meant
from console.cli.moments import local_times, moment_of
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("incident", shell_complete=incident_numbers)
@click.argument("text")
@click.option(
    "--at",
    metavar="03:12",
    help="When it happened, if not now: 03:12, 10m, 'yesterday 14:00' or an ISO time.",
)
@local_times
@as_json
@reaches_ops
@click.pass_obj
def note(which: DaemonChoice, incident: str, text: str, at: str | None, as_json: bool) -> None:
    """Write TEXT on an INCIDENT's timeline; --quiet prints the incident's number.

    \b
    Examples:
      ops note 42 "the disk of db-1 is full" --at 10m
      ops note . "failed over by hand"
    """
    when = moment_of(at, "--at", ahead=False).isoformat() if at is not None else None
    client = client_of(which)
    noted = client.note(incident_meant(which, client, incident), text, at=when)
    say_json(noted) if as_json else say(f"noted on incident {noted.id}", str(noted.id))


COMMANDS = {"note": note}
