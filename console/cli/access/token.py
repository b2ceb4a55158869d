"""`ops token`: the tokens of a local stack."""

import click

from console.cli.noun import NounGroup
from console.cli.options import reaches_ops
from console.ops_api.which_daemon import DaemonChoice


@click.group(cls=NounGroup)
def token() -> None:
    """The local stack's own tokens.

    \b
    Examples:
      ops token show admin
    """


@token.command()
@click.argument("name", type=click.Choice(["admin", "ingest", "metrics", "api-admin"]))
@reaches_ops
@click.pass_obj
def show(which: DaemonChoice, name: str) -> None:
    """Print a token of the local stack.

    \b
    Examples:
      ops token show admin
    """
    click.echo(which.read_token(name))


COMMANDS = {"token": token}
