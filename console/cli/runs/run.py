"""`ops run`: run a step of a runbook."""

from typing import Any

import click

from console.cli.completions import runbook_names, step_names
from console.cli.options import as_json, client_of, reaches_ops
from console.cli.runs.request import ask_approval, execution_request, request_options
from console.cli.runs.see_through import see_through
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("runbook", shell_complete=runbook_names)
@click.argument("step", shell_complete=step_names)
@request_options
@as_json
@reaches_ops
@click.pass_obj
def run(which: DaemonChoice, /, runbook: str, step: str, as_json: bool, **options: Any) -> None:
    """Run STEP of RUNBOOK (see `ops runbooks show RUNBOOK`); --quiet prints nothing but what it prints.

    \b
    Examples:
      ops run APIDown check-process
      ops run APIDown start-api --incident last
    """
    client = client_of(which)
    request = execution_request(which, client, options, runbook=runbook, step=step)
    if options["ask_approval"]:
        ask_approval(client, request, as_json=as_json)
        return
    see_through(client, request, options["confirm"], as_json=as_json, quietly="output")


COMMANDS = {"run": run}
