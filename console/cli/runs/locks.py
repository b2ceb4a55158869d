"""`ops locks`: who holds what, so that two never change the same thing at once."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from console.cli.answer import show_while
from console.cli.columns import listed, tabular
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import since
from runbooks.wire import LockView


@click.command()
@watched
@tabular
@as_json
@reaches_ops
@click.pass_obj
def locks(which: DaemonChoice, watch: bool, as_json: bool) -> None:
    """Which locks are held, by whom, since when, for which execution.

    A lock goes with its execution; of one whose end is unknown, with `ops executions clear ID`.

    \b
    Examples:
      ops locks
      ops locks --watch
    """
    client = client_of(which)
    if as_json:
        say_json(client.locks())
        return
    show_while(lambda: _listed(client.locks()), watch=watch)


def _listed(found: Sequence[LockView]) -> str:
    now = datetime.now(UTC)
    rows = ((one.key, one.holder, since(one.since, now), one.state, one.execution_id) for one in found)
    head = ("LOCK", "BY", "FOR", "STATE", "EXECUTION")
    return listed(head, rows, names=(one.key for one in found), empty="no lock is held")


COMMANDS = {"locks": locks}
