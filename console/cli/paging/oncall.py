"""`ops oncall`: who is called at each level now, and taking a level for a while."""

from datetime import UTC, datetime

import click

from alerts.wire import ContactsView
from console.cli.answer import folded, say, show_while, told
from console.cli.columns import shown_table, tabular
from console.cli.completions import person_names
from console.cli.moments import end_of, local_times
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.which_daemon import DaemonChoice
from console.text.call_list import LEVEL_HEAD, besides_lines, level_rows

LEVELS = ("L1", "L2", "L3")


@click.group(cls=NounGroup, invoke_without_command=True)
@watched
@tabular
@as_json
@reaches_ops
@click.pass_context
def oncall(ctx: click.Context, watch: bool, as_json: bool) -> None:
    """Who is called at each level now; `set` puts somebody there for a while.

    --quiet prints who is called first, a person a line.

    \b
    Examples:
      ops oncall
      ops oncall set L1 ana --until 'tomorrow 09:00'
    """
    if ctx.invoked_subcommand is not None:
        return
    client = client_of(ctx.obj)
    if as_json:
        say_json(client.contacts())
        return

    def shown() -> str:
        view = client.contacts()
        return told(_shown(view), *(view.levels[0].people if view.levels else ()))

    show_while(shown, watch=watch)


def _shown(view: ContactsView) -> str:
    return "\n".join([shown_table(LEVEL_HEAD, level_rows(view)), *map(folded, besides_lines(view))])


@oncall.command("set")
@click.argument("level", type=click.Choice(LEVELS, case_sensitive=False))
@click.argument("person", shell_complete=person_names)
@click.option("--until", metavar="TIME", help="Until when: 18:00, 'tomorrow 09:00' or 2026-01-31T09:00Z.")
@click.option("--for", "for_", metavar="8h", help="For how long, in the place of --until.")
@local_times
@tabular
@as_json
@reaches_ops
@click.pass_obj
def set_(
    which: DaemonChoice, level: str, person: str, until: str | None, for_: str | None, as_json: bool
) -> None:
    """Have PERSON called at LEVEL instead of whom the contacts file says.

    \b
    Examples:
      ops oncall set L1 ana --for 8h
    """
    view = client_of(which).set_on_call(level, person, end_of(datetime.now(UTC), until, for_).isoformat())
    say_json(view) if as_json else say(_shown(view))


@oncall.command()
@click.argument("level", type=click.Choice(LEVELS, case_sensitive=False))
@tabular
@as_json
@reaches_ops
@click.pass_obj
def unset(which: DaemonChoice, level: str, as_json: bool) -> None:
    """Call at LEVEL whom the contacts file says.

    \b
    Examples:
      ops oncall unset L1
    """
    view = client_of(which).unset_on_call(level)
    say_json(view) if as_json else say(_shown(view))


COMMANDS = {"oncall": oncall}
