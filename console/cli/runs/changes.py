"""`ops changes`: what is changed for a while."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from console.cli.answer import say, show_while
from console.cli.columns import listed, tabular
from console.cli.completions import change_ids
from console.cli.meant import begun_with
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import left
from runbooks.wire import ChangeView


@click.group(cls=NounGroup, invoke_without_command=True)
@watched
@tabular
@as_json
@reaches_ops
@click.pass_context
def changes(ctx: click.Context, watch: bool, as_json: bool) -> None:
    """Temporary changes, in force or past their end; `end ID` says that one was taken back.

    \b
    Examples:
      ops changes
      ops changes end 4f1c
    """
    if ctx.invoked_subcommand is not None:
        return
    client = client_of(ctx.obj)
    if as_json:
        say_json(client.changes())
        return
    show_while(lambda: _listed(client.changes()), watch=watch)


def _listed(found: Sequence[ChangeView]) -> str:
    now = datetime.now(UTC)
    rows = (
        (c.execution_id, c.state, left(c.until_at, now), c.actor, c.action, c.way_back or "")
        for c in found
    )  # fmt: skip
    head = ("EXECUTION", "STATE", "LEFT", "BY", "ACTION", "WAY BACK")
    return listed(head, rows, names=(c.execution_id for c in found), empty="no temporary change is in force")


@changes.command()
@click.argument("execution", shell_complete=change_ids)
@as_json
@reaches_ops
@click.pass_obj
def end(which: DaemonChoice, execution: str, as_json: bool) -> None:
    """Say that the change of EXECUTION was taken back by other means.

    \b
    Examples:
      ops changes end 4f1c
    """
    client = client_of(which)
    execution = begun_with((one.execution_id for one in client.changes()), execution, "change", "ops changes")
    client.end_change(execution)
    if as_json:
        say_json({"execution_id": execution, "ended": True})
    else:
        say(f"the change of {execution} is no longer counted", execution)


COMMANDS = {"changes": changes}
