"""`ops runbooks list|show|lint`: the shelf of runbooks."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from console.access import WhichOps
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.text import harmless, one_line, table
from console.wording import proof_lines, proven_words

_SHELF = Path(__file__).resolve().parents[2] / "runbooks"


@click.group()
def runbooks() -> None:
    """The runbooks: list, show, lint."""


@runbooks.command("list")
@as_json
@reaches_ops
@click.pass_obj
def list_(which: WhichOps, as_json: bool) -> None:
    """Every runbook with its steps, when it was last proven, and what is wrong with it."""
    found, faults = client_of(which).shelf()
    if as_json:
        say_json(found)
        return
    now = datetime.now(UTC)
    rows = ((r.id, r.severity or "", proven_words(r, now), ", ".join(s.name for s in r.steps)) for r in found)
    click.echo("\n".join(table(("RUNBOOK", "SEVERITY", "PROVEN", "STEPS"), rows)))
    broken = [f"{r.id}.md: {fault}" for r in found for fault in r.faults]
    click.echo("".join(f"! {one_line(fault)}\n" for fault in (*faults, *broken)), nl=False)


@runbooks.command()
@click.argument("runbook")
@as_json
@reaches_ops
@click.pass_obj
def show(which: WhichOps, runbook: str, as_json: bool) -> None:
    """One RUNBOOK, as text."""
    found = client_of(which).runbook(runbook)
    if as_json:
        say_json(found)
        return
    for fault in found.faults:
        click.echo(f"! {fault}", err=True)
    click.echo(f"# {harmless(found.title)}\n")
    for line in proof_lines(found, datetime.now(UTC)):
        click.echo(line)
    click.echo()
    for section in found.sections:
        click.echo(f"## {harmless(section.title)}\n\n{harmless(section.markdown)}\n")


@runbooks.command()
@click.option(
    "--shelf",
    type=click.Path(path_type=Path, file_okay=False),
    default=_SHELF,
    help="Folder of the runbooks.",
)
@as_json
def lint(shelf: Path, as_json: bool) -> None:
    """Check every runbook, action, link and rule; exit code 1 when something is wrong."""
    from console.shelf import lint_folder

    faults = lint_folder(shelf)
    if as_json:
        say_json(faults)
    else:
        click.echo("\n".join(str(fault) for fault in faults) or "no faults")
    sys.exit(1 if faults else 0)


COMMANDS = {"runbooks": runbooks}
