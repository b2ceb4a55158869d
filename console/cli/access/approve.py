"""`ops approvals`: what waits for a second person; `ops approve`: agreeing to it."""

from collections.abc import Sequence

import click

from console.cli.answer import say, show_while
from console.cli.columns import listed, tabular
from console.cli.completions import approval_ids
from console.cli.meant import begun_with
from console.cli.moments import local_times, stamp
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.client import OpsClient
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line
from runbooks.wire import ApprovalView


@click.command()
@click.argument("approval", required=False, shell_complete=approval_ids)
@watched
@tabular
@local_times
@as_json
@reaches_ops
@click.pass_obj
def approve(which: DaemonChoice, approval: str | None, watch: bool, as_json: bool) -> None:
    """Agree to what another person asked for; without an id, what is waiting.

    \b
    Examples:
      ops approve
      ops approve 7d2e
    """
    client = client_of(which)
    if approval is None:
        _show(client, watch=watch, as_json=as_json)
        return
    agreed = client.approve(_meant(client, approval).id)
    say_json(agreed) if as_json else say(f"approved {agreed.id}", agreed.id)


@click.group(cls=NounGroup, invoke_without_command=True)
@watched
@tabular
@local_times
@as_json
@reaches_ops
@click.pass_context
def approvals(ctx: click.Context, watch: bool, as_json: bool) -> None:
    """What waits for a second person; `ops approve ID` agrees.

    Asked for by `ops run` or `ops act` with --ask-approval.

    \b
    Examples:
      ops approvals
      ops approvals show 7d2e
    """
    if ctx.invoked_subcommand is None:
        _show(client_of(ctx.obj), watch=watch, as_json=as_json)


@approvals.command("show")
@click.argument("approval", shell_complete=approval_ids)
@local_times
@as_json
@reaches_ops
@click.pass_obj
def show_approval(which: DaemonChoice, approval: str, as_json: bool) -> None:
    """One APPROVAL: the exact command, who asked, and until when it holds.

    \b
    Examples:
      ops approvals show 7d2e
    """
    one = _meant(client_of(which), approval)
    if as_json:
        say_json(one)
        return
    facts = (
        ("approval", one.id), ("state", one.state), ("what", one.title), ("command", " ".join(one.argv)), ("object", one.object),
        ("asked by", f"{one.asked_by} {stamp(one.asked_at)}"), ("holds until", stamp(one.expires_at)), ("from", stamp(one.not_before)),
        ("approved by", f"{one.approved_by} {stamp(one.approved_at)}" if one.approved_by else ""), ("digest", one.digest),
    )  # fmt: skip
    say("\n".join(f"{name:<12}{one_line(text)}" for name, text in facts if text), one.id)


def _show(client: OpsClient, *, watch: bool, as_json: bool) -> None:
    if as_json:
        say_json(client.approvals())
        return
    show_while(lambda: _listed(client.approvals()), watch=watch)


def _listed(waiting: Sequence[ApprovalView]) -> str:
    rows = ((a.id, a.state, a.asked_by, a.title, stamp(a.expires_at)) for a in waiting)
    head = ("ID", "STATE", "BY", "WHAT", "UNTIL")
    return listed(head, rows, names=(a.id for a in waiting), empty="nothing is waiting")


def _meant(client: OpsClient, text: str) -> ApprovalView:
    there = {one.id: one for one in client.approvals()}
    return there[begun_with(there, text, "approval", "ops approvals")]


COMMANDS = {"approve": approve, "approvals": approvals}
