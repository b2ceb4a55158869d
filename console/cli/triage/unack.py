"""`ops unack`: give an incident back, or several."""

import click

from alerts.wire import IncidentView
from console.cli.answer import say
from console.cli.completions import incident_numbers
from console.cli.last_deed import remember
from console.cli.options import as_json, client_of, filtered, reaches_ops
from console.cli.triage.bulk import done_to_each, numbers_meant
from console.ops_api.deed import deed_of
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("incidents", nargs=-1, metavar="INCIDENT...", shell_complete=incident_numbers)
@filtered(
    "by:ana, svc:api or words of it, in the place of numbers: every open incident that passes", "incidents"
)
@as_json
@reaches_ops
@click.pass_obj
def unack(which: DaemonChoice, incidents: tuple[str, ...], wanted: str, as_json: bool) -> None:
    """Give each INCIDENT back: it is open again.

    \b
    Examples:
      ops unack 42
      ops unack .
    """
    client = client_of(which)
    numbers = numbers_meant(which, client, incidents, wanted)

    undoable: list[IncidentView] = []

    def give(number: int) -> IncidentView:
        given = client.unacknowledge(number)
        undoable.append(given)
        remember(which, client.access, deed_of("unack", undoable))
        return given

    def say_given(given: IncidentView) -> None:
        say(f"incident {given.id} is {given.state} again", str(given.id))

    done_to_each(numbers, give, say_given, as_json=as_json, is_bulk=bool(wanted))


COMMANDS = {"unack": unack}
