"""`ops changes`: what is changed for a while."""

from datetime import UTC, datetime

import click

from console.cli.columns import shown_table, tabular
from console.cli.meant import begun_with
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import left


@click.group(invoke_without_command=True)
@tabular
@as_json
@reaches_ops
@click.pass_context
def changes(ctx: click.Context, as_json: bool) -> None:
    """Temporary changes, in force or past their end; `end ID` says that one was taken back."""
    if ctx.invoked_subcommand is not None:
        return
    found = client_of(ctx.obj).changes()
    if as_json:
        say_json(found)
        return
    if not found:
        click.echo("no temporary change is in force")
        return
    now = datetime.now(UTC)
    rows = (
        (c.execution_id, c.state, left(c.until_at, now), c.actor, c.action, c.way_back or "")
        for c in found
    )  # fmt: skip
    click.echo(shown_table(("EXECUTION", "STATE", "LEFT", "BY", "ACTION", "WAY BACK"), rows))


@changes.command()
@click.argument("execution")
@as_json
@reaches_ops
@click.pass_obj
def end(which: DaemonChoice, execution: str, as_json: bool) -> None:
    """Say that the change of EXECUTION was taken back by other means."""
    client = client_of(which)
    execution = begun_with((one.execution_id for one in client.changes()), execution, "change", "ops changes")
    client.end_change(execution)
    if as_json:
        say_json({"execution_id": execution, "ended": True})
    else:
        click.echo(f"the change of {execution} is no longer counted")


COMMANDS = {"changes": changes}
