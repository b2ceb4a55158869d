"""`ops approve`: what waits for a second person, and agreeing to it."""

import click

from console.cli.columns import shown_table, tabular
from console.cli.meant import begun_with
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("approval", required=False)
@tabular
@as_json
@reaches_ops
@click.pass_obj
def approve(which: DaemonChoice, approval: str | None, as_json: bool) -> None:
    """Agree to what another person asked for; without an id, what is waiting."""
    client = client_of(which)
    if approval is None:
        waiting = client.approvals()
        if as_json:
            say_json(waiting)
        else:
            rows = ((a.id, a.asked_by, a.title, f"{a.expires_at:%Y-%m-%dT%H:%M:%SZ}") for a in waiting)
            click.echo(shown_table(("ID", "BY", "WHAT", "UNTIL"), rows) if waiting else "nothing is waiting")
        return
    meant = begun_with((one.id for one in client.approvals()), approval, "approval", "ops approve")
    agreed = client.approve(meant)
    say_json(agreed) if as_json else click.echo(f"approved {meant}")


COMMANDS = {"approve": approve}
