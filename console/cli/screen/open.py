"""`ops open`: the full screen, on one incident."""

import click

from console.cli.completions import incident_numbers
from console.cli.meant import incident_meant, take_up
from console.cli.options import client_of, reaches_ops
from console.cli.screen.console import open_screen
from console.ops_api.which_daemon import DaemonChoice


@click.command("open")
@click.argument("incident", shell_complete=incident_numbers)
@reaches_ops
@click.pass_obj
def open_(which: DaemonChoice, incident: str) -> None:
    """Open the console on an INCIDENT, at the runbook of its alert; q goes on to the board.

    \b
    Examples:
      ops open 42
    """
    client = client_of(which)
    number = client.incident(incident_meant(which, client, incident)).id
    open_screen(which, incident=take_up(which, number))


COMMANDS = {"open": open_}
