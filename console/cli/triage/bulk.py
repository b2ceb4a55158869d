"""One thing done to several incidents: each by itself, so that one that cannot be done stops none of the others."""

import sys
from collections.abc import Callable, Sequence

import click

from alerts.wire import IncidentView
from console.cli.answer import say
from console.cli.meant import incident_meant
from console.cli.options import odd_key, say_json, understood
from console.model.record_filter import incident_filter
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.which_daemon import DaemonChoice


def numbers_meant(
    which: DaemonChoice, client: OpsClient, words: Sequence[str], wanted: str
) -> tuple[int, ...]:
    """The incidents that are named, or every open one that passes the filter ``wanted``, each once.

    Raises ``click.UsageError`` where neither or both are given.
    """
    if bool(words) is bool(wanted.strip()):
        raise click.UsageError("name the incidents, or say which with --filter: one of the two")
    if words:
        return tuple(dict.fromkeys(incident_meant(which, client, word) for word in words))
    # Nobody looks at what passes before it is done: `!sevv:critical` would take everything.
    if doubt := odd_key("incidents", wanted):
        raise click.BadParameter(doubt, param_hint="--filter")
    passes = understood(incident_filter, wanted)
    return tuple(one.id for one in client.incidents() if passes(one))


def done_to_each(
    numbers: Sequence[int],
    call: Callable[[int], IncidentView],
    tell: Callable[[IncidentView], None],
    *,
    as_json: bool,
    is_bulk: bool,
) -> None:
    """Do it to each and tell of each; JSON is one incident, or a list of them for several and for a filter.

    What went wrong with one is told, and the program ends with the first such exit code after all the others.
    Raises the ``OpsError`` of a single one.
    """
    if len(numbers) == 1 and not is_bulk:
        done = call(numbers[0])
        say_json(done) if as_json else tell(done)
        return
    found, code = [], 0
    for number in numbers:
        try:
            found.append(call(number))
        except OpsError as error:
            click.echo(f"ops: incident {number}: {error}", err=True)
            code = code or error.exit_code
            continue
        if not as_json:
            tell(found[-1])
    if as_json:
        say_json(found)
    elif not numbers:
        say("no open incident passes the filter")
    sys.exit(code)
