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
@click.option(
    "--demo", is_flag=True, help="A world of its own to try it in: a burst of alerts, an outage, a cure."
)
@click.option("--no-bell", is_flag=True, help="Silence for new criticals.")
@reaches_ops
@click.pass_obj
def console(which: DaemonChoice, /, demo: bool, **options: Any) -> None:
    """Open the console.

    \b
    Examples:
      ops console
    """
    if not demo:
        open_screen(which, **options)
    _needs_terminal()
    from console.cli.screen.demo import demo_world
    from console.tui.app import run_console

    with demo_world() as (world, gone):
        code = run_console(world, leave=gone, remember=False, **options)
    sys.exit(code)


def open_screen(which: DaemonChoice, **options: Any) -> NoReturn:
    _needs_terminal()
    from console.tui.app import run_console

    sys.exit(run_console(which, **options))


def _needs_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidRequestError(
            "the console needs a terminal; for scripts use ops alerts --json and the like"
        )


COMMANDS = {"console": console}
