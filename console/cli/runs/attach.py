"""`ops attach`: watch an execution, whoever began it."""

import click

from console.cli.completions import execution_ids
from console.cli.meant import execution_meant
from console.cli.options import as_json, client_of, reaches_ops
from console.cli.runs.see_through import finish
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("execution", shell_complete=execution_ids)
@as_json
@reaches_ops
@click.pass_obj
def attach(which: DaemonChoice, execution: str, as_json: bool) -> None:
    """Watch an EXECUTION (an id, or `last`) from its first byte to its end.

    --quiet prints nothing but what it prints. Ctrl-C leaves it running.

    \b
    Examples:
      ops attach last
    """
    client = client_of(which)
    found = client.execution(execution_meant(client, execution))
    finish(client, found, as_json=as_json, quietly="output")


COMMANDS = {"attach": attach}
