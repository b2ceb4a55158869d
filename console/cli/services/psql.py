"""`ops psql`: PostgreSQL, for reading unless asked otherwise."""

import click

from console.cli.local_program import become_local
from console.cli.options import reaches_ops
from console.cli.services.write_access import write_access
from console.ops_api.which_daemon import DaemonChoice

_PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command(context_settings=_PASS_ON)
@click.option("--write", is_flag=True, help="With the right to change; asks first.")
@click.option("--confirm", metavar="psql-write", help="Confirm --write without a terminal.")
@reaches_ops
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def psql(which: DaemonChoice, write: bool, confirm: str | None, args: tuple[str, ...]) -> None:
    """psql on the service's database, as a role that can only read. ARGS go to psql.

    \b
    Examples:
      ops psql
      ops psql -c 'SELECT count(*) FROM api_keys'
    """
    become_local(which, ["psql", *write_access(which, "psql", write, confirm, args), *args])


COMMANDS = {"psql": psql}
