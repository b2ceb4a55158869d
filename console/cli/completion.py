"""`ops completion`: the line that makes a shell complete commands."""

import click
from click.shell_completion import get_completion_class

from console.ops_api.errors import InvalidRequestError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL; for bash: eval "$(ops completion bash)"."""
    from console.cli.main import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise InvalidRequestError(f"no completion for {shell}")
    click.echo(kind(cli, {}, "ops", "_OPS_COMPLETE").source())


COMMANDS = {"completion": completion}
