"""A real terminal for tests: tmux, with a server and a socket of its own."""

import os
import secrets
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.stackwork import until


class Tmux:
    """One window in which one program runs; every key that is pressed is counted, what is typed into a line is not."""

    def __init__(self, program: str, socket: str) -> None:
        self._tmux = [program, "-L", socket, "-f", os.devnull]
        self.keys: list[str] = []

    def start(self, argv: Sequence[str], env: Mapping[str, str], columns: int, lines: int) -> None:
        """Run the program in a window of that size."""
        words = [f"{name}={value}" for name, value in env.items()]
        command = shlex.join(["env", *words, *argv])
        # The window stays when the program ends: what it left there is to be seen.
        self._run("new-session", "-d", "-x", str(columns), "-y", str(lines), f"{command}; echo ended $?; cat")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, one after another."""
        for key in keys:
            self.keys.append(key)
            self._run("send-keys", key)

    def type(self, text: str) -> None:
        """Type a text into the line at hand."""
        self._run("send-keys", "-l", text)

    def screen(self) -> str:
        """What stands in the window."""
        return self._run("capture-pane", "-p")

    def see(self, words: str | Callable[[str], bool], *, timeout_s: float = 60) -> str:
        """Wait until the window has these words; what it shows then."""
        holds = words if callable(words) else lambda text: words in text
        shown: list[str] = [""]

        def look() -> bool:
            shown[0] = self.screen()
            return holds(shown[0])

        try:
            until(look, timeout_s=timeout_s, what=repr(words))
        except AssertionError as error:
            raise AssertionError(f"{error}; the window is\n{shown[0]}") from error
        return shown[0]

    def end(self) -> None:
        """End the window and its program."""
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        run = subprocess.run([*self._tmux, *words], capture_output=True, text=True, timeout=20, check=True)
        return run.stdout


@contextmanager
def tmux_with(
    program: str, argv: Sequence[str], env: Mapping[str, str], columns: int = 80, lines: int = 24
) -> Iterator[Tmux]:
    """A program in a terminal, ended afterwards; ``program`` is tmux."""
    tmux = Tmux(program, f"sps-{secrets.token_hex(4)}")
    tmux.start(argv, env, columns, lines)
    try:
        yield tmux
    finally:
        tmux.end()
