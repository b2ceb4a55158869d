"""`ops backups`: the backups there are."""

import sys
from collections.abc import Sequence
from datetime import datetime

import click
import msgspec

from console.cli.answer import say
from console.cli.columns import listed, tabular
from console.cli.local_program import argv_of, must_be_local
from console.cli.moments import local_times, stamp
from console.cli.options import as_json, reaches_ops, say_json
from console.ops_api.errors import OpsError
from console.ops_api.which_daemon import DaemonChoice

_HEAD = ("BACKUP", "AT", "SIZE")


class DatabaseBackup(msgspec.Struct, frozen=True):
    """A backup of the database that lies in the state folder."""

    name: str
    size_bytes: int
    at: datetime


@click.command()
@local_times
@tabular
@as_json
@reaches_ops
@click.pass_obj
def backups(which: DaemonChoice, as_json: bool) -> None:
    """The backups of the local stack, the oldest first; made by `ops act backup`.

    \b
    Examples:
      ops backups
      ops backups --json
    """
    found = _backups(which)
    if as_json:
        say_json(found)
        return
    rows = ((one.name, stamp(one.at), f"{one.size_bytes:,} bytes") for one in found)
    names = [one.name for one in found]
    say(listed(_HEAD, rows, names=names, empty="no backups yet; ops act backup makes one"), *names)


def _backups(which: DaemonChoice) -> Sequence[DatabaseBackup]:
    """Asked of the stack's own program, which knows where they lie. Raises ``OpsError``."""
    # Imported when a program is started: most commands ask the daemon alone.
    import subprocess

    must_be_local(which, ["backups"])
    argv = argv_of(which, ["list", "--json"], "server.stack.actions.backups")
    sys.stdout.flush()
    done = subprocess.run(argv, capture_output=True, check=False)
    try:
        return msgspec.json.decode(done.stdout, type=tuple[DatabaseBackup, ...])
    except msgspec.MsgspecError as error:
        said = (done.stderr.decode(errors="replace").strip().splitlines() or ["they cannot be listed here"])[
            -1
        ]
        raise OpsError(f"backups: {said.removeprefix('ops: ')}") from error


COMMANDS = {"backups": backups}
