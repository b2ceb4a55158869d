"""How a command answers: in words, with nothing but names under --quiet, and through a pager where it is long."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import click

from console.cli.options import is_quiet
from console.terminal.paint import with_colour, without_marks
from console.text.plain import cell_width, harmless

_WATCH_S = 2.0


def told(words: str, *names: str) -> str:
    """The words; under ``--quiet`` the names alone, a line each: what a script goes on with, or nothing."""
    return "\n".join(names) if is_quiet() else words


def say(words: str, *names: str) -> None:
    """Print ``told``; more than a screen of it goes through the pager."""
    text = told(words, *names)
    if not text:
        return
    if not (_is_long(text) and _paged(text)):
        click.echo(text)


def say_preview(subject: str, body: str) -> None:
    """Print what would be published, to the byte; beside it, not among it, that it has not been."""
    say(harmless(f"{subject}\n\n{body}"))
    if not is_quiet():
        click.echo("· nothing is published; without --preview it is", err=True)


def folded(text: str, *, set_in: int = 2) -> str:
    """Sentences with line breaks between words where the terminal would break within one; into a pipe as they are.

    The rows after the first are set in by ``set_in`` cells. What is a table, or to be typed again, is not for this.
    """
    if not sys.stdout.isatty():
        return text
    # Imported at a terminal alone: scripts, which start many, do without.
    import shutil

    width = shutil.get_terminal_size().columns
    return "\n".join(row for line in text.split("\n") for row in _rows(line, width, set_in))


def folded_markdown(text: str) -> str:
    """Markdown whose paragraphs and items break between words at a terminal; code and tables stay as they are."""
    lines, is_code = [], False
    for line in text.split("\n"):
        begin = line.lstrip()
        is_fence = begin.startswith("```")
        is_kept = is_code or is_fence or begin.startswith("|")
        lines.append(line if is_kept else folded(line, set_in=2 * begin.startswith(("- ", "* "))))
        is_code ^= is_fence
    return "\n".join(lines)


def _rows(line: str, width: int, set_in: int) -> Iterator[str]:
    """The line in rows of so many cells; those after the first are set in."""
    margin = " " * (len(line) - len(line.lstrip()) + set_in)
    row, *words = line.split(" ") if cell_width(line) > width else [line]
    for word in words:
        if row.strip() and cell_width(f"{row} {word}") > width:
            yield row
            row = margin + word
        else:
            row = f"{row} {word}"
    yield row


def show_while(render: Callable[[], str], *, watch: bool) -> None:
    """Print what ``render`` gives; with ``watch`` every two seconds anew, where it is another than before.

    On a terminal the screen is cleared before each; elsewhere each begins with the time.
    """
    if not watch:
        text = render()
        say(text, *text.splitlines())
        return
    shown: str | None = None
    while True:
        text = render()
        if text != shown:
            if sys.stdout.isatty():
                click.clear()
            elif not is_quiet():
                click.echo(f"-- {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            click.echo(text, nl=bool(text))
            sys.stdout.flush()
        shown = text
        time.sleep(_WATCH_S)


def _is_long(text: str) -> bool:
    """Whether it is more than a screen of the terminal that it goes to."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    # Imported at a terminal alone: scripts, which start many, do without.
    import shutil

    size = shutil.get_terminal_size()
    rows = (max(1, -(-cell_width(line) // max(1, size.columns))) for line in without_marks(text).split("\n"))
    # The prompt that comes after it takes a line too.
    return sum(rows) >= size.lines


def _paged(text: str) -> bool:
    """Whether a pager has shown it: PAGER, or less; none where PAGER is empty or there is no such program."""
    import shlex
    import subprocess

    pager = os.environ.get("PAGER", "less")
    try:
        words = shlex.split(pager)
    except ValueError:
        return False
    if not words or words == ["cat"]:
        return False
    sys.stdout.flush()
    try:
        # What fits after all is shown and left, and it stays on the screen.
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            env={"LESS": "FRX", **os.environ},
        )
    except OSError:
        return False
    assert process.stdin is not None
    try:
        process.stdin.write(with_colour(harmless(text)) + "\n")
        process.stdin.close()
    except (OSError, KeyboardInterrupt):
        pass  # Whoever reads has seen enough.
    while True:
        try:
            process.wait()
        except KeyboardInterrupt:
            continue  # It is the pager's own: less goes on, and whoever reads leaves it with q.
        return True
