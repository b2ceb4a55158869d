"""`ops incidents`: the open ones, all of them, or one with its timeline."""

from datetime import UTC, datetime

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.call_list import next_call
from console.text.incident_page import incident_page
from console.text.plain import since, table
from console.text.wording import incident_clock


@click.command()
@click.argument("incident", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="The closed ones too.")
@as_json
@reaches_ops
@click.pass_obj
def incidents(which: DaemonChoice, incident: int | None, everything: bool, as_json: bool) -> None:
    """Open incidents, or one INCIDENT with its timeline."""
    client = client_of(which)
    if incident is not None:
        one = client.incident(incident)
        say_json(one) if as_json else click.echo("\n".join(incident_page(one)))
        return
    found = client.incidents(everything=everything)
    if as_json:
        say_json(found)
    elif not found:
        click.echo("no open incidents")
    else:
        now = datetime.now(UTC)
        head = ("ID", "SEV", "STATE", "AGE", "CLOCK", "BY", "NEXT CALL", "TITLE")
        rows = (
            (str(i.id), i.severity, i.state, since(i.spell_detected_at or i.detected_at, now), incident_clock(i, now), i.acknowledged_by or "", next_call(i), i.title)
            for i in found
        )  # fmt: skip
        click.echo("\n".join(table(head, rows)))


COMMANDS = {"incidents": incidents}
