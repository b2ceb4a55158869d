"""`ops up`: bring the local stack up."""

import contextlib
import signal
import sys
import threading

import click

from console.cli.local_program import ProgramInterrupt, run_local
from console.cli.options import reaches_ops
from console.ops_api.which_daemon import DaemonChoice

STARTED, JOINED = 0, 10
_LOOK_S = 1.0
"""How often a joined stack is looked for."""


@click.command()
@click.option(
    "--port-base", type=int, metavar="N", help="Ports N to N+3 in place of 8000, 8001, 8080 and 9090."
)
@click.option("--detach", is_flag=True, help="Leave it running and return.")
@click.option("--no-console", is_flag=True, help="Wait here without the console.")
@reaches_ops
@click.pass_obj
def up(which: DaemonChoice, port_base: int | None, detach: bool, no_console: bool) -> None:
    """Bring up the local stack: PostgreSQL, Redis, API, evaluator, ops daemon, status page; then the console.

    Leaving the console or Ctrl-C stops what this command started. A second `ops up` joins what runs.

    \b
    Examples:
      ops up --detach
    """
    try:
        code = run_local(which, ["up", *(["--port-base", str(port_base)] if port_base else [])])
    except ProgramInterrupt as interrupt:
        # The program takes down what it has begun; this came when it had just done its work.
        if interrupt.code == STARTED:
            run_local(which, ["down"])
        raise
    if code not in (STARTED, JOINED):
        sys.exit(code)
    if detach:
        which_one = which.naming
        click.echo(f"it runs on; ops console{which_one} opens the console, ops down{which_one} stops it")
        return
    if code == JOINED:
        click.echo("a stack is up here already; joining it (it stays up when you leave)")
    try:
        if sys.stdout.isatty() and sys.stdin.isatty() and not no_console:
            from console.tui.app import run_console

            run_console(which)
        else:
            _wait(which, is_ours=code == STARTED)
    finally:
        if code == STARTED:
            with contextlib.suppress(KeyboardInterrupt):
                run_local(which, ["down"])


def _wait(which: DaemonChoice, *, is_ours: bool) -> None:
    """Until somebody ends it, or the stack that was joined is gone."""
    ends = "Ctrl-C stops everything" if is_ours else "Ctrl-C leaves it running"
    click.echo(
        f"API {which.address('api')} · ops daemon {which.address('ops')} · status page {which.address('status')} · "
        f"evaluator {which.address('evaluator')}\nthe console: ops console{which.naming} · {ends}"
    )
    sys.stdout.flush()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(_LOOK_S):
        if not is_ours and not which.is_up:
            click.echo("the stack is gone: whoever started it has ended it")
            return


COMMANDS = {"up": up}
