"""`ops read-only`: whether anything may be changed at all."""

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice


@click.command("read-only")
@click.argument("switch", type=click.Choice(["on", "off"]))
@click.option("--reason", help="Why nothing may be changed; shown to everybody.")
@as_json
@reaches_ops
@click.pass_obj
def read_only(which: DaemonChoice, switch: str, reason: str | None, as_json: bool) -> None:
    """Refuse every change (on), or allow them again (off)."""
    if switch == "on" and not (reason or "").strip():
        raise click.UsageError("say why with --reason; everybody who is refused will read it")
    shown = client_of(which).set_read_only(reason if switch == "on" else None)
    if as_json:
        say_json({"read_only": shown})
    else:
        click.echo(f"read-only: {shown}" if shown else "changes are allowed again")


COMMANDS = {"read-only": read_only}
