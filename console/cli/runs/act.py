"""`ops act`: run an action."""

from typing import Any

import click

from console.cli.answer import show_while
from console.cli.columns import listed, tabular
from console.cli.completions import action_names
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.runs.request import ask_approval, execution_request, request_options
from console.cli.runs.see_through import see_through
from console.ops_api.client import OpsClient
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("name", required=False, shell_complete=action_names)
@click.option("--list", "listing", is_flag=True, help="Every action there is.")
@request_options
@tabular
@as_json
@reaches_ops
@click.pass_obj
def act(which: DaemonChoice, /, name: str | None, listing: bool, as_json: bool, **options: Any) -> None:
    """Do one action: NAME is one of `ops act --list`; --quiet prints the id of its execution alone.

    \b
    Examples:
      ops act --list
      ops act restart-api --dry-run
      ops act restart-api --incident . --confirm restart-api
    """
    client = client_of(which)
    if listing or name is None:
        _list_actions(client, as_json)
        return
    request = execution_request(which, client, options, action=name)
    if options["ask_approval"]:
        ask_approval(client, request, as_json=as_json)
        return
    see_through(client, request, options["confirm"], as_json=as_json)


def _list_actions(client: OpsClient, as_json: bool) -> None:
    actions = client.actions()
    if as_json:
        say_json(actions)
        return
    rows = [
        (action.name, action.kind, " ".join(p.name for p in action.params), action.title if action.available else f"unavailable here: {action.unavailable}")
        for action in actions
    ]  # fmt: skip
    head, names = ("ACTION", "KIND", "PARAMETERS", "WHAT"), [action.name for action in actions]
    show_while(lambda: listed(head, rows, names=names, empty="there is no action here"), watch=False)


COMMANDS = {"act": act}
