"""`ops audit`: what was done, and whether its record is sound."""

import sys

import click

from alerts.wire import AuditVerdict
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line, table


@click.group()
def audit() -> None:
    """The journal: verify its chain, show or export it."""


@audit.command("verify")
@as_json
@reaches_ops
@click.pass_obj
def verify_chain(which: DaemonChoice, as_json: bool) -> None:
    """Check the hash chain; exit code 1 names the first bad row."""
    answer = client_of(which).verify_audit()
    if as_json:
        say_json(answer)
    else:
        click.echo(_chain_line(answer))
    sys.exit(0 if answer.ok else 1)


def _chain_line(verdict: AuditVerdict) -> str:
    sound, bad = verdict.sound_until, verdict.first_bad
    if bad is None:
        return f"sound: {verdict.events} rows, up to {sound.seq} {sound.hash[:16]}"
    return f"BROKEN at row {bad.seq}: {one_line(bad.why)} ({bad.file}); sound up to row {sound.seq}"


@audit.command("show")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@as_json
@reaches_ops
@click.pass_obj
def show_audit(which: DaemonChoice, limit: int, as_json: bool) -> None:
    """The latest rows."""
    rows = client_of(which).audit(limit)
    if as_json:
        say_json(rows)
    else:
        cells = ((str(r.seq), f"{r.at:%Y-%m-%dT%H:%M:%SZ}", r.actor, r.kind, r.object) for r in rows)
        click.echo("\n".join(table(("SEQ", "AT", "ACTOR", "EVENT", "OBJECT"), cells)))


@audit.command()
@reaches_ops
@click.pass_obj
def export(which: DaemonChoice) -> None:
    """Every row as NDJSON, and the head of the chain on the last line."""
    for line in client_of(which).lines("/v1/audit/export"):
        click.echo(line.rstrip(b"\n"))


COMMANDS = {"audit": audit}
