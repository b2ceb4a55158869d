"""`ops open`: the full screen, on one incident."""

import click

from console.cli.options import client_of, reaches_ops
from console.cli.screen.console import open_screen
from console.ops_api.which_daemon import DaemonChoice


@click.command("open")
@click.argument("incident", type=int)
@reaches_ops
@click.pass_obj
def open_(which: DaemonChoice, incident: int) -> None:
    """Open the console on an INCIDENT."""
    client_of(which).incident(incident)
    open_screen(which, incident=incident)


COMMANDS = {"open": open_}
