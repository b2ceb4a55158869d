"""`ops profile`: daemons by name, with where their tokens come from."""

import re

import click
import msgspec

from console.cli.answer import say
from console.cli.columns import listed, tabular
from console.cli.completions import profile_names
from console.cli.noun import NounGroup
from console.cli.options import as_json, say_json
from console.ops_api.address import split_address
from console.ops_api.errors import InvalidRequestError, NotThereError
from console.ops_api.profile import (
    FAR_ADDRESS,
    Profile,
    keep_profile,
    profile_named,
    profiles_path,
    read_profiles,
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@click.group(cls=NounGroup, invoke_without_command=True)
@tabular
@as_json
@click.pass_context
def profile(ctx: click.Context, as_json: bool) -> None:
    """Daemons by name: `ops --profile prod alerts`, or OPS_PROFILE=prod.

    The file is TOML and holds no token: a profile names the command that prints it.

    \b
    Examples:
      ops profile add prod --url https://ops.example.com
      ops profile add edge --ssh edge-host --token-command 'pass show ops/edge'
    """
    if ctx.invoked_subcommand is not None:
        return
    there = read_profiles()
    if as_json:
        say_json({"path": str(profiles_path()), "profiles": there})
    else:
        rows = ((name, *_cells(one)) for name, one in sorted(there.items()))
        empty = f"there is no profile yet; ops profile add NAME --url URL writes {profiles_path()}"
        text = listed(("NAME", "DAEMON", "THROUGH", "TOKEN"), rows, names=sorted(there), empty=empty)
        say(text, *text.splitlines())


def _cells(one: Profile) -> tuple[str, str, str]:
    return one.url or one.state or FAR_ADDRESS, one.ssh or "", one.token_command or "OPS_TOKEN"


@profile.command()
@click.argument("name")
@click.option("--url", help="Address of the ops daemon.")
@click.option("--state", metavar="PATH", help="State folder of a local stack, in the place of --url.")
@click.option(
    "--token-command", metavar="COMMAND", help="Prints the token; run without a shell. Without it OPS_TOKEN."
)
@click.option(
    "--ssh", metavar="HOST", help="Reach the address through HOST (http://127.0.0.1:8001 as HOST sees it)."
)
@as_json
def add(
    name: str, url: str | None, state: str | None, token_command: str | None, ssh: str | None, as_json: bool
) -> None:
    """Write the profile NAME, or write it anew.

    \b
    Examples:
      ops profile add prod --url https://ops.example.com
    """
    if not _NAME.fullmatch(name):
        raise InvalidRequestError(f"{name!r} is no name: letters, digits, . _ and -, at most 64")
    if url is not None and state is not None:
        raise click.UsageError("a profile is of a daemon or of a local stack: give --url or --state")
    if url is None and state is None and ssh is None:
        raise click.UsageError("say where it is: --url URL, --ssh HOST, or --state PATH")
    if url is not None:
        split_address(url)
    if ssh is not None and ssh.startswith("-"):
        raise InvalidRequestError(f"{ssh!r} is no host")
    if ssh is not None and url is None and state is None:
        url = FAR_ADDRESS
    made = Profile(url=url, state=state, token_command=token_command, ssh=ssh)
    before = read_profiles().get(name, made)
    path = keep_profile(name, made)
    say_json({"path": str(path), "profiles": {name: made}}) if as_json else say(
        f"{name} is in {path}; try ops --profile {name} health ops{_was(before) if before != made else ''}",
        name,
    )


def _was(before: Profile) -> str:
    """What a profile said that is written over: it can be put back from that."""
    said = (f"{key} = {value}" for key, value in msgspec.to_builtins(before).items())
    return "\n".join(("\nit was another before:", *(f"  {line}" for line in said)))


@profile.command()
@click.argument("name", shell_complete=profile_names)
@as_json
def show(name: str, as_json: bool) -> None:
    """What the profile NAME says.

    \b
    Examples:
      ops profile show prod
    """
    one = profile_named(name)
    if as_json:
        say_json(one)
    else:
        say("\n".join(f"{key} = {value}" for key, value in msgspec.to_builtins(one).items()), name)


@profile.command()
@click.argument("name", shell_complete=profile_names)
@as_json
def remove(name: str, as_json: bool) -> None:
    """Take the profile NAME out.

    \b
    Examples:
      ops profile remove prod
    """
    if name not in read_profiles():
        raise NotThereError(f"there is no profile {name}; ops profile lists them")
    path = keep_profile(name, None)
    say_json({"path": str(path), "removed": name}) if as_json else say(f"{name} is gone from {path}", name)


COMMANDS = {"profile": profile}
