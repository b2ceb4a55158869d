"""`ops ps`: the services and how they are."""

import click

from console.cli.local_program import become_local
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import table


@click.command()
@as_json
@reaches_ops
@click.pass_obj
def ps(which: DaemonChoice, as_json: bool) -> None:
    """Each service with its state, pid, uptime and address."""
    if which.is_local:
        become_local(which, ["ps", *(["--json"] if as_json else [])])
    services = client_of(which).services()
    if as_json:
        say_json(services)
        return
    rows = (
        (s.name, s.state, str(s.pid or "-"), f"{s.uptime_s or 0:.0f}s", s.url or "", s.detail)
        for s in services
    )
    click.echo("\n".join(table(("NAME", "STATE", "PID", "UPTIME", "URL", "DETAIL"), rows)))


COMMANDS = {"ps": ps}
