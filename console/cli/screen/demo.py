"""The world of `ops console --demo`: a stack of its own in which things break, gone when the console is left."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from console.cli.drills.drill_program import DrillProgram, leave_in_any_case
from console.ops_api.errors import UnreachableError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import harmless

_MODULE = "server.stack.drill.demo"


class DemoProgram:
    """The program that makes that world; ``ended`` is set when it is gone."""

    def __init__(self) -> None:
        self._program = DrillProgram([], module=_MODULE)
        self._up = threading.Event()
        self._place: list[str] = []
        self.said: list[str] = []
        """What it said while the terminal was the console's."""
        self.ended = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="demo")

    def _listen(self) -> None:
        for happening in self._program.happenings():
            if happening.up:
                self._place.append(happening.up)
                self._up.set()
            elif happening.say and self._up.is_set():
                self.said.append(happening.say)
            elif happening.say:
                click.echo(harmless(happening.say), err=True)
        self.ended.set()
        self._up.set()

    def _end(self) -> None:
        self.ended.set()
        leave_in_any_case()

    @contextlib.contextmanager
    def running(self) -> Iterator[DaemonChoice]:
        """The daemon of that world, for as long as the block lasts. Raises ``UnreachableError`` where it does not come up."""
        with self._program.passing_on_signals(also=self._end):
            self._listener.start()
            try:
                self._up.wait()
                if not self._place:
                    raise UnreachableError("the world of the demonstration did not come up")
                yield DaemonChoice(Path(self._place[0]), None, None)
            finally:
                self._program.leave()
                self._listener.join()
                self._program.exit_code()


@contextlib.contextmanager
def demo_world() -> Iterator[tuple[DaemonChoice, threading.Event]]:
    """The daemon to look at, and what is set when it is gone; whatever was said meanwhile is told afterwards."""
    click.echo("a stack of its own is coming up, in which things break; it is gone when you leave", err=True)
    program = DemoProgram()
    try:
        with program.running() as which:
            yield which, program.ended
    finally:
        for text in program.said:
            click.echo(harmless(text), err=True)
