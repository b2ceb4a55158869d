"""`ops undo`: take back what was done at this terminal a moment ago."""

import click

from console.cli.answer import say
from console.cli.last_deed import last_deed, not_remembered
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.deed import UNDO_S, UNDOABLE, is_recent, undo
from console.ops_api.errors import CallRefusedError, NotThereError
from console.ops_api.which_daemon import DaemonChoice


@click.command("undo")
@as_json
@reaches_ops
@click.pass_obj
def take_back(which: DaemonChoice, as_json: bool) -> None:
    """Take back what was done last at this terminal, within 10 seconds of it.

    That is acknowledging, giving back, silencing, ending or extending a silence, tick, untick, join, leave, merge. A
    note stays on the timeline, and what was run is taken back by its own step. Exit code 2 where there is nothing to
    undo, 4 where it is too late.

    \b
    Examples:
      ops undo
    """
    last = last_deed(which)
    if last is None and (why := not_remembered(which)):
        raise NotThereError(f"what was done last at this terminal could not be remembered: {why}")
    if last is None:
        raise NotThereError(
            f"there is nothing to undo: only what was done last at this terminal is, of {UNDOABLE}"
        )
    deed, client = last.deed, client_of(which)
    if not last.is_of(client.access):
        raise CallRefusedError(
            f"{deed.words} was done with another token than yours, and is its holder's to undo"
        )
    if not is_recent(last.age_s):
        raise CallRefusedError(
            f"too late: {deed.words} was {last.age_s:.0f} s ago and can be undone for {UNDO_S:g} s;"
            " ops unack, ops silences end and ops incident do it later"
        )
    words = undo(client, deed)
    if as_json:
        say_json(
            {"undone": deed.kind, "incidents": deed.incidents, "silences": deed.silence_ids, "text": words}
        )
        return
    say(words, *map(str, deed.incidents), *deed.silence_ids)


COMMANDS = {"undo": take_back}
