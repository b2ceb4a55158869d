"""`ops incidents`: the open ones, all of them, or one with its timeline."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from alerts.wire import IncidentView
from console.cli.answer import folded, show_while, told
from console.cli.columns import listed, tabular
from console.cli.completions import incident_numbers
from console.cli.meant import incident_meant
from console.cli.moments import stretch_asked, within
from console.cli.options import (
    as_json,
    client_of,
    filtered,
    nothing_passes,
    reaches_ops,
    say_json,
    understood,
    watched,
)
from console.model.record_filter import incident_filter
from console.ops_api.client import OpsClient
from console.ops_api.which_daemon import DaemonChoice
from console.text.call_list import next_call
from console.text.incident_page import incident_page
from console.text.plain import since
from console.text.wording import incident_clock


@click.command()
@click.argument("incident", required=False, shell_complete=incident_numbers)
@click.option("--all", "everything", is_flag=True, help="The closed ones too.")
@filtered("sev:critical, is:open, by:ana, svc:api or words of it", "incidents")
@within
@watched
@tabular
@as_json
@reaches_ops
@click.pass_obj
def incidents(
    which: DaemonChoice, incident: str | None, everything: bool, wanted: str, watch: bool, as_json: bool
) -> None:
    """Open incidents, or one INCIDENT with its timeline.

    --since and --until are about when it was detected.

    \b
    Examples:
      ops incidents
      ops incidents --all --filter 'by:ana' --since 'yesterday 14:00'
      ops incidents last
    """
    client = client_of(which)
    if incident is not None:
        show_incident(client, incident_meant(which, client, incident), watch=watch, as_json=as_json)
        return
    passes, stretch = understood(incident_filter, wanted), stretch_asked()

    def found() -> tuple[IncidentView, ...]:
        return tuple(
            one
            for one in client.incidents(everything=everything)
            if passes(one) and stretch.covers(one.detected_at)
        )

    if as_json:
        say_json(found())
        return
    show_while(
        lambda: _listed(found(), wanted=wanted, is_narrowed=bool(wanted) or stretch.narrows), watch=watch
    )


def show_incident(client: OpsClient, number: int, *, watch: bool, as_json: bool) -> None:
    """One incident with its timeline."""
    if as_json:
        say_json(client.incident(number))
        return
    show_while(
        lambda: told(folded("\n".join(incident_page(client.incident(number)))), str(number)), watch=watch
    )


def _listed(found: Sequence[IncidentView], *, wanted: str, is_narrowed: bool) -> str:
    now = datetime.now(UTC)
    head = ("ID", "SEV", "STATE", "AGE", "CLOCK", "BY", "NEXT CALL", "TITLE")
    rows = (
        (str(i.id), i.severity, i.state, since(i.spell_detected_at or i.detected_at, now), incident_clock(i, now), i.acknowledged_by or "", next_call(i), i.title)
        for i in found
    )  # fmt: skip
    empty = nothing_passes("incidents", "incident", wanted) if is_narrowed else "no open incidents"
    return listed(head, rows, names=(str(one.id) for one in found), empty=empty)


COMMANDS = {"incidents": incidents}
