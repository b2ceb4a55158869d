"""`ops drill`: cause an alert for real in a throw-away stack, and cure it with its runbook, or let a person do it."""

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from console.cli.completions import drill_names
from console.cli.drills.drill_program import DrillProgram, Happening, leave_in_any_case
from console.cli.local_program import failure_of
from console.cli.options import as_json, reaches_ops, say_json
from console.cli.options import is_quiet as words_unwanted
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import harmless

_RECORD_WITHIN_S = 5.0


@click.command()
@click.argument("name", required=False, shell_complete=drill_names)
@click.option("--all", "everything", is_flag=True, help="Every alert, one after another.")
@click.option("--list", "listing", is_flag=True, help="The drills there are.")
@click.option("--control", is_flag=True, help="Leave the cure out: the alert must keep firing.")
@click.option("--human", is_flag=True, help="You cure it, in the console, against the clock.")
@click.option("--at-once", is_flag=True, help="With --human: no 5 to 20 s of waiting for the fault.")
@click.option(
    "--report", metavar="FILE", help="Write FILE.md and FILE.json; with --all below STATE/drills by default."
)
@click.option(
    "--record/--no-record",
    default=None,
    help="Have the ops daemon journal the result (default: where one is up).",
)
@as_json
@reaches_ops
@click.pass_obj
def drill(which: DaemonChoice, /, name: str | None, listing: bool, as_json: bool, **options: Any) -> None:
    """Cause the alert NAME, wait for it, run the runbook's own steps, wait for the all clear, print the times.

    \b
    Examples:
      ops drill --list
      ops drill APIDown --human
    """
    if listing:
        _list(as_json=as_json)
    if not (name or options["everything"]):
        raise click.UsageError("name an alert, or give --all; ops drill --list shows which there are")
    if options["human"] and (options["everything"] or options["control"]):
        raise click.UsageError("--human is for one drill, and you are the cure: no --all, no --control")
    conductor = _Conductor(which, options["record"])
    program = DrillProgram(_words(which, name, options))
    if options["human"] and sys.stdin.isatty() and sys.stdout.isatty():
        _on_a_terminal(conductor, program)
    else:
        with program.passing_on_signals():
            for happening in program.happenings():
                conductor.take(happening)
    code = program.exit_code()
    if as_json and program.stopped_by is None:
        found = conductor.results
        if code and not found:
            raise failure_of(code, conductor.said_last)
        say_json(found if options["everything"] else found[0] if found else None)
    sys.exit(code if code else conductor.exit_code)


def _list(*, as_json: bool) -> NoReturn:
    argv = [sys.executable, "-m", "server.stack.drill", "--list", *(["--json"] if as_json else [])]
    sys.stdout.flush()
    os.execv(argv[0], argv)  # noqa: S606  (our own interpreter, argv as a list)


def _words(which: DaemonChoice, name: str | None, options: dict[str, Any]) -> list[str]:
    words = [name] if name else []
    words += [f"--{word}" for word in ("control", "human", "at-once") if options[word.replace("-", "_")]]
    words += ["--all"] * options["everything"]
    report = options["report"]
    if report is None and options["everything"]:
        report = str(which.state / "drills" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.md")
    return words + (["--report", str(Path(report).absolute())] if report else [])


class _Conductor:
    """Takes what the program says: shows it, keeps the results, has them journalled."""

    def __init__(self, which: DaemonChoice, record: bool | None) -> None:
        self._which, self._record = which, record
        self.results: list[dict[str, Any]] = []
        self.exit_code = 0
        self.said_last = "the drill said nothing"
        self.is_quiet = False
        self._held: list[str] = []

    def take(self, happening: Happening) -> None:
        """One thing that happened."""
        if happening.say:
            self.said_last = harmless(happening.say)
            self._say(happening.say)
        if happening.up:
            self._say(f"look at it with: ops console --state {happening.up} (ops daemon {happening.url})")
        if happening.result is not None:
            self.results.append(happening.result)
            self._journal(happening)

    def speak_again(self) -> None:
        """The terminal is ours again: what was said while it was not."""
        self.is_quiet = False
        held, self._held = self._held, []
        for text in held:
            self._say(text)

    def _say(self, text: str) -> None:
        if words_unwanted():
            return
        if self.is_quiet:
            self._held.append(text)
        else:
            click.echo(harmless(text), err=True)

    def _journal(self, happening: Happening) -> None:
        report = happening.report
        if report is None or self._record is False:
            return
        try:
            access = self._which.access()
            OpsClient(access, timeout_s=_RECORD_WITHIN_S).report_drill(report)
        except OpsError as error:
            if self._record:
                self._say(f"ops: the result could not be recorded: {error}")
                self.exit_code = error.exit_code
            else:
                self._say("  not recorded: no ops daemon that takes it is up here")
        else:
            self._say(f"  recorded by the ops daemon at {access.url}")


def _on_a_terminal(conductor: _Conductor, program: DrillProgram) -> None:
    """The console on the drill's stack, from when it is quiet until it is cured or the person leaves."""
    over, up = threading.Event(), threading.Event()
    place: list[str] = []

    def listen() -> None:
        for happening in program.happenings():
            if happening.up:
                place.append(happening.up)
                conductor.is_quiet = True
                up.set()
                continue
            if happening.result is not None:
                over.set()
            conductor.take(happening)
        over.set()
        up.set()

    def end() -> None:
        over.set()
        leave_in_any_case()

    with program.passing_on_signals(also=end):
        listener = threading.Thread(target=listen, name="drill")
        listener.start()
        up.wait()
        try:
            if place and not over.is_set():
                from console.tui.app import run_console

                run_console(DaemonChoice(Path(place[0]), None, None), leave=over, remember=False)
        finally:
            conductor.speak_again()
            program.leave()
            listener.join()
            conductor.speak_again()


COMMANDS = {"drill": drill}
