"""`ops run`: run a step of a runbook."""

from typing import Any

import click

from alerts.incident import OPEN_STATES
from console.cli.completions import runbook_names, step_names
from console.cli.options import as_json, client_of, is_quiet, reaches_ops
from console.cli.runs.request import ask_approval, execution_request, request_options
from console.cli.runs.see_through import see_through
from console.ops_api.client import OpsClient
from console.ops_api.errors import NotThereError
from console.ops_api.which_daemon import DaemonChoice
from console.terminal.incident_in_hand import incident_in_hand
from console.text.plain import one_line


@click.command()
@click.argument("runbook", shell_complete=runbook_names)
@click.argument("step", required=False, metavar="STEP", shell_complete=step_names)
@request_options
@as_json
@reaches_ops
@click.pass_obj
def run(which: DaemonChoice, /, runbook: str, step: str | None, as_json: bool, **options: Any) -> None:
    """Run STEP of RUNBOOK (see `ops runbooks show RUNBOOK`); --quiet prints nothing but what it prints.

    Without --incident and --maintenance it is done for the incident in hand at this terminal where that is open and the
    runbook is its own, and says so.

    \b
    Examples:
      ops run APIDown check-process
      ops run APIDown start-api --incident last
    """
    client = client_of(which)
    if step is None:
        names = ", ".join(one.name for one in client.runbook(runbook).steps)
        raise click.UsageError(f"{runbook} has the steps {names}; write ops run {runbook} STEP")
    if options["incident"] is None and options["maintenance"] is None:
        options["incident"] = _incident_of(which, client, runbook)
    request = execution_request(which, client, options, runbook=runbook, step=step)
    try:
        if options["ask_approval"]:
            ask_approval(client, request, as_json=as_json)
        else:
            see_through(client, request, options["confirm"], as_json=as_json, quietly="output")
    except NotThereError as error:
        if not _has_step(client, step, runbook):
            raise
        raise NotThereError(f"{error}; you may mean ops run {step} {runbook}") from error


def _has_step(client: OpsClient, runbook: str, step: str) -> bool:
    try:
        return step in {one.name for one in client.runbook(runbook).steps}
    except NotThereError:
        return False


def _incident_of(which: DaemonChoice, client: OpsClient, runbook: str) -> str | None:
    """The incident in hand where it is open and the runbook is its own; says so."""
    number = incident_in_hand(which.name)
    if number is None:
        return None
    try:
        found = client.incident(number)
    except NotThereError:
        # The daemon began anew, or this is another one at the same address.
        return None
    if found.runbook != runbook or found.state not in OPEN_STATES:
        return None
    if not is_quiet():
        click.echo(f"ops: for incident {number}, which is in hand here ({one_line(found.title)})", err=True)
    return str(number)


COMMANDS = {"run": run}
