"""`ops audit`: what was done, and whether its record is sound."""

import sys
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

import click

from alerts.wire import AuditVerdict
from console.cli.answer import folded, say
from console.cli.columns import listed, tabular
from console.cli.local_program import become_local
from console.cli.moments import stamp, stretch_asked, within
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, filtered, odd_key, reaches_ops, say_json, understood
from console.model.record_filter import audit_filter
from console.ops_api.errors import InvalidRequestError, OpsError
from console.ops_api.which_daemon import DaemonChoice
from console.text.journal_event import event_shown
from console.text.plain import one_line

_PAGE = 1_000
"""Rows that are asked for at once."""


def _narrowed(command: Any) -> Any:
    for option in (
        within,
        filtered("by:ana, kind:incident, kind:execution.intended or words of it", "audit"),
        click.option(
            "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Rows, the latest."
        ),
        tabular,
        as_json,
        reaches_ops,
    ):
        command = option(command)
    return command


@click.group(cls=NounGroup, invoke_without_command=True)
@_narrowed
@click.pass_context
def audit(ctx: click.Context, /, **narrowed: Any) -> None:
    """What was done, by whom and when: the latest rows of the journal; `verify` checks its chain.

    \b
    Examples:
      ops audit --since 'yesterday 14:00' --filter 'by:ana kind:execution'
    """
    if ctx.invoked_subcommand is None:
        _show(ctx.obj, **narrowed)


@audit.command("verify")
@click.option(
    "--head",
    metavar="SEQ:HASH",
    help="A row that you noted elsewhere, as each verification and report prints it: is it still there?",
)
@as_json
@reaches_ops
@click.pass_obj
def verify_chain(which: DaemonChoice, head: str | None, as_json: bool) -> None:
    """Check the journal: chain, anchor and snapshots; exit code 1 names what is wrong.

    A folder that was put back to an older copy of itself is sound in itself; only --head shows that.

    \b
    Examples:
      ops audit verify
    """
    answer = client_of(which).verify_audit(head)
    if as_json:
        say_json(answer)
    else:
        say(folded("\n".join(verdict_lines(answer))))
    sys.exit(0 if answer.ok else 1)


def verdict_lines(verdict: AuditVerdict) -> Iterator[str]:
    """What a verification found, the worst first."""
    sound, bad = verdict.sound_until, verdict.first_bad
    reached = f"{verdict.events} rows, up to {sound.seq}:{sound.hash}"
    if bad is not None:
        yield f"BROKEN at row {bad.seq}: {one_line(bad.why)} ({bad.file}); sound up to row {sound.seq}"
    elif not verdict.anchored:
        yield f"NOT ANCHORED: {one_line(verdict.why_not_anchored)}"
        yield f"  the chain itself holds ({reached}), but whoever can write the folder can make one that does"
        yield "  look at it (SECURITY.md); if you believe it: ops down, ops audit anchor --reason WHY, ops up"
    else:
        yield f"sound: {reached}"
    for name in verdict.bad_snapshots:
        yield f"CHANGED: {one_line(name)} is not what was journalled; no start will read it"
    for name in verdict.set_aside:
        yield f"set aside: {one_line(name)} was not sound; the chain goes on after it and says so in a row"
    if verdict.head is None:
        yield "  an older copy of the whole folder would be as sound: only --head SEQ:HASH, noted before, shows that"
    elif verdict.head.held:
        yield f"  row {verdict.head.seq} is the one that you noted"
    else:
        yield f"NOT THE SAME JOURNAL: {one_line(verdict.head.why)}"


@audit.command()
@click.option("--reason", required=True, metavar="WHY", help="What you looked at; it is journalled.")
@reaches_ops
@click.pass_obj
def anchor(which: DaemonChoice, reason: str) -> None:
    """Believe the journal as it is, on the daemon's own host, while the daemon does not run.

    For a state that was moved or came from another machine, and after you have looked at what verify found.

    \b
    Examples:
      ops audit anchor --reason 'the state was moved to this host'
    """
    if not which.is_local:
        raise OpsError("the journal is on the daemon's host: run this there, without --url")
    become_local(which, ["anchor", "--reason", reason], "server.ops.state.backup_program")


@audit.command("show")
@_narrowed
@click.pass_obj
def show_audit(which: DaemonChoice, /, **narrowed: Any) -> None:
    """The latest rows, as `ops audit` alone.

    \b
    Examples:
      ops audit show --limit 5
    """
    _show(which, **narrowed)


def _show(
    which: DaemonChoice,
    wanted: str,
    limit: int,
    as_json: bool,
) -> None:
    passes, stretch = understood(audit_filter, wanted), stretch_asked()
    is_narrowed = stretch.narrows or bool(wanted)
    rows = client_of(which).audit_backwards(_PAGE if is_narrowed else min(limit, _PAGE))
    recent = takewhile(lambda row: stretch.begin is None or row.at >= stretch.begin, rows)
    found = list(islice((row for row in recent if stretch.covers(row.at) and passes(row)), limit))[::-1]
    if as_json:
        say_json(found)
        return
    cells = ((str(r.seq), stamp(r.at), r.actor, event_shown(r), r.object) for r in found)
    text = listed(
        ("SEQ", "AT", "ACTOR", "EVENT", "OBJECT"),
        cells,
        names=(str(r.seq) for r in found),
        empty=": ".join(filter(None, ("no row of the journal passes", odd_key("audit", wanted)))),
    )
    say(text, *text.splitlines())


@audit.command("note")
@click.argument("text")
@as_json
@reaches_ops
@click.pass_obj
def note_by_hand(which: DaemonChoice, text: str, as_json: bool) -> None:
    """Write TEXT into the journal: something that was done by hand, past the daemon.

    \b
    Examples:
      ops audit note 'moved a cable'
    """
    if not text.strip():
        raise InvalidRequestError("say what was done: the text is empty")
    client_of(which).note_done_by_hand(text)
    say_json({"text": text}) if as_json else say("it is in the journal; ops audit --limit 1 shows it")


@audit.command()
@reaches_ops
@click.pass_obj
def export(which: DaemonChoice) -> None:
    """Every row as NDJSON, and the head of the chain on the last line.

    \b
    Examples:
      ops audit export
    """
    for line in client_of(which).lines("/v1/audit/export"):
        click.echo(line.rstrip(b"\n"))


COMMANDS = {"audit": audit}
