"""`ops redis-cli`: Redis, for reading unless asked otherwise."""

import click

from console.cli.local_program import become_local
from console.cli.options import reaches_ops
from console.cli.services.write_access import write_access
from console.ops_api.which_daemon import DaemonChoice

_PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command("redis-cli", context_settings=_PASS_ON)
@click.option("--write", is_flag=True, help="With every command; asks first.")
@click.option("--confirm", metavar="redis-cli-write", help="Confirm --write without a terminal.")
@reaches_ops
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def redis_cli(which: DaemonChoice, write: bool, confirm: str | None, args: tuple[str, ...]) -> None:
    """redis-cli on the service's Redis, as a user that can only read. ARGS go to redis-cli.

    \b
    Examples:
      ops redis-cli INFO memory
    """
    become_local(which, ["redis-cli", *write_access(which, "redis-cli", write, confirm, args), *args])


COMMANDS = {"redis-cli": redis_cli}
