"""`ops executions`: what was run, and settling what is unknown."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click

from console.cli.answer import say, show_while, told
from console.cli.columns import listed, tabular
from console.cli.completions import execution_ids, incident_numbers
from console.cli.meant import execution_meant, incident_meant
from console.cli.moments import stamp, stretch_asked, within
from console.cli.noun import NounGroup
from console.cli.options import (
    as_json,
    client_of,
    filtered,
    nothing_passes,
    reaches_ops,
    say_json,
    understood,
    watched,
)
from console.model.record_filter import execution_filter
from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError
from console.ops_api.execution import exit_word, result_line, titled, verdict_word
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line, since
from runbooks.wire import ExecutionView

_REMEMBERED = 1000


@click.group(cls=NounGroup, invoke_without_command=True)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Rows, the latest."
)
@click.option("--all", "everything", is_flag=True, help="The daemon's own rehearsals too.")
@click.option("--rehearsals", is_flag=True, help="Nothing but rehearsals.")
@click.option("--mine", is_flag=True, help="Nothing but your own.")
@click.option(
    "--incident", metavar="ID", shell_complete=incident_numbers, help="Nothing but what was done for it."
)
@filtered("is:failed, by:ana, kind:change or words of it", "executions")
@within
@watched
@tabular
@as_json
@reaches_ops
@click.pass_context
def executions(ctx: click.Context, /, watch: bool, as_json: bool, **narrowed: Any) -> None:
    """The latest executions; `clear ID` settles one that is unknown. `last` is the id of the latest everywhere.

    \b
    Examples:
      ops executions --filter 'kind:change !is:succeeded' --since yesterday
      ops executions --mine
      ops executions show last
    """
    if ctx.invoked_subcommand is not None:
        return
    client = client_of(ctx.obj)
    find = _finder(ctx.obj, client, **narrowed)
    if as_json:
        say_json(find())
        return
    is_narrowed = bool(
        narrowed["wanted"] or narrowed["mine"] or narrowed["incident"] or stretch_asked().narrows
    )
    show_while(
        lambda: executions_table(find(), wanted=narrowed["wanted"], is_narrowed=is_narrowed), watch=watch
    )


def _finder(
    which: DaemonChoice,
    client: OpsClient,
    *,
    limit: int,
    everything: bool,
    rehearsals: bool,
    mine: bool,
    incident: str | None,
    wanted: str,
) -> Callable[[], list[ExecutionView]]:
    """What finds those that were asked for, the latest first."""
    whose = "only" if rehearsals else "1" if everything else ""
    passes, stretch = understood(execution_filter, wanted), stretch_asked()
    number = incident_meant(which, client, incident) if incident is not None else None
    me = client.me().name if mine else None
    # A filter looks through all that is remembered; the limit is of what is shown.
    looked_at = _REMEMBERED if wanted or mine or number is not None or stretch.narrows else limit

    def find() -> list[ExecutionView]:
        found = (
            one
            for one in client.executions(looked_at, rehearsals=whose)
            if passes(one)
            and stretch.covers(one.requested_at)
            and (me is None or one.actor == me)
            and (number is None or one.incident_id == number)
        )
        return list(islice(found, limit))

    return find


def executions_table(found: Sequence[ExecutionView], *, is_narrowed: bool, wanted: str = "") -> str:
    """One line for each, the latest first, or why there is none."""
    now = datetime.now(UTC)
    rows = (
        (e.execution_id, since(e.requested_at, now), e.state, exit_word(e), e.actor, titled(e))
        for e in found
    )  # fmt: skip
    empty = nothing_passes("executions", "execution", wanted) if is_narrowed else "nothing has been run yet"
    head = ("EXECUTION", "AGE", "STATE", "EXIT", "BY", "WHAT")
    return listed(head, rows, names=(e.execution_id for e in found), empty=empty)


@executions.command("show")
@click.argument("execution", shell_complete=execution_ids)
@watched
@as_json
@reaches_ops
@click.pass_obj
def show_execution(which: DaemonChoice, execution: str, watch: bool, as_json: bool) -> None:
    """One EXECUTION: what ran, for whom, under which locks, and how it ended; `ops attach` shows its output.

    \b
    Examples:
      ops executions show last
    """
    client = client_of(which)
    meant = execution_meant(client, execution)
    if as_json:
        say_json(client.execution(meant))
        return
    show_while(lambda: told("\n".join(_facts(client.execution(meant))), meant), watch=watch)


def _facts(one: ExecutionView) -> list[str]:
    facts = (
        ("execution", one.execution_id), ("what", one.title), ("state", one.state), ("why", one.reason or ""),
        ("verdict", verdict_word(one)), ("exit", exit_word(one)), ("kind", one.kind + ", dry run" * one.dry_run), ("by", one.actor),
        ("asked", stamp(one.requested_at)), ("began", stamp(one.started_at)), ("ended", stamp(one.finished_at)),
        ("until", stamp(one.until_at)), ("runbook", " ".join(filter(None, (one.runbook, one.step)))), ("action", one.action or ""),
        ("object", one.object or ""), ("locks", ", ".join(one.locks)), ("incident", str(one.incident_id or "")),
        ("maintenance", str(one.maintenance_id or "")), ("command", " ".join(one.argv)), ("digest", one.digest),
        ("survivors", ", ".join(map(str, one.survivors))),
    )  # fmt: skip
    return [f"{name:<12}{one_line(text)}" for name, text in facts if text]


@executions.command("clear")
@click.argument("execution", shell_complete=execution_ids)
@click.option("--reason", required=True, help="What you found out about it.")
@as_json
@reaches_ops
@click.pass_obj
def clear(which: DaemonChoice, execution: str, reason: str, as_json: bool) -> None:
    """Settle an EXECUTION whose end is unknown, and free its locks.

    \b
    Examples:
      ops executions clear last --reason 'it is gone, nothing was changed'
    """
    if not reason.strip():
        raise InvalidRequestError("--reason must say what you found out")
    client = client_of(which)
    cleared = client.clear(execution_meant(client, execution), reason)
    say_json(cleared) if as_json else say(result_line(cleared), cleared.execution_id)


COMMANDS = {"executions": executions}
