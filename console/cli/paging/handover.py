"""`ops handover`: what whoever takes over has to know."""

from datetime import UTC, datetime, timedelta

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.spans import seconds_of
from console.ops_api.which_daemon import DaemonChoice
from console.text.report import handover_lines


@click.command()
@click.option("--shift", metavar="12h", default="12h", show_default=True, help="How long the next shift is.")
@as_json
@reaches_ops
@click.pass_obj
def handover(which: DaemonChoice, shift: str, as_json: bool) -> None:
    """Open incidents, what is temporary, what is due, and silences that end in the shift, as text for a chat."""
    client = client_of(which)
    span = timedelta(seconds=seconds_of(shift) or 0)
    incidents, changes, silences = client.incidents(everything=True), client.changes(), client.silences()
    contacts = client.contacts()
    if as_json:
        say_json({"contacts": contacts, "incidents": incidents, "changes": changes, "silences": silences})
        return
    now = datetime.now(UTC)
    click.echo("\n".join(handover_lines(contacts, incidents, changes, silences, now, span)))


COMMANDS = {"handover": handover}
