"""`ops logs`: the log of a service."""

import sys
import time
import urllib.parse
from collections.abc import Callable, Sequence
from typing import Any

import click

from console.cli.completions import service_names
from console.cli.local_program import become_local
from console.cli.options import client_of, reaches_ops
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import harmless

_LOOK_EVERY_S = 1.0
_LOOKED_AT = 2_000
"""How many of the last lines are read each time while a log elsewhere is followed."""


@click.command()
@click.argument("service", shell_complete=service_names)
@click.option(
    "--tail", type=click.IntRange(0, 100_000), default=100, show_default=True, help="Lines, the last."
)
@click.option("--grep", help="Only lines that contain this text.")
@click.option("--request-id", help="Only lines about this request.")
@click.option("--count-by", type=click.Choice(["type", "status", "path"]), help="Count lines by this field.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@reaches_ops
@click.pass_obj
def logs(which: DaemonChoice, /, service: str, **options: Any) -> None:
    """What SERVICE has logged."""
    if which.is_within_reach:
        become_local(which, ["logs", service, *_log_options(options)])
    client, following = client_of(which), options.pop("follow")
    path = _path(service, options)
    if not following:
        click.echo(harmless(client.text(path)), nl=False)
        return
    if options["count_by"]:
        raise click.UsageError("--count-by counts what there is, and --follow goes on: give one of them")
    looked_at = max(_LOOKED_AT, options["tail"])
    path = _path(service, {**options, "tail": looked_at})
    _follow(lambda: client.text(path).splitlines(), options["tail"])


def _path(service: str, options: dict[str, Any]) -> str:
    asked = {name: value for name, value in options.items() if value is not None}
    return f"/v1/logs/{urllib.parse.quote(service, safe='')}?{urllib.parse.urlencode(asked)}"


def _follow(read: Callable[[], Sequence[str]], tail: int) -> None:
    """Print the end of what is there, then what comes after it, until interrupted."""
    known = read()
    new: Sequence[str] | None = known[max(0, len(known) - tail) :]
    while True:
        if new is None:
            click.echo("… more lines came than are read at a time; some before these are not shown …")
        for line in known if new is None else new:
            click.echo(harmless(line))
        sys.stdout.flush()
        time.sleep(_LOOK_EVERY_S)
        lines = read()
        new, known = lines_after(known, lines), lines


def lines_after(known: Sequence[str], lines: Sequence[str]) -> Sequence[str] | None:
    """What of ``lines`` comes after the end of ``known``, both being the end of one log; None where they do not meet."""
    for length in range(min(len(known), len(lines)), 0, -1):
        if known[-length:] == lines[:length]:
            return lines[length:]
    return lines if not known else None


def _log_options(options: dict[str, Any]) -> list[str]:
    words = ["--follow"] if options.pop("follow") else []
    for name, value in options.items():
        if value is not None:
            words.append(f"--{name.replace('_', '-')}={value}")
    return words


COMMANDS = {"logs": logs}
