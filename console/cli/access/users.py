"""`ops users`: who may do what."""

import click

from console.cli.columns import shown_table, tabular
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice


@click.group()
def users() -> None:
    """People and programs that may use the ops daemon: add, list, rotate, revoke."""


@users.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "responder", "approver", "admin", "ingest"]),
    required=True,
    help="What it may do; ingest is for what posts alerts.",
)
@as_json
@reaches_ops
@click.pass_obj
def add(which: DaemonChoice, name: str, role: str, as_json: bool) -> None:
    """Add a user NAME; the token is shown once."""
    made = client_of(which).add_user(name, role)
    say_json(made) if as_json else click.echo(f"{made.name} ({made.role}): {made.token}\nshown once; keep it")


@users.command("list")
@tabular
@as_json
@reaches_ops
@click.pass_obj
def list_users(which: DaemonChoice, as_json: bool) -> None:
    """Every user with its role."""
    found = client_of(which).users()
    if as_json:
        say_json(found)
    else:
        rows = ((user.name, user.role) for user in found)
        click.echo(shown_table(("NAME", "ROLE"), rows))


@users.command()
@click.argument("name")
@as_json
@reaches_ops
@click.pass_obj
def rotate(which: DaemonChoice, name: str, as_json: bool) -> None:
    """Give NAME a new token; the old one ends at once."""
    made = client_of(which).rotate_user(name)
    say_json(made) if as_json else click.echo(f"{name}: {made.token}\nshown once; keep it")


@users.command()
@click.argument("name")
@as_json
@reaches_ops
@click.pass_obj
def revoke(which: DaemonChoice, name: str, as_json: bool) -> None:
    """End NAME's token at once."""
    client_of(which).revoke_user(name)
    say_json({"name": name, "revoked": True}) if as_json else click.echo(f"{name} is revoked")


COMMANDS = {"users": users}
