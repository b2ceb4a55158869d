"""`ops help`: what a command does and takes, and what is of no one command."""

from collections.abc import Sequence

import click

from console.cli.answer import say
from console.cli.completions import help_words
from console.cli.topics import MEANT_TOPICS, TOPICS


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND or TOPIC]...", shell_complete=help_words)
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Say what COMMAND does and takes, or what is to be known about TOPIC; without one, which commands there are.

    Topics: paging, maintenance, drills, filters, exit-codes, environment, output.

    \b
    Examples:
      ops help ack
      ops help filters
    """
    topic = _topic(words, _commands(ctx))
    if topic is not None and topic not in _commands(ctx):
        say(TOPICS[topic].strip("\n"))
        return
    shown = ctx.find_root()
    if words in (("topic",), ("topics",)):
        say(f"The topics are {', '.join(TOPICS)}; ops help TOPIC says what is to be known.")
        return
    for word in words if topic is None else (topic,):
        group = shown.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{shown.command_path} has no command {word!r}", ctx)
        name, command, _ = group.resolve_command(shown, [word])
        if command is None:
            raise click.UsageError(f"no command {word!r}", ctx)
        shown = click.Context(command, info_name=name, parent=shown)
    text = shown.command.get_help(shown)
    if topic is not None:
        text += f"\n\n{TOPICS[topic].strip(chr(10))}"
    elif not words:
        text += f"\n\nops help COMMAND says more, and ops help TOPIC:\n{', '.join(TOPICS)}."
    say(text)


def _topic(words: Sequence[str], commands: Sequence[str]) -> str | None:
    """The topic that is meant: by its name, the begin of it, or another word for it; None for what is a command."""
    name = "-".join(words).lower()
    if name in TOPICS:
        return name
    if not words or words[0] in commands:
        return None
    begun = [topic for topic in TOPICS if topic.startswith(name)]
    return MEANT_TOPICS.get(name) or (begun[0] if len(begun) == 1 else None)


def _commands(ctx: click.Context) -> list[str]:
    root = ctx.find_root().command
    assert isinstance(root, click.Group)
    return root.list_commands(ctx)


COMMANDS = {"help": help_}
