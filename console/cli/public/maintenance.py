"""`ops maintenance`: plan a window, announce it, work in it, and end it."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from alerts.maintenance import PRE_CHECKS, MaintenanceView
from console.cli.answer import say, say_preview, show_while, told
from console.cli.columns import show_list, tabular
from console.cli.completions import (
    component_names,
    execution_ids,
    label_matchers,
    person_names,
    runbook_names,
    update_ids,
    window_numbers,
)
from console.cli.meant import execution_meant
from console.cli.moments import end_of, local_times, moment_of
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, is_quiet, reaches_ops, say_json, watched
from console.cli.spans import seconds_of
from console.ops_api.errors import OpsError
from console.ops_api.execution import follow_output, new_execution_id, result_line
from console.ops_api.which_daemon import DaemonChoice
from console.text.maintenance_page import WINDOW_HEAD, next_command, window_page, window_rows
from console.text.output import shown_output
from runbooks.wire import ExecutionRequest, Output

F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=NounGroup, invoke_without_command=True)
@watched
@tabular
@as_json
@reaches_ops
@click.pass_context
def maintenance(ctx: click.Context, watch: bool, as_json: bool) -> None:
    """Maintenance windows: planned work, announced, muted while somebody is there, and ended by a person.

    \b
    Examples:
      ops maintenance schedule "Migration" --from 2026-03-14T12:00Z --for 1h \\
        --match service=postgres --component "Analyze API" --reason "schema 7" \\
        --runbook maintenance/DatabaseMigration
      ops maintenance announce 1 --preview
      ops maintenance check 1 backup --run last
      ops maintenance check-in 1
    """
    if ctx.invoked_subcommand is None:
        _show(ctx.obj, everything=False, watch=watch, as_json=as_json)


def _verb(name: str) -> Callable[[F], click.Command]:
    """A subcommand about one window: its number comes first."""

    def made(command: F) -> click.Command:
        decorated: Any = command
        for decorate in (
            click.pass_obj,
            reaches_ops,
            as_json,
            click.argument("number", type=int, shell_complete=window_numbers),
        ):
            decorated = decorate(decorated)
        made_command: click.Command = maintenance.command(name)(decorated)
        return made_command

    return made


def _words(command: F) -> F:
    return click.argument("text", default="")(command)


def _reason(command: F) -> F:
    return click.option(
        "--reason", default="", help="Why, for ourselves; it is journalled and not published."
    )(command)


@maintenance.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@watched
@tabular
@as_json
@reaches_ops
@click.pass_obj
def list_(which: DaemonChoice, everything: bool, watch: bool, as_json: bool) -> None:
    """Windows that are planned or on.

    \b
    Examples:
      ops maintenance list --all
    """
    _show(which, everything=everything, watch=watch, as_json=as_json)


def _show(which: DaemonChoice, *, everything: bool, watch: bool, as_json: bool) -> None:
    client = client_of(which)
    empty = "there was never maintenance" if everything else "no maintenance is planned"
    show_list(
        lambda: client.maintenances(everything=everything),
        WINDOW_HEAD, window_rows, empty=empty, watch=watch, as_json=as_json,
    )  # fmt: skip


@_verb("show")
@watched
def show(which: DaemonChoice, number: int, watch: bool, as_json: bool) -> None:
    """One window: its times, what it mutes, what was looked after, run and published.

    \b
    Examples:
      ops maintenance show 1
    """
    client = client_of(which)
    if as_json:
        say_json(client.maintenance(number))
        return
    show_while(lambda: told("\n".join(window_page(client.maintenance(number))), str(number)), watch=watch)


@maintenance.command()
@click.argument("title")
@click.option(
    "--from", "from_", required=True, metavar="TIME", help="When it begins: 2026-03-14T12:00Z, or +25h."
)
@click.option("--until", metavar="TIME", help="When it ends.")
@click.option("--for", "for_", metavar="1h", help="How long it takes, in the place of --until.")
@click.option(
    "--match",
    "matchers",
    multiple=True,
    required=True,
    metavar="MATCHER",
    shell_complete=label_matchers,
    help="Alerts for which nobody is called meanwhile, service=postgres; all given have to fit.",
)
@click.option(
    "--component",
    "components",
    multiple=True,
    shell_complete=component_names,
    help="A component of the public page; repeatable.",
)
@click.option(
    "--owner",
    default="",
    shell_complete=person_names,
    help="Who is called about it, of the contacts; you where they know you.",
)
@click.option("--reason", required=True, help="Why, for ourselves.")
@click.option("--text", default="", help="What the public is told about it, Markdown.")
@click.option(
    "--runbook",
    "runbooks",
    multiple=True,
    shell_complete=runbook_names,
    help="What it goes by, maintenance/DatabaseMigration; repeatable.",
)
@local_times
@as_json
@reaches_ops
@click.pass_obj
def schedule(which: DaemonChoice, /, title: str, from_: str, until: str | None, for_: str | None, as_json: bool, **given: Any) -> None:  # fmt: skip
    """Plan a window. The public knows nothing of it before it is announced.

    \b
    Examples:
      ops maintenance schedule Disk --from +25h --for 1h --match job=db --reason x
    """
    starts_at = moment_of(from_, "--from")
    body = {
        "title": title,
        "starts_at": starts_at,
        "ends_at": end_of(starts_at, until, for_),
        "body": given.pop("text"),
        **given,
    }
    _say(client_of(which).schedule_maintenance(body), "is planned", as_json=as_json)


@_verb("announce")
@click.option(
    "--preview", is_flag=True, help="Show what would be published, to the byte, and publish nothing."
)
@click.option(
    "--html", is_flag=True, help="With --preview: the public page of the window as it will be, as HTML."
)
def announce(which: DaemonChoice, number: int, preview: bool, html: bool, as_json: bool) -> None:
    """Tell the public: page, feeds, chat and customers get the same text in one act.

    \b
    Examples:
      ops maintenance announce 1 --preview
      ops maintenance announce 1 --preview --html
      ops maintenance announce 1
    """
    client = client_of(which)
    if html and not preview:
        raise click.UsageError("--html shows the page that will be: give --preview with it")
    if html:
        page = client.text(f"/v1/public/preview/{number}")
        say_json({"html": page}) if as_json else click.echo(page)
        return
    shown = client.maintenance_preview(number)
    if preview:
        say_json(shown) if as_json else say_preview(shown["subject"], shown["body"])
        return
    done = client.step_maintenance(number, "announce", {"digest": shown["digest"]})
    _say(done, "is announced", as_json=as_json)


@_verb("check")
@click.option("--text", default="", help="What was seen, where no step shows it.")
@click.option(
    "--run",
    "run_",
    default="",
    metavar="EXECUTION",
    shell_complete=execution_ids,
    help="The run of a step that shows it; last is the latest.",
)
@click.argument("what", type=click.Choice(PRE_CHECKS))
def check(which: DaemonChoice, number: int, what: str, run_: str, text: str, as_json: bool) -> None:
    """Put down that the backup, the way back or the monitoring was looked after, and what shows it.

    \b
    Examples:
      ops maintenance check 1 backup --text 'yesterday, restored once'
    """
    client = client_of(which)
    run_ = execution_meant(client, run_) if run_ else ""
    body = {"check": what, "run": run_, "text": text}
    _say(client.step_maintenance(number, "check", body), f"has its {what} looked after", as_json=as_json)


@_verb("check-in")
@_words
@_reason
def check_in(which: DaemonChoice, number: int, text: str, reason: str, as_json: bool) -> None:
    """Begin: you are there, and from now on its alerts call nobody. --reason to begin without a pre-check.

    \b
    Examples:
      ops maintenance check-in 1 --reason 'looked after by phone'
    """
    body = {"text": text, "reason": reason}
    _say(client_of(which).step_maintenance(number, "check-in", body), "is in progress", as_json=as_json)


@_verb("update")
@click.argument("text")
def update(which: DaemonChoice, number: int, text: str, as_json: bool) -> None:
    """Tell the public how it goes; the next update is due 15 minutes later.

    \b
    Examples:
      ops maintenance update 1 'Half of the rows are through.'
    """
    _say(client_of(which).step_maintenance(number, "update", {"text": text}), "is updated", as_json=as_json)


@_verb("no-change")
def no_change(which: DaemonChoice, number: int, as_json: bool) -> None:
    """Tell the public that nothing is new.

    \b
    Examples:
      ops maintenance no-change 1
    """
    _say(client_of(which).step_maintenance(number, "no-change", {}), "is updated", as_json=as_json)


@_verb("extend")
@local_times
@_words
@click.option("--until", metavar="TIME", help="The new end: 2026-03-14T14:00Z.")
@click.option(
    "--for",
    "for_",
    metavar="30m",
    help="How much longer, from its planned end, or from now where that has passed.",
)
def extend(which: DaemonChoice, number: int, text: str, until: str | None, for_: str | None, as_json: bool) -> None:  # fmt: skip
    """Move its planned end.

    \b
    Examples:
      ops maintenance extend 1 'It takes longer.' --for 30m
    """
    if (until is None) is (for_ is None):
        raise click.UsageError("say until when: --until 2026-03-14T14:00Z, or --for 30m")
    ends_at = moment_of(until, "--until") if until is not None else None
    body = {"text": text, "ends_at": ends_at, "for_s": seconds_of(for_)}
    _say(client_of(which).step_maintenance(number, "extend", body), "is longer", as_json=as_json)


@_verb("verify")
@_words
def verify(which: DaemonChoice, number: int, text: str, as_json: bool) -> None:
    """The work is done: ask the service as a caller would, and put that down. Exit code 1 where it is not well.

    \b
    Examples:
      ops maintenance verify 1
    """
    client = client_of(which)
    client.step_maintenance(number, "verify", {"text": text})
    request = ExecutionRequest(execution_id=new_execution_id(), action="smoke-test", maintenance_id=number)
    client.execute(request)

    def show(output: Output) -> None:
        for part in (output.stdout, output.stderr):
            click.echo(shown_output(part), nl=False, err=as_json or is_quiet())

    ended = follow_output(client, request.execution_id, show)
    window = client.maintenance(number)
    if not window.verified:
        raise OpsError(f"maintenance {number} is not verified: {result_line(ended)}")
    _say(window, "is verified", as_json=as_json)


@_verb("complete")
@_words
@_reason
def complete(which: DaemonChoice, number: int, text: str, reason: str, as_json: bool) -> None:
    """End it, and tell whoever was told of it. --reason to end it without a verification that went well, or while something that it mutes fires.

    \b
    Examples:
      ops maintenance complete 1 --reason 'verified by hand'
    """
    body = {"text": text, "reason": reason}
    _say(client_of(which).step_maintenance(number, "complete", body), "is completed", as_json=as_json)


@_verb("cancel")
@_words
@_reason
def cancel(which: DaemonChoice, number: int, text: str, reason: str, as_json: bool) -> None:
    """Call it off; whoever was told of it is told that.

    \b
    Examples:
      ops maintenance cancel 2 'It does not take place.' --reason 'no disk'
    """
    body = {"text": text, "reason": reason}
    _say(client_of(which).step_maintenance(number, "cancel", body), "is cancelled", as_json=as_json)


@_verb("reschedule")
@local_times
@_words
@click.option("--from", "from_", required=True, metavar="TIME", help="When it begins now.")
@click.option(
    "--until", metavar="TIME", help="When it ends; it takes as long as before where neither is given."
)
@click.option("--for", "for_", metavar="1h", help="How long it takes, in the place of --until.")
def reschedule(which: DaemonChoice, number: int, text: str, from_: str, until: str | None, for_: str | None, as_json: bool) -> None:  # fmt: skip
    """Move it to another time; approvals for the old one are void.

    \b
    Examples:
      ops maintenance reschedule 2 --from +25h 'Moved by a day.'
    """
    starts_at = moment_of(from_, "--from")
    ends_at = end_of(starts_at, until, for_) if until is not None or for_ is not None else None
    body = {"text": text, "starts_at": starts_at, "ends_at": ends_at}
    _say(client_of(which).step_maintenance(number, "reschedule", body), "has another time", as_json=as_json)


@_verb("correct")
@click.option(
    "--update",
    "update_",
    default="",
    metavar="ID",
    shell_complete=update_ids,
    help="Which update (see show); the latest otherwise.",
)
@click.argument("text")
def correct(which: DaemonChoice, number: int, text: str, update_: str, as_json: bool) -> None:
    """Change published words. What they said before stays readable on the page.

    \b
    Examples:
      ops maintenance correct 1 'Half of the rows are through, not all.'
    """
    body = {"text": text, "update": update_}
    _say(client_of(which).step_maintenance(number, "correct", body), "is corrected", as_json=as_json)


def _say(window: MaintenanceView, what: str, *, as_json: bool) -> None:
    if as_json:
        say_json(window)
        return
    following = next_command(window)
    lines = [f"maintenance {window.id} {what}", f"next: {following}" if following else ""]
    say("\n".join(filter(None, lines)), str(window.id))


COMMANDS = {"maintenance": maintenance}
