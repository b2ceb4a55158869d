"""`ops read-only`: whether anything may be changed at all."""

import click

from console.cli.answer import say
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line


@click.command("read-only")
@click.argument("switch", required=False, type=click.Choice(["on", "off"]))
@click.option("--reason", help="Why nothing may be changed; shown to everybody.")
@as_json
@reaches_ops
@click.pass_obj
def read_only(which: DaemonChoice, switch: str | None, reason: str | None, as_json: bool) -> None:
    """Refuse every change (on), or allow them again (off); without a word, how it is.

    \b
    Examples:
      ops read-only
      ops read-only on --reason "the disk is being exchanged"
    """
    if switch == "on" and not (reason or "").strip():
        raise click.UsageError("say why with --reason; everybody who is refused will read it")
    client = client_of(which)
    if switch is None:
        held = client.health().get("read_only")
        shown = str(held) if held else None
    else:
        shown = client.set_read_only(reason if switch == "on" else None)
    if as_json:
        say_json({"read_only": shown})
    elif shown:
        say(f"read-only: {one_line(shown)}", "on")
    else:
        say("changes are allowed" if switch is None else "changes are allowed again", "off")


COMMANDS = {"read-only": read_only}
