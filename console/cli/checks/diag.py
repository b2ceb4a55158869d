"""`ops diag`: what ails PostgreSQL, Redis, the API, or one request."""

import sys
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from console.cli.local_program import become_document, become_local, failure_of, is_document
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, is_quiet, reaches_ops
from console.ops_api.errors import OpsError
from console.ops_api.execution import follow_output, new_execution_id
from console.ops_api.which_daemon import DaemonChoice
from console.text.output import shown_output
from runbooks.wire import ExecutionRequest, Output

_MODULE = "server.stack.diagnosis"


def _exit_zero(command: Any) -> Any:
    return click.option(
        "--exit-zero", is_flag=True, help="End with 0 whatever was found: for a runbook's step, whose verdict is the last line."
    )(command)  # fmt: skip


def _longer_than(command: Any) -> Any:
    return click.option(
        "--longer-than", metavar="5s", default="5s", show_default=True, help="From when on a query is long."
    )(command)


def _within(command: Any) -> Any:
    return click.option(
        "--within", metavar="5m", default="5m", show_default=True, help="How far back to count."
    )(command)


@click.group(cls=NounGroup, invoke_without_command=True)
@_longer_than
@_within
@_exit_zero
@as_json
@reaches_ops
@click.pass_context
def diag(ctx: click.Context, /, as_json: bool, **options: Any) -> None:
    """What ails it: everything at once, or one part of it.

    What is wrong comes first, then the figures; the last line of each part is its verdict, such as "locks: ok" or
    "locks: waiting 2". Values in statements are masked.

    \b
    Exit codes: 0 well, 1 something is wrong, 3 what was asked about does not answer.

    \b
    Examples:
      ops diag
      ops diag locks --json
    """
    if ctx.invoked_subcommand is None:
        _look(ctx.obj, "all", options, as_json=as_json)
    elif any(ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ("as_json", *options)):
        raise click.UsageError(f"options stand after the part: ops diag {ctx.invoked_subcommand} --json")


def _part(name: str, text: str, example: str, *own: Any) -> None:
    """A subcommand for one part, with an ``example`` and its ``own`` options."""

    def look(which: DaemonChoice, /, as_json: bool, **options: Any) -> None:
        _look(which, name, options, as_json=as_json)

    look.__doc__ = f"{text}\n\n\b\nExamples:\n  {example}"
    for option in (click.pass_obj, reaches_ops, as_json, _exit_zero, *own):
        look = option(look)
    diag.command(name)(look)


def _id(command: Any) -> Any:
    return click.argument("request_id", metavar="ID")(command)


_part("connections", "PostgreSQL's connections, against the maximum.", "ops diag connections")
_part(
    "queries", "Queries and transactions that last long.", "ops diag queries --longer-than 30s", _longer_than
)
_part("locks", "Who waits for whom, on what, for how long.", "ops diag locks")
_part("tables", "Sizes, dead rows, vacuum; invalid indexes.", "ops diag tables")
_part("memory", "Redis: memory, evictions, clients.", "ops diag memory")
_part("keys", "Redis: keys by prefix. SCAN, two seconds at most.", "ops diag keys")
_part("slowlog", "Redis' slow log, and PostgreSQL's slow statements.", "ops diag slowlog")
_part("errors", "Errors by type, status and path.", "ops diag errors --within 15m", _within)
_part("clients", "Whom the API refuses with 401 and 429, and why.", "ops diag clients --within 15m", _within)
_part("providers", "Latency, outcomes and breaker of each provider.", "ops diag providers", _within)
_part("request", "One request followed through both logs.", "ops diag request 3f2a9c1e", _id)


def _look(which: DaemonChoice, about: str, options: dict[str, Any], *, as_json: bool) -> NoReturn:
    """Look from here where the service can be reached from here, else let the daemon look."""
    request_id, exit_zero = options.pop("request_id", None), options.pop("exit_zero")
    if which.is_beside_service:
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        flags = [*(["--json"] if as_json else []), *(["--exit-zero"] if exit_zero else [])]
        become = become_document if as_json else become_local
        become(which, [*flags, *words, about, *([request_id] if request_id else [])], _MODULE)
    params = {"about": about, "form": "json" if as_json else "text", **options}
    asked = params | ({"request_id": request_id} if request_id else {})
    code = _ask_daemon(which, asked, as_json=as_json)
    sys.exit(0 if exit_zero and code in (0, 1, 3) else code)


def _ask_daemon(which: DaemonChoice, params: dict[str, str], *, as_json: bool) -> int:
    """Run the action ``diagnose`` and print what it says; its exit code. Raises ``OpsError`` where it says nothing."""
    client = client_of(which)
    request = ExecutionRequest(execution_id=new_execution_id(), action="diagnose", params=params)
    execution = client.execute(request)

    document, said = "", ""

    def show(output: Output) -> None:
        nonlocal document, said
        document, said = document + output.stdout.data, said + output.stderr.data
        if not as_json and not is_quiet():
            click.echo(shown_output(output.stdout), nl=False)
        if not as_json:
            click.echo(shown_output(output.stderr), nl=False, err=True)

    execution = follow_output(client, execution.execution_id, show)
    if execution.exit_code is None:
        raise OpsError(f"the diagnosis did not end well: {execution.state} {execution.reason or ''}".rstrip())
    if as_json and not is_document(document):
        raise failure_of(
            execution.exit_code, (said.strip().splitlines() or ["the diagnosis said nothing"])[-1]
        )
    if as_json:
        click.echo(document.rstrip("\n"))
    return execution.exit_code


COMMANDS = {"diag": diag}
