"""`ops ps`: the services and how they are."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
import msgspec

from alerts.wire import ServiceView
from console.cli.answer import show_while
from console.cli.columns import listed, tabular
from console.cli.local_program import argv_of, must_be_local
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.errors import OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import since


@click.command()
@watched
@tabular
@as_json
@reaches_ops
@click.pass_obj
def ps(which: DaemonChoice, watch: bool, as_json: bool) -> None:
    """Each service with its state, pid, uptime and address.

    \b
    Examples:
      ops ps
      ops ps --columns name,state
    """
    if as_json:
        say_json(_services(which))
        return
    show_while(lambda: _listed(_services(which)), watch=watch)


def _services(which: DaemonChoice) -> Sequence[ServiceView]:
    """Asked of the stack's own program where it is here, so that they are shown while the daemon is down too."""
    if not which.is_within_reach:
        return client_of(which).services()
    must_be_local(which, ["ps"])
    sys.stdout.flush()
    done = subprocess.run(argv_of(which, ["ps", "--json"]), capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("ops: ")
        raise (UnreachableError if done.returncode == UnreachableError.exit_code else OpsError)(said)
    return msgspec.json.decode(done.stdout, type=tuple[ServiceView, ...])


def _listed(services: Sequence[ServiceView]) -> str:
    rows = (
        (s.name, s.state, str(s.pid or "-"), _uptime(s.uptime_s), s.url or "", s.detail) for s in services
    )
    head = ("NAME", "STATE", "PID", "UPTIME", "URL", "DETAIL")
    return listed(head, rows, names=(s.name for s in services), empty="this target has no services")


def _uptime(seconds: float | None) -> str:
    now = datetime.now(UTC)
    return "-" if seconds is None else since(now - timedelta(seconds=seconds), now)


COMMANDS = {"ps": ps}
