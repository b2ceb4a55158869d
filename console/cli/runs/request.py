"""What act and run share: the options of a request, and asking for approval of it."""

from typing import Any

import click

from console.cli.answer import say
from console.cli.completions import incident_numbers, param_words, window_numbers
from console.cli.meant import incident_meant
from console.cli.moments import stamp
from console.cli.options import say_json
from console.cli.spans import seconds_of
from console.ops_api.client import OpsClient
from console.ops_api.execution import new_execution_id, params_of
from console.ops_api.which_daemon import DaemonChoice
from runbooks.wire import ExecutionRequest


def request_options(command: Any) -> Any:
    for option in (
        click.option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", shell_complete=param_words, help="A parameter; repeatable."),
        click.option("--for", "for_", metavar="1h", help="Only for this long (temporary changes)."),
        click.option("--dry-run", is_flag=True, help="Say exactly what would run, and run nothing."),
        click.option("--confirm", metavar="NAME", help="Confirm without a terminal: the action's name; for a destructive one, the object's."),
        click.option("--ask-approval", is_flag=True, help="Ask another person to approve exactly this; prints the id."),
        click.option("--break-glass", metavar="REASON", help="Go past a second approval; tells L2 and shows the alert GlassBroken for an hour."),
        click.option("--incident", metavar="ID", shell_complete=incident_numbers, help="The incident that this is done for (`last`, or `.` for the one in hand)."),
        click.option("--maintenance", type=int, shell_complete=window_numbers, help="The maintenance window that this is done for; an approval asked for it is good in that window."),
    ):  # fmt: skip
        command = option(command)
    return command


def ask_approval(client: OpsClient, request: ExecutionRequest, *, as_json: bool) -> None:
    """Ask, and say what the other person types."""
    asked = client.ask_approval(request)
    if as_json:
        say_json(asked)
        return
    say(
        f"asked for approval {asked.id} of: {asked.title} ({asked.object}), until {stamp(asked.expires_at)}\n"
        f"another person gives it with: ops approve {asked.id}; then give this command again",
        asked.id,
    )


def execution_request(
    which: DaemonChoice, client: OpsClient, options: dict[str, Any], **what: str
) -> ExecutionRequest:
    incident = options["incident"]
    return ExecutionRequest(
        execution_id=new_execution_id(),
        params=params_of(options["params"]),
        for_s=seconds_of(options["for_"]),
        dry_run=options["dry_run"],
        break_glass=options["break_glass"],
        incident_id=None if incident is None else incident_meant(which, client, incident),
        maintenance_id=options["maintenance"],
        **what,
    )
