"""`ops drill`: cause an alert for real in a throw-away stack, and cure it with its runbook."""

import os
import sys

import click

from console.cli.options import as_json


@click.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Every alert, one after another.")
@click.option("--list", "listing", is_flag=True, help="The drills there are.")
@click.option("--control", is_flag=True, help="Leave the cure out: the alert must keep firing.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write a report here too (.md).")
@as_json
def drill(
    name: str | None, everything: bool, listing: bool, control: bool, report: str | None, as_json: bool
) -> None:
    """Cause the alert NAME, wait for it, run the runbook's own steps, wait for the all clear, print the times."""
    if not (name or everything or listing):
        raise click.UsageError("name an alert, or give --all; ops drill --list shows which there are")
    words = [name] if name else []
    words += ["--all"] * everything + ["--list"] * listing + ["--json"] * as_json + ["--control"] * control
    words += ["--report", report] if report else []
    argv = [sys.executable, "-m", "server.stack.drill", *words]
    sys.stdout.flush()
    os.execv(argv[0], argv)  # noqa: S606  (our own interpreter, argv as a list)


COMMANDS = {"drill": drill}
