"""`ops completion`: the script that makes a shell complete commands, printed or put where the shell finds it."""

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from console.cli.shell import know_shells
from console.ops_api.errors import InvalidRequestError, OpsError

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice([*_SHELLS, "install"]))
@click.argument("of", required=False, type=click.Choice(_SHELLS), metavar="[SHELL]")
def completion(shell: str, of: str | None) -> None:
    """Print the completion script for SHELL, or `install` it for the shell you use.

    \b
    Examples:
      ops completion install
      ops completion install fish
      eval "$(ops completion bash)"
    """
    if shell != "install":
        if of is not None:
            raise click.UsageError(f"ops completion {shell} prints; ops completion install {of} installs")
        click.echo(_script(shell))
        return
    mine = of or Path(os.environ.get("SHELL", "")).name
    if mine not in _SHELLS:
        raise InvalidRequestError(
            f"no completion for {mine or 'this shell'}; name one of {', '.join(_SHELLS)}"
        )
    path = _place(mine)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_script(mine) + "\n")
    except OSError as error:
        raise OpsError(f"{path} cannot be written: {error.strerror}") from error
    click.echo(f"written to {path}; a new {mine} completes ops")
    if mine == "zsh":
        click.echo(f"where .zshrc does not have it yet, before compinit: fpath+=({path.parent})")


def _script(shell: str) -> str:
    from console.cli.main import cli

    know_shells()
    kind = get_completion_class(shell)
    if kind is None:
        raise InvalidRequestError(f"no completion for {shell}")
    return kind(cli, {}, "ops", "_OPS_COMPLETE").source()


def _place(shell: str) -> Path:
    """Where the shell looks for completions of its user."""
    home = Path.home()
    if shell == "fish":
        return (
            Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "fish" / "completions" / "ops.fish"
        )
    if shell == "zsh":
        return Path(os.environ.get("ZDOTDIR") or home) / ".zfunc" / "_ops"
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return data / "bash-completion" / "completions" / "ops"


COMMANDS = {"completion": completion}
