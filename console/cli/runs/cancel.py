"""`ops cancel`: stop a running execution."""

from datetime import UTC, datetime

import click

from console.cli.answer import say
from console.cli.completions import execution_ids
from console.cli.meant import execution_meant
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import clock


@click.command()
@click.argument("execution", shell_complete=execution_ids)
@as_json
@reaches_ops
@click.pass_obj
def cancel(which: DaemonChoice, execution: str, as_json: bool) -> None:
    """Stop a running EXECUTION (an id, or `last`): TERM to its group, KILL ten seconds later.

    \b
    Examples:
      ops cancel last
    """
    client = client_of(which)
    stopped = client.cancel(execution_meant(client, execution))
    if as_json:
        say_json(stopped)
    else:
        say(
            f"{stopped.execution_id} is being stopped (asked {clock(datetime.now(UTC))}); see ops attach",
            stopped.execution_id,
        )


COMMANDS = {"cancel": cancel}
