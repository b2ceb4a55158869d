"""`ops unack`: give an incident back."""

import click

from console.cli.completions import incident_numbers
from console.cli.meant import incident_meant
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("incident", shell_complete=incident_numbers)
@as_json
@reaches_ops
@click.pass_obj
def unack(which: DaemonChoice, incident: str, as_json: bool) -> None:
    """Give an INCIDENT back: it is open again."""
    client = client_of(which)
    given = client.unacknowledge(incident_meant(which, client, incident))
    say_json(given) if as_json else click.echo(f"incident {given.id} is {given.state} again")


COMMANDS = {"unack": unack}
