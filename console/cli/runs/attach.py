"""`ops attach`: watch an execution, whoever began it."""

import sys

import click
import msgspec

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.runs.see_through import finish
from console.ops_api.execution import EXIT_CODES
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import harmless


@click.command()
@click.argument("execution")
@as_json
@reaches_ops
@click.pass_obj
def attach(which: DaemonChoice, execution: str, as_json: bool) -> None:
    """Watch an EXECUTION from its first byte to its end."""
    client = client_of(which)
    found = client.execution(execution)
    if found.state != "running":
        output = client.output(execution, stdout=0, stderr=0, wait_s=0)
        if as_json:
            say_json(
                {**msgspec.to_builtins(found), "stdout": output.stdout.data, "stderr": output.stderr.data}
            )
            sys.exit(EXIT_CODES.get(found.state, 1))
        click.echo(harmless(output.stdout.data), nl=False)
        click.echo(harmless(output.stderr.data), nl=False, err=True)
    finish(client, found, as_json=as_json)


COMMANDS = {"attach": attach}
