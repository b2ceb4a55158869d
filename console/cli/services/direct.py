"""What is done past the daemon: confirmed all the same, and told to it."""

import sys

import click

from console.cli.options import client_of
from console.ops_api.errors import CallRefusedError, OpsError
from console.ops_api.which_daemon import DaemonChoice


def confirmed_or_refuse(wanted: str, given: str | None, what: str) -> None:
    """Return when the person confirmed. Raises ``CallRefusedError``."""
    if given is not None:
        if given != wanted:
            raise CallRefusedError(f"--confirm {given} does not fit; this is {wanted}")
        return
    if not sys.stdin.isatty():
        raise CallRefusedError(f"not confirmed; without a terminal give --confirm {wanted}")
    if not click.confirm(f"{what}?", err=True):
        raise CallRefusedError("not confirmed; nothing was done")


def journal_by_hand(which: DaemonChoice, what: str) -> None:
    """Tell the daemon of something done by hand; say so where it cannot be told."""
    try:
        client_of(which).note_done_by_hand(what)
    except OpsError as error:
        click.echo(f"ops: not journalled ({error})", err=True)
