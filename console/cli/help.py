"""`ops help`: what a command does and takes."""

import click


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Say what COMMAND does and takes; without one, which commands there are."""
    shown = ctx.find_root()
    for word in words:
        group = shown.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{shown.command_path} has no command {word!r}", ctx)
        name, command, _ = group.resolve_command(shown, [word])
        if command is None:
            raise click.UsageError(f"no command {word!r}", ctx)
        shown = click.Context(command, info_name=name, parent=shown)
    click.echo(shown.command.get_help(shown))


COMMANDS = {"help": help_}
