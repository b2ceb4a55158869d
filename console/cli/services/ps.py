"""`ops ps`: the services and how they are."""

from datetime import UTC, datetime, timedelta

import click

from console.cli.columns import shown_table, tabular
from console.cli.local_program import become_local
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import since


@click.command()
@tabular
@as_json
@reaches_ops
@click.pass_obj
def ps(which: DaemonChoice, as_json: bool) -> None:
    """Each service with its state, pid, uptime and address."""
    if which.is_within_reach:
        become_local(which, ["ps", *(["--json"] if as_json else [])])
    services = client_of(which).services()
    if as_json:
        say_json(services)
        return
    rows = (
        (s.name, s.state, str(s.pid or "-"), _uptime(s.uptime_s), s.url or "", s.detail) for s in services
    )
    click.echo(shown_table(("NAME", "STATE", "PID", "UPTIME", "URL", "DETAIL"), rows))


def _uptime(seconds: float | None) -> str:
    now = datetime.now(UTC)
    return "-" if seconds is None else since(now - timedelta(seconds=seconds), now)


COMMANDS = {"ps": ps}
