"""`ops down`: take the local stack down."""

import sys

import click

from console.cli.local_program import run_local
from console.cli.options import reaches_ops
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@reaches_ops
@click.pass_obj
def down(which: DaemonChoice) -> None:
    """Stop the local stack; its data stay.

    \b
    Examples:
      ops down
    """
    sys.exit(run_local(which, ["down"]))


COMMANDS = {"down": down}
