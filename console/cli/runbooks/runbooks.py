"""`ops runbooks list|show|lint|new`: the shelf of runbooks."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.cli.answer import folded_markdown, say
from console.cli.columns import listed, tabular
from console.cli.completions import runbook_names
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.errors import CallRefusedError, InvalidRequestError, OpsError
from console.ops_api.which_daemon import DaemonChoice
from console.paths import RUNBOOKS
from console.text.plain import harmless, one_line
from console.text.wording import proof_lines, proven_words

if TYPE_CHECKING:
    from runbooks.engine.lint import RuleFacts


@click.group(cls=NounGroup, alone="list")
def runbooks() -> None:
    """The runbooks: list, show, lint, new.

    \b
    Examples:
      ops runbooks list
      ops runbooks show APIDown
    """


@runbooks.command("list")
@tabular
@as_json
@reaches_ops
@click.pass_obj
def list_(which: DaemonChoice, as_json: bool) -> None:
    """Every runbook with its steps, when it was last proven, and what is wrong with it.

    \b
    Examples:
      ops runbooks list --columns runbook,proven
    """
    found, faults = client_of(which).shelf()
    if as_json:
        say_json(found)
        return
    now = datetime.now(UTC)
    rows = ((r.id, r.severity or "", proven_words(r, now), ", ".join(s.name for s in r.steps)) for r in found)
    broken = [f"{r.id}.md: {fault}" for r in found for fault in r.faults]
    head, empty = ("RUNBOOK", "SEVERITY", "PROVEN", "STEPS"), "there is no runbook on the shelf"
    table = listed(head, rows, names=(r.id for r in found), empty=empty)
    lines = [table, *(f"! {one_line(fault)}" for fault in (*faults, *broken))]
    say("\n".join(lines), *(r.id for r in found))


@runbooks.command()
@click.argument("runbook", shell_complete=runbook_names)
@as_json
@reaches_ops
@click.pass_obj
def show(which: DaemonChoice, runbook: str, as_json: bool) -> None:
    """One RUNBOOK, as text; --quiet prints the names of its steps.

    \b
    Examples:
      ops runbooks show APIDown
    """
    found = client_of(which).runbook(runbook)
    if as_json:
        say_json(found)
        return
    for fault in found.faults:
        click.echo(f"! {fault}", err=True)
    parts = [f"# {harmless(found.title)}\n", "\n".join(proof_lines(found, datetime.now(UTC))) + "\n"]
    parts += [f"{harmless(found.preamble.markdown)}\n"] if found.preamble is not None else []
    parts += [f"## {harmless(part.title)}\n\n{harmless(part.markdown)}\n" for part in found.sections]
    say(folded_markdown("\n".join(parts)), *(step.name for step in found.steps))


def _on_shelf(command: Any) -> Any:
    return click.option(
        "--shelf",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        default=RUNBOOKS,
        help="Folder of the runbooks.",
    )(command)


@runbooks.command()
@_on_shelf
@as_json
def lint(shelf: Path, as_json: bool) -> None:
    """Check every runbook, action, link and rule; exit code 1 when something is wrong.

    \b
    Examples:
      ops runbooks lint
    """
    from console.runbook_folder import lint_folder

    faults = lint_folder(shelf)
    if as_json:
        say_json(faults)
    else:
        say("\n".join(str(fault) for fault in faults) or "no faults", *map(str, faults))
    sys.exit(1 if faults else 0)


@runbooks.command()
@click.argument("name")
@click.option("--alert", help="The alert that it is for; without it, the one called NAME.")
@click.option("--maintenance", is_flag=True, help="For planned work, in maintenance/.")
@_on_shelf
def new(name: str, alert: str | None, maintenance: bool, shelf: Path) -> None:
    """Write the runbook NAME, such as QueueFull, for its author to fill in.

    Severity and MTTR target are the rule's. A file that is there is never written over.

    \b
    Examples:
      ops runbooks new DiskExchange --maintenance
    """
    from console.runbook_folder import facts_beside, write_runbook
    from runbooks.engine.template import RunbookNameError, alert_runbook, checked_name, maintenance_runbook

    if maintenance and alert:
        raise click.UsageError("--alert and --maintenance exclude each other: planned work has no alert")
    try:
        checked_name(name)
    except RunbookNameError as error:
        raise InvalidRequestError(str(error)) from error
    facts = None if maintenance else _facts_of(alert or name, facts_beside(shelf), named=alert is not None)
    if facts is None:
        runbook_id, text = f"maintenance/{name}", maintenance_runbook(name)
    else:
        runbook_id = name
        text = alert_runbook(name, facts.alert, facts.severity, facts.mttr_target_s or 0)
    try:
        path = write_runbook(shelf, runbook_id, text)
    except FileExistsError as error:
        raise CallRefusedError(
            f"{runbook_id}.md is there already; edit it, or choose another name"
        ) from error
    except OSError as error:
        raise OpsError(f"{runbook_id}.md cannot be written: {error.strerror}") from error
    click.echo("\n".join(_next_lines(path, runbook_id, facts)))


def _facts_of(alert: str, known: "list[RuleFacts]", *, named: bool) -> "RuleFacts":
    """What the rule of this alert says. Raises ``InvalidRequestError`` where there is none that a runbook can be for."""
    from runbooks.engine.lint import SEVERITIES

    facts = next((each for each in known if each.alert == alert), None)
    if facts is None:
        import difflib

        near = difflib.get_close_matches(alert, [each.alert for each in known], 3, 0.5)
        hint = f"perhaps {' or '.join(near)}" if near else "write its rule first, in alerts/rules"
        also = "" if named else "; for another alert give --alert ALERT, for planned work --maintenance"
        raise InvalidRequestError(f"no rule is named {alert}; {hint}{also}")
    if facts.severity not in SEVERITIES:
        raise InvalidRequestError(
            f"{alert} is no incident (severity {facts.severity}), so that it needs no runbook"
        )
    if facts.mttr_target_s is None:
        raise InvalidRequestError(f"the rule {alert} has no mttr_target; give it one first")
    return facts


def _next_lines(path: Path, runbook_id: str, facts: "RuleFacts | None") -> Iterator[str]:
    yield f"wrote {path}"
    yield "next:"
    yield "  - replace each paragraph that begins with > Write here: by your own, and the steps by those that fit"
    yield f"  - link it from runbooks/README.md: [{runbook_id.rpartition('/')[2]}](./{runbook_id}.md)"
    if facts is not None and not facts.runbook_url.endswith(f"/{runbook_id}.md"):
        yield f"  - let runbook_url of {facts.alert} end in /{runbook_id}.md (it is {facts.runbook_url or 'missing'})"
    yield "  - ops runbooks lint"


COMMANDS = {"runbooks": runbooks}
