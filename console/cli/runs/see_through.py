"""Seeing an execution through: the plan, the confirmation, the output, the end or the doubt."""

import sys
from typing import Literal

import click
import msgspec

from console.cli.answer import say
from console.cli.options import is_quiet, say_json
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError, LostAnswerError, NotThereError, OpsError
from console.ops_api.execution import (
    EXIT_CODES,
    INTERRUPTED,
    follow_output,
    needed_confirmation,
    read_output,
    result_line,
    settle_doubt,
)
from console.text.output import shown_output
from console.text.plain import harmless, one_line
from runbooks.wire import ExecutionRequest, ExecutionView, Output

Quietly = Literal["id", "output", "nothing"]
"""What is printed under ``--quiet``: the execution's id, what its program printed, or nothing. Errors are said always."""


def see_through(client: OpsClient, request: ExecutionRequest, confirm: str | None, *, as_json: bool, quietly: Quietly = "id") -> None:  # fmt: skip
    """Plan, confirm, run, follow; ends the program with the exit code that fits."""
    plan = client.plan(request)
    if request.dry_run:
        if not as_json:
            say("\n".join(_plan_lines(plan)))
        if not plan.precheck:
            say_json(plan) if as_json else say(result_line(plan))
            return
        checked = client.execute(msgspec.structs.replace(request, digest=plan.digest))
        finish(client, checked, as_json=as_json, quietly=quietly)
    given = confirm if confirm is not None else _ask(plan)
    request = msgspec.structs.replace(request, confirm=given, digest=plan.digest)
    try:
        execution = client.execute(request)
    except LostAnswerError:
        click.echo(f"ops: the answer was lost; asking what became of {request.execution_id}", err=True)
        execution = _after_doubt(client, request)
    finish(client, execution, as_json=as_json, quietly=quietly)


def _after_doubt(client: OpsClient, request: ExecutionRequest) -> ExecutionView:
    try:
        return settle_doubt(client, request.execution_id)
    except NotThereError as error:
        raise OpsError(
            f"{request.execution_id} never arrived: nothing was run; give the command again"
        ) from error


def finish(client: OpsClient, execution: ExecutionView, *, as_json: bool, quietly: Quietly = "id") -> None:
    """All output of an execution to its end, the result, and the end of the program with its exit code."""
    collected = {"stdout": "", "stderr": ""}
    cut = {"stdout_cut_bytes": 0, "stderr_cut_bytes": 0}
    shows = not as_json and (not is_quiet() or quietly == "output")

    def show(output: Output) -> None:
        for name, part in (("stdout", output.stdout), ("stderr", output.stderr)):
            collected[name] += part.data
            cut[f"{name}_cut_bytes"] += part.cut_bytes
            if shows:
                click.echo(shown_output(part), nl=False, err=name == "stderr")

    if execution.state != "running":
        for output in read_output(client, execution.execution_id):
            show(output)
    else:
        try:
            execution = follow_output(client, execution.execution_id, show)
        except KeyboardInterrupt:
            click.echo(
                f"\nops: it goes on without us; ops attach {execution.execution_id}, or ops cancel", err=True
            )
            sys.exit(INTERRUPTED)
    if as_json:
        say_json({**msgspec.to_builtins(execution), **collected, **cut})
    elif is_quiet():
        _end_quietly(execution, "" if shows else collected["stderr"], quietly)
    else:
        click.echo(result_line(execution), err=execution.state != "succeeded")
        for line in _pointer(client, execution):
            click.echo(line)
    sys.exit(EXIT_CODES.get(execution.state, 1))


def _end_quietly(execution: ExecutionView, errors: str, quietly: Quietly) -> None:
    """The id where that is wanted; of one that did not succeed what its program said of it, and how it ended."""
    if quietly == "id":
        click.echo(execution.execution_id)
    if execution.state != "succeeded":
        said = harmless(errors).rstrip("\n")
        click.echo("\n".join(filter(None, (said, result_line(execution)))), err=True)


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
