"""`ops oncall`: who is called at each level now, and taking a level for a while."""

from datetime import UTC, datetime

import click

from console.cli.moments import end_of
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.call_list import on_call_lines

LEVELS = ("L1", "L2", "L3")


@click.group(invoke_without_command=True)
@as_json
@reaches_ops
@click.pass_context
def oncall(ctx: click.Context, as_json: bool) -> None:
    """Who is called at each level now; `set` puts somebody there for a while."""
    if ctx.invoked_subcommand is None:
        view = client_of(ctx.obj).contacts()
        say_json(view) if as_json else click.echo("\n".join(on_call_lines(view)))


@oncall.command("set")
@click.argument("level", type=click.Choice(LEVELS, case_sensitive=False))
@click.argument("person")
@click.option("--until", metavar="TIME", help="Until when: 18:00, 'tomorrow 09:00' or 2026-01-31T09:00Z.")
@click.option("--for", "for_", metavar="8h", help="For how long, in the place of --until.")
@as_json
@reaches_ops
@click.pass_obj
def set_(
    which: DaemonChoice, level: str, person: str, until: str | None, for_: str | None, as_json: bool
) -> None:
    """Have PERSON called at LEVEL instead of whom the contacts file says."""
    view = client_of(which).set_on_call(level, person, end_of(datetime.now(UTC), until, for_).isoformat())
    say_json(view) if as_json else click.echo("\n".join(on_call_lines(view)))


@oncall.command()
@click.argument("level", type=click.Choice(LEVELS, case_sensitive=False))
@as_json
@reaches_ops
@click.pass_obj
def unset(which: DaemonChoice, level: str, as_json: bool) -> None:
    """Call at LEVEL whom the contacts file says."""
    view = client_of(which).unset_on_call(level)
    say_json(view) if as_json else click.echo("\n".join(on_call_lines(view)))


COMMANDS = {"oncall": oncall}
