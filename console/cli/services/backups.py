"""`ops backups`: the backups there are."""

import click

from console.cli.local_program import become_local
from console.cli.options import reaches_ops
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@reaches_ops
@click.pass_obj
def backups(which: DaemonChoice) -> None:
    """The backups of the local stack; made by `ops act backup`."""
    become_local(which, ["list"], "server.stack.actions.backups")


COMMANDS = {"backups": backups}
