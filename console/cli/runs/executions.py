"""`ops executions`: what was run, and settling what is unknown."""

from datetime import UTC, datetime

import click

from console.cli.columns import shown_table, tabular
from console.cli.completions import execution_ids
from console.cli.meant import execution_meant
from console.cli.options import (
    as_json,
    client_of,
    filtered,
    reaches_ops,
    say_json,
    understood,
)
from console.model.record_filter import execution_filter
from console.ops_api.errors import InvalidRequestError
from console.ops_api.execution import exit_word, result_line
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import since

_REMEMBERED = 1000


@click.group(invoke_without_command=True)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Rows, the latest."
)
@click.option("--all", "everything", is_flag=True, help="The daemon's own rehearsals too.")
@click.option("--rehearsals", is_flag=True, help="Nothing but rehearsals.")
@filtered("is:failed, by:ana, kind:change or words of it")
@tabular
@as_json
@reaches_ops
@click.pass_context
def executions(
    ctx: click.Context, limit: int, everything: bool, rehearsals: bool, wanted: str, as_json: bool
) -> None:
    """The latest executions; `clear ID` settles one that is unknown. `last` is the id of the latest everywhere."""
    if ctx.invoked_subcommand is not None:
        return
    which = "only" if rehearsals else "1" if everything else ""
    passes = understood(execution_filter, wanted)
    # A filter looks through all that is remembered; the limit is of what is shown.
    latest = client_of(ctx.obj).executions(_REMEMBERED if wanted else limit, rehearsals=which)
    found = [execution for execution in latest if passes(execution)][:limit]
    if as_json:
        say_json(found)
        return
    if not found:
        click.echo("no execution passes the filter" if wanted else "nothing has been run yet")
        return
    now = datetime.now(UTC)
    rows = (
        (e.execution_id, since(e.requested_at, now), e.state, exit_word(e), e.actor, e.title + " (dry run)" * e.dry_run)
        for e in found
    )  # fmt: skip
    click.echo(shown_table(("EXECUTION", "AGE", "STATE", "EXIT", "BY", "WHAT"), rows))


@executions.command("clear")
@click.argument("execution", shell_complete=execution_ids)
@click.option("--reason", required=True, help="What you found out about it.")
@as_json
@reaches_ops
@click.pass_obj
def clear(which: DaemonChoice, execution: str, reason: str, as_json: bool) -> None:
    """Settle an EXECUTION whose end is unknown, and free its locks."""
    if not reason.strip():
        raise InvalidRequestError("--reason must say what you found out")
    client = client_of(which)
    cleared = client.clear(execution_meant(client, execution), reason)
    say_json(cleared) if as_json else click.echo(result_line(cleared))


COMMANDS = {"executions": executions}
