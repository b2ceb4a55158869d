"""Drills as a program: `python -m server.stack.drill NAME|--all`."""

import os
import signal
import sys
import threading
from pathlib import Path

import click
import msgspec

from server.stack.drill.drill import ForAPerson, run_drill
from server.stack.drill.report import report_lines, write_reports
from server.stack.drill.scenario import SCENARIOS, DrillResult
from server.stack.drill.signals import stop_on_signals, when_starter_ends
from server.stack.layout import Layout

_SURPRISE_S = (5.0, 20.0)


class _Teller:
    """Says what happens: to a person on standard error, or as a line of JSON each to the program that started us."""

    def __init__(self, *, as_events: bool) -> None:
        self._as_events = as_events

    def say(self, text: str) -> None:
        """A line of progress."""
        if self._as_events:
            self._event(say=f"  · {text}")
        else:
            click.echo(f"  · {text}", err=True)

    def headline(self, text: str) -> None:
        """Which drill comes now."""
        if self._as_events:
            self._event(say=text)
        else:
            click.echo(text, err=True)

    def up(self, layout: Layout) -> None:
        """The stack is up and quiet: a person may look at it."""
        if self._as_events:
            self._event(up=str(layout.state), url=layout.url("ops"))
        else:
            click.echo(f"the console: ops console --state {layout.state} · {layout.url('ops')}", err=True)

    def result(self, result: DrillResult) -> None:
        """How one drill went."""
        for line in report_lines(result):
            self.headline(line)
        if self._as_events:
            self._event(result=result)

    def _event(self, **event: object) -> None:
        try:
            sys.stdout.write(msgspec.json.encode(event).decode() + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True)
@click.option("--list", "listing", is_flag=True)
@click.option("--control", is_flag=True, help="Leave the cure out: the alert must go on firing.")
@click.option(
    "--human", is_flag=True, help="Wait for a person to cure it; the end of standard input is theirs."
)
@click.option("--at-once", is_flag=True, help="With --human: cause the fault at once.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--events", is_flag=True, help="What happens, as JSON lines; ends when standard input does.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False))
def main(
    name: str | None,
    everything: bool,
    listing: bool,
    control: bool,
    human: bool,
    at_once: bool,
    as_json: bool,
    events: bool,
    report: Path | None,
) -> None:
    """Exit code 0 when every drill passed, 1 when one did not, 2 for an unknown name."""
    if listing:
        click.echo(msgspec.json.encode(list(SCENARIOS)).decode() if as_json else "\n".join(SCENARIOS))
        return
    if name is not None and name not in SCENARIOS:
        click.echo(f"ops: no drill {name}; there are {', '.join(SCENARIOS)}", err=True)
        sys.exit(2)
    stop_on_signals()
    chosen = list(SCENARIOS.values()) if everything or name is None else [SCENARIOS[name]]
    teller = _Teller(as_events=events)
    person = _person(teller, at_once=at_once, events=events) if human else None
    if events and not human:
        when_starter_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))
    results = []
    for number, scenario in enumerate(chosen, 1):
        teller.headline(f"DRILL {scenario.name}" + (f" ({number} of {len(chosen)})" if everything else ""))
        results.append(run_drill(scenario, teller.say, control=control, person=person))
        teller.result(results[-1])
    if report is not None:
        teller.headline(f"report: {' and '.join(map(str, write_reports(report, results)))}")
    if as_json:
        document: object = results if everything or name is None else results[0]
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
    sys.exit(0 if all(result.passed for result in results) else 1)


def _person(teller: _Teller, *, at_once: bool, events: bool) -> ForAPerson:
    gone = threading.Event()
    if events:
        when_starter_ends(gone.set)
    return ForAPerson(is_up=teller.up, gone=gone, surprise_s=(0.0, 0.0) if at_once else _SURPRISE_S)


if __name__ == "__main__":
    main(prog_name="ops drill")
