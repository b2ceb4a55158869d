"""`ops health`: what the API or the daemon says of itself."""

import sys

import click

from console.cli.answer import say
from console.cli.checks.service_check import ask_service
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line


@click.command()
@click.argument("service", type=click.Choice(["api", "ops"]), default="api")
@as_json
@reaches_ops
@click.pass_obj
def health(which: DaemonChoice, service: str, as_json: bool) -> None:
    """What SERVICE says of its own health. Exit code 0 healthy, 1 not, 3 no answer.

    \b
    Examples:
      ops health ops
      ops health api --json
    """
    if service == "ops":
        answer = client_of(which).health()
    else:
        ask_service(
            which, ["--only", "health", *(["--json"] if as_json else [])], "check-health", as_json=as_json
        )
    if as_json:
        say_json(answer)
    else:
        say(
            "\n".join(f"{name}: {one_line(str(value))}" for name, value in answer.items()),
            str(answer.get("status")),
        )
    sys.exit(0 if answer.get("status") in ("healthy", "ok") else 1)


COMMANDS = {"health": health}
