"""`ops handover`: what whoever takes over has to know."""

from datetime import UTC, datetime, timedelta

import click

from console.cli.answer import folded, say
from console.cli.columns import shown_table
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.spans import seconds_of
from console.ops_api.which_daemon import DaemonChoice
from console.text.maintenance_page import WINDOW_HEAD, window_rows
from console.text.report import handover_lines


@click.command()
@click.option("--shift", metavar="12h", default="12h", show_default=True, help="How long the next shift is.")
@as_json
@reaches_ops
@click.pass_obj
def handover(which: DaemonChoice, shift: str, as_json: bool) -> None:
    """Open incidents, what is temporary, what is due, silences and maintenance of the shift, as text for a chat.

    \b
    Examples:
      ops handover --shift 8h
    """
    client = client_of(which)
    span = timedelta(seconds=seconds_of(shift) or 0)
    incidents, changes, silences = client.incidents(everything=True), client.changes(), client.silences()
    contacts, now = client.contacts(), datetime.now(UTC)
    # One that is on, whenever it began, and one that begins within the shift.
    windows = tuple(w for w in client.maintenances(everything=False) if w.starts_at < now + span)
    if as_json:
        say_json(
            {
                "contacts": contacts,
                "incidents": incidents,
                "changes": changes,
                "silences": silences,
                "maintenances": windows,
            }
        )
        return
    lines = handover_lines(contacts, incidents, changes, silences, now, span)
    tables = ["", "maintenance", shown_table(WINDOW_HEAD, window_rows(windows))] if windows else []
    say("\n".join([folded("\n".join(lines)), *tables]))


COMMANDS = {"handover": handover}
