"""`ops users`: who may do what."""

import click

from console.cli.answer import say
from console.cli.columns import listed, tabular
from console.cli.completions import user_names
from console.cli.moments import local_times, stamp
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice


@click.group(cls=NounGroup, alone="list")
def users() -> None:
    """People and programs that may use the ops daemon: add, list, rotate, revoke.

    \b
    Examples:
      ops users list
      ops users add ana --role responder
    """


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
    """Add a user NAME; the token is shown once, and alone with --quiet.

    \b
    Examples:
      ops users add ana --role responder
    """
    made = client_of(which).add_user(name, role)
    say_json(made) if as_json else say(
        f"{made.name} ({made.role}): {made.token}\nshown once; keep it", made.token
    )


@users.command("list")
@tabular
@local_times
@as_json
@reaches_ops
@click.pass_obj
def list_users(which: DaemonChoice, as_json: bool) -> None:
    """Every user with its role.

    \b
    Examples:
      ops users list
    """
    found = client_of(which).users()
    if as_json:
        say_json(found)
    else:
        rows = ((user.name, user.role, stamp(user.since)) for user in found)
        text = listed(
            ("NAME", "ROLE", "SINCE"), rows, names=(user.name for user in found), empty="there is no user"
        )
        say(text, *text.splitlines())


@users.command()
@click.argument("name", shell_complete=user_names)
@as_json
@reaches_ops
@click.pass_obj
def rotate(which: DaemonChoice, name: str, as_json: bool) -> None:
    """Give NAME a new token; the old one ends at once.

    \b
    Examples:
      ops users rotate ana
    """
    made = client_of(which).rotate_user(name)
    say_json(made) if as_json else say(f"{name}: {made.token}\nshown once; keep it", made.token)


@users.command()
@click.argument("name", shell_complete=user_names)
@as_json
@reaches_ops
@click.pass_obj
def revoke(which: DaemonChoice, name: str, as_json: bool) -> None:
    """End NAME's token at once.

    \b
    Examples:
      ops users revoke ana
    """
    client_of(which).revoke_user(name)
    say_json({"name": name, "revoked": True}) if as_json else say(f"{name} is revoked", name)


@click.command()
@as_json
@reaches_ops
@click.pass_obj
def whoami(which: DaemonChoice, as_json: bool) -> None:
    """Who you are to the daemon, and in which role; --quiet prints the name.

    \b
    Examples:
      ops whoami
    """
    me = client_of(which).me()
    say_json(me) if as_json else say(f"{me.name} ({me.role}) at {client_of(which).access.url}", me.name)


COMMANDS = {"users": users, "whoami": whoami}
