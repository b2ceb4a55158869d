"""`ops help`: what a command does and takes, and what is of no one command."""

import click

from console.cli.answer import say
from console.cli.completions import help_words
from console.cli.topics import TOPICS


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
    if len(words) == 1 and words[0] in TOPICS and words[0] not in _commands(ctx):
        say(TOPICS[words[0]].strip("\n"))
        return
    shown = ctx.find_root()
    if words in (("topic",), ("topics",)):
        say(f"The topics are {', '.join(TOPICS)}; ops help TOPIC says what is to be known.")
        return
    for word in words:
        group = shown.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{shown.command_path} has no command {word!r}", ctx)
        name, command, _ = group.resolve_command(shown, [word])
        if command is None:
            raise click.UsageError(f"no command {word!r}", ctx)
        shown = click.Context(command, info_name=name, parent=shown)
    text = shown.command.get_help(shown)
    if len(words) == 1 and words[0] in TOPICS:
        text += f"\n\n{TOPICS[words[0]].strip(chr(10))}"
    elif not words:
        text += f"\n\nops help COMMAND says more, and ops help TOPIC: {', '.join(TOPICS)}."
    say(text)


def _commands(ctx: click.Context) -> list[str]:
    root = ctx.find_root().command
    assert isinstance(root, click.Group)
    return root.list_commands(ctx)


COMMANDS = {"help": help_}
