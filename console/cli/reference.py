"""The reference of the command line, made from the program itself: Markdown for docs/commands.md, and man pages."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from console.cli.main import BRIEFLY, SECTIONS, cli
from console.cli.topics import TOPICS

_WIDTH = 100


def walk(
    command: click.Command, path: tuple[str, ...], parent: click.Context | None
) -> Iterator[click.Context]:
    """The command's context and those of all commands below it, in the order in which help lists them."""
    # As the program itself makes it: what help is called stands in its settings, and those below inherit that.
    settings = {**command.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    context = click.Context(command, info_name=path[-1], parent=parent, **settings)
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from walk(below, (*path, name), context)


def markdown() -> str:
    """Every command with its help, as docs/commands.md has it."""
    by_name: dict[str, list[click.Context]] = {}
    for context in walk(cli, ("ops",), None):
        by_name.setdefault(_name(context), []).append(context)
    parts = [
        "# Commands\n",
        "Made from the program by `make reference`; a test holds it equal. `ops help COMMAND` says the same.\n",
    ]
    parts += ["```text", _help(by_name[""][0]), "```\n"]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        for name in names:
            for context in by_name[name]:
                parts += [f"### {context.command_path}\n", "```text", _help(context), "```\n"]
    parts.append("## Topics\n")
    for name, text in TOPICS.items():
        parts += [f"### ops help {name}\n", "```text", text.strip("\n"), "```\n"]
    return "\n".join(parts)


def man_pages() -> dict[str, str]:
    """Man pages of section 1 by file name: one of the program, and one of each of its commands."""
    pages = {}
    for context in walk(cli, ("ops",), None):
        words = context.command_path.split()
        if len(words) <= 2:
            pages["-".join(words) + ".1"] = _man(context)
    return pages


def _name(context: click.Context) -> str:
    """The command's own name, of a command below one that one's; empty for the program."""
    words = context.command_path.split()
    return words[1] if len(words) > 1 else ""


def _man(context: click.Context) -> str:
    name = context.command_path.replace(" ", "-")
    lines = [
        f'.TH "{name.upper()}" "1" "{date.today().isoformat()}" "structured-prompt-service" "User commands"',
        ".SH NAME",
        f"{_roff(name)} \\- {_roff(BRIEFLY.get(_name(context)) or context.command.get_short_help_str(200))}",
        ".SH SYNOPSIS",
        f"{_roff(context.command.get_usage(context).removeprefix('Usage: '))}",
        ".SH DESCRIPTION",
    ]
    below = (
        [context]
        if len(context.command_path.split()) == 1
        else list(walk(context.command, (context.info_name or "",), context.parent))
    )
    for one in below:
        if one is not context:
            lines.append(f".SS {_roff(one.command_path)}")
        lines += [".nf", _roff(_help(one)), ".fi"]
    return "\n".join(lines) + "\n"


def _help(context: click.Context) -> str:
    return "\n".join(line.rstrip() for line in context.command.get_help(context).splitlines())


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^(?=[.'])", r"\\&", escaped)


def write(root: Path, man: Path | None = None) -> list[Path]:
    """Writes docs/commands.md below ``root``, and with ``man`` the man pages into that folder; the files written."""
    reference = root / "docs" / "commands.md"
    reference.write_text(markdown())
    written = [reference]
    if man is not None:
        man.mkdir(parents=True, exist_ok=True)
        for name, text in man_pages().items():
            (man / name).write_text(text)
            written.append(man / name)
    return written


if __name__ == "__main__":
    for path in write(Path(), Path("build/man/man1")):
        click.echo(str(path))
