"""`ops act`, `run`, `attach`, `executions`, `cancel`: doing something about it, and seeing what was done."""

import sys
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from console.cli.completions import action_names, runbook_names, step_names
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.triage import seconds_of
from console.ops_api.client import (
    CallRefusedError,
    InvalidRequestError,
    LostAnswerError,
    NotThereError,
    OpsClient,
    OpsError,
)
from console.ops_api.execution import (
    EXIT_CODES,
    follow_output,
    needed_confirmation,
    new_execution_id,
    params_of,
    result_line,
    settle_doubt,
)
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import clock, harmless, one_line, since, table
from runbooks.wire import ExecutionRequest, ExecutionView, Output


def _request_options(command: Any) -> Any:
    for option in (
        click.option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable."),
        click.option("--for", "for_", metavar="1h", help="Only for this long (temporary changes)."),
        click.option("--dry-run", is_flag=True, help="Say exactly what would run, and run nothing."),
        click.option("--confirm", metavar="NAME", help="Confirm without a terminal: the action's name; for a destructive one, the object's."),
        click.option("--ask-approval", is_flag=True, help="Ask another person to approve exactly this; prints the id."),
        click.option("--break-glass", metavar="REASON", help="Go past a second approval; pages, and is flagged."),
        click.option("--incident", type=int, help="The incident that this is done for."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("name", required=False, shell_complete=action_names)
@click.option("--list", "listing", is_flag=True, help="Every action there is.")
@_request_options
@as_json
@reaches_ops
@click.pass_obj
def act(which: DaemonChoice, /, name: str | None, listing: bool, as_json: bool, **options: Any) -> None:
    """Do one action: NAME is one of `ops act --list`."""
    client = client_of(which)
    if listing or name is None:
        _list_actions(client, as_json)
        return
    request = _request(options, action=name)
    if options["ask_approval"]:
        _ask_approval(client, request, as_json=as_json)
        return
    see_through(client, request, options["confirm"], as_json=as_json)


def _list_actions(client: OpsClient, as_json: bool) -> None:
    actions = client.actions()
    if as_json:
        say_json(actions)
        return
    rows = (
        (action.name, action.kind, " ".join(p.name for p in action.params), action.title if action.available else f"unavailable here: {action.unavailable}")
        for action in actions
    )  # fmt: skip
    click.echo("\n".join(table(("ACTION", "KIND", "PARAMETERS", "WHAT"), rows)))


@click.command()
@click.argument("runbook", shell_complete=runbook_names)
@click.argument("step", shell_complete=step_names)
@_request_options
@as_json
@reaches_ops
@click.pass_obj
def run(which: DaemonChoice, /, runbook: str, step: str, as_json: bool, **options: Any) -> None:
    """Run STEP of RUNBOOK (see `ops runbooks show RUNBOOK`)."""
    request = _request(options, runbook=runbook, step=step)
    if options["ask_approval"]:
        _ask_approval(client_of(which), request, as_json=as_json)
        return
    see_through(client_of(which), request, options["confirm"], as_json=as_json)


def _ask_approval(client: OpsClient, request: ExecutionRequest, *, as_json: bool) -> None:
    body: dict[str, Any] = {"params": request.params, "for_s": request.for_s}
    body |= (
        {"action": request.action} if request.action else {"runbook": request.runbook, "step": request.step}
    )
    asked = client.post_json("/v1/approvals", body)
    if as_json:
        say_json(asked)
        return
    click.echo(
        f"asked for approval {asked['id']} of: {asked['title']} ({asked['object']}), until {asked['expires_at']}"
    )
    click.echo(f"another person gives it with: ops approve {asked['id']}; then give this command again")


def _request(options: dict[str, Any], **what: str) -> ExecutionRequest:
    return ExecutionRequest(
        execution_id=new_execution_id(),
        params=params_of(options["params"]),
        for_s=seconds_of(options["for_"]),
        dry_run=options["dry_run"],
        break_glass=options["break_glass"],
        incident_id=options["incident"],
        **what,
    )


def see_through(client: OpsClient, request: ExecutionRequest, confirm: str | None, *, as_json: bool) -> None:
    """Plan, confirm, run, follow; ends the program with the exit code that fits."""
    plan = client.plan(request)
    if request.dry_run:
        if not as_json:
            click.echo("\n".join(_plan_lines(plan)))
        if not plan.precheck:
            say_json(plan) if as_json else None
            return
        finish(client, client.execute(msgspec.structs.replace(request, digest=plan.digest)), as_json=as_json)
    given = confirm if confirm is not None else _ask(plan)
    request = msgspec.structs.replace(request, confirm=given, digest=plan.digest)
    try:
        execution = client.execute(request)
    except LostAnswerError:
        click.echo(f"ops: the answer was lost; asking what became of {request.execution_id}", err=True)
        execution = _after_doubt(client, request)
    finish(client, execution, as_json=as_json)


def _after_doubt(client: OpsClient, request: ExecutionRequest) -> ExecutionView:
    try:
        return settle_doubt(client, request.execution_id)
    except NotThereError as error:
        raise OpsError(
            f"{request.execution_id} never arrived: nothing was run; give the command again"
        ) from error


def finish(client: OpsClient, execution: ExecutionView, *, as_json: bool) -> None:
    """Follow an execution to its end, print the result, and end the program with its exit code."""
    collected = {"stdout": "", "stderr": ""}

    def show(output: Output) -> None:
        for name, part in (("stdout", output.stdout), ("stderr", output.stderr)):
            collected[name] += part.data
            if not as_json and part.data:
                click.echo(harmless(part.data), nl=False, err=name == "stderr")

    if execution.state == "running":
        try:
            execution = follow_output(client, execution.execution_id, show)
        except KeyboardInterrupt:
            click.echo(
                f"\nops: it goes on without us; ops attach {execution.execution_id}, or ops cancel", err=True
            )
            sys.exit(1)
    if as_json:
        say_json({**msgspec.to_builtins(execution), **collected})
    else:
        click.echo(result_line(execution), err=execution.state != "succeeded")
        for line in _pointer(client, execution):
            click.echo(line)
    sys.exit(EXIT_CODES.get(execution.state, 1))


def _pointer(client: OpsClient, execution: ExecutionView) -> list[str]:
    """The command that an unhealthy verdict points to."""
    if execution.verdict != "unhealthy" or execution.runbook is None:
        return []
    steps = {step.name: step for step in client.runbook(execution.runbook).steps}
    then = steps[execution.step].then if execution.step in steps else None
    if then is None or then not in steps:
        return []
    asks = "".join(f" --param {each.name}=…" for each in steps[then].inputs if each.required)
    return [f"  it points to: {steps[then].title or then}", f"  ops run {execution.runbook} {then}{asks}"]


def _plan_lines(plan: ExecutionView) -> list[str]:
    return [
        f"{plan.title} ({plan.kind})",
        f"  command  {' '.join(one_line(word) for word in plan.argv)}",
        *([f"  first    {' '.join(one_line(word) for word in plan.precheck)}"] if plan.precheck else []),
        f"  object   {plan.object or '-'}",
        f"  locks    {', '.join(plan.locks) or 'none'}",
        f"  digest   {plan.digest}",
        *(
            ["  note     by the tool's documentation; nobody has seen this command run here"]
            if plan.unverified
            else []
        ),
    ]


def _ask(plan: ExecutionView) -> str | None:
    """What the person typed to confirm; None where nothing need be. Raises ``CallRefusedError`` without a terminal."""
    needed = needed_confirmation(plan)
    if needed is None:
        return None
    if not sys.stdin.isatty():
        raise CallRefusedError(
            f"not confirmed: this is a {plan.kind} step; without a terminal give --confirm {needed}"
        )
    click.echo("\n".join(_plan_lines(plan)), err=True)
    if plan.kind == "destructive":
        typed: str = click.prompt(f"type {needed} to confirm", err=True, default="", show_default=False)
        if typed != needed:
            raise CallRefusedError("not confirmed; nothing was run")
        return typed
    if not click.confirm("run it?", err=True):
        raise CallRefusedError("not confirmed; nothing was run")
    return needed


@click.command()
@click.argument("execution")
@as_json
@reaches_ops
@click.pass_obj
def attach(which: DaemonChoice, execution: str, as_json: bool) -> None:
    """Watch an EXECUTION from its first byte to its end."""
    client = client_of(which)
    found = client.execution(execution)
    if found.state != "running":
        output = client.output(execution, stdout=0, stderr=0, wait_s=0)
        if as_json:
            say_json(
                {**msgspec.to_builtins(found), "stdout": output.stdout.data, "stderr": output.stderr.data}
            )
            sys.exit(EXIT_CODES.get(found.state, 1))
        click.echo(harmless(output.stdout.data), nl=False)
        click.echo(harmless(output.stderr.data), nl=False, err=True)
    finish(client, found, as_json=as_json)


@click.group(invoke_without_command=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--all", "everything", is_flag=True, help="The daemon's own rehearsals too.")
@click.option("--rehearsals", is_flag=True, help="Nothing but rehearsals.")
@as_json
@reaches_ops
@click.pass_context
def executions(ctx: click.Context, limit: int, everything: bool, rehearsals: bool, as_json: bool) -> None:
    """The latest executions; `clear ID` settles one that is unknown."""
    if ctx.invoked_subcommand is not None:
        return
    which = "only" if rehearsals else "1" if everything else ""
    found = client_of(ctx.obj).executions(limit, rehearsals=which)
    if as_json:
        say_json(found)
        return
    if not found:
        click.echo("nothing has been run yet")
        return
    now = datetime.now(UTC)
    rows = (
        (e.execution_id, since(e.requested_at, now), e.state, "" if e.exit_code is None else str(e.exit_code), e.actor, e.title)
        for e in found
    )  # fmt: skip
    click.echo("\n".join(table(("EXECUTION", "AGE", "STATE", "EXIT", "BY", "WHAT"), rows)))


@executions.command("clear")
@click.argument("execution")
@click.option("--reason", required=True, help="What you found out about it.")
@as_json
@reaches_ops
@click.pass_obj
def clear(which: DaemonChoice, execution: str, reason: str, as_json: bool) -> None:
    """Settle an EXECUTION whose end is unknown, and free its locks."""
    if not reason.strip():
        raise InvalidRequestError("--reason must say what you found out")
    cleared = client_of(which).clear(execution, reason)
    say_json(cleared) if as_json else click.echo(result_line(cleared))


@click.command()
@click.argument("execution")
@as_json
@reaches_ops
@click.pass_obj
def cancel(which: DaemonChoice, execution: str, as_json: bool) -> None:
    """Stop a running EXECUTION: TERM to its group, KILL ten seconds later."""
    stopped = client_of(which).cancel(execution)
    if as_json:
        say_json(stopped)
    else:
        click.echo(
            f"{stopped.execution_id} is being stopped (asked {clock(datetime.now(UTC))}); see ops attach"
        )


COMMANDS = {"act": act, "run": run, "attach": attach, "executions": executions, "cancel": cancel}
