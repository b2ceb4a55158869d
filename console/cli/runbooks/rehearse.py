"""`ops rehearse`: try every step that can be tried on the live target without changing anything."""

import sys
from datetime import UTC, datetime

import click

from console.cli.answer import say
from console.cli.completions import runbook_names
from console.cli.options import as_json, client_of, is_quiet, reaches_ops, say_json
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import left, one_line
from runbooks.wire import RehearsalView, RehearsedStep

_WAIT_S = 20


@click.command()
@click.argument("runbook", required=False, shell_complete=runbook_names)
@click.option("--status", is_flag=True, help="The rehearsal that is on, or the latest; begin none.")
@as_json
@reaches_ops
@click.pass_obj
def rehearse(which: DaemonChoice, runbook: str | None, status: bool, as_json: bool) -> None:
    """Run the read steps of RUNBOOK (or of all) on the live target, and resolve its changes without running them.

    Exit code 1 when there are findings, 4 when it had to wait or to stop.

    \b
    Examples:
      ops rehearse --status
      ops rehearse APIDown
    """
    client = client_of(which)
    if status:
        _say_status(client.rehearsal(), as_json=as_json)
        return
    view = _follow(client, client.rehearse(runbook), as_json=as_json)
    findings = sum(step.finding for step in view.steps)
    if as_json:
        say_json(view)
    else:
        say(f"{len(view.steps)} steps, {findings} finding{'s' * (findings != 1)}")
    if view.state == "stopped":
        raise CallRefusedError(view.why)
    sys.exit(1 if findings else 0)


def _follow(client: OpsClient, view: RehearsalView, *, as_json: bool) -> RehearsalView:
    seen = 0
    while True:
        if not as_json:
            for step in view.steps[seen:] if not is_quiet() else ():
                click.echo(_line(step))
        seen = len(view.steps)
        if view.state != "running":
            return view
        view = client.rehearsal(seen=seen, wait_s=_WAIT_S)


def _line(step: RehearsedStep) -> str:
    mark = "!!" if step.finding else "  "
    verdict = f" {step.verdict}" if step.verdict else ""
    name = f"{step.runbook} {step.step}"
    return f"{mark} {name:<46} {step.outcome}{verdict}{': ' + one_line(step.text) if step.text else ''}"


def _say_status(view: RehearsalView, *, as_json: bool) -> None:
    if as_json:
        say_json(view)
        return
    findings = sum(step.finding for step in view.steps)
    words = {
        "idle": "nothing was rehearsed since the daemon started",
        "running": f"running for {view.by}, {len(view.remaining)} runbooks to go",
        "done": f"done for {view.by}: {len(view.steps)} steps, {findings} findings",
        "stopped": f"{view.why}; {len(view.remaining)} runbooks to go",
    }[view.state]
    now = datetime.now(UTC)
    due = (
        "the daily one is switched off (REHEARSAL_AT)"
        if view.next_at is None
        else f"the daily one is due at {view.next_at:%Y-%m-%d %H:%M}Z ({left(view.next_at, now)})"
    )
    postponed = f"postponed: {view.postponed}" if view.postponed else ""
    say("\n".join(filter(None, (words, postponed, due))), view.state)


COMMANDS = {"rehearse": rehearse}
