"""`ops console`: the full screen."""

import sys
from typing import Any, NoReturn

import click

from console.cli.options import reaches_ops
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.option("--read-only", is_flag=True, help="Look, and change nothing.")
@click.option("--ascii", "ascii_only", is_flag=True, help="No characters outside ASCII.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--no-bell", is_flag=True, help="Silence for new criticals.")
@reaches_ops
@click.pass_obj
def console(which: DaemonChoice, /, **options: Any) -> None:
    """Open the console."""
    open_screen(which, **options)


def open_screen(which: DaemonChoice, **options: Any) -> NoReturn:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidRequestError(
            "the console needs a terminal; for scripts use ops alerts --json and the like"
        )
    from console.tui.app import run_console

    sys.exit(run_console(which, **options))


COMMANDS = {"console": console}
