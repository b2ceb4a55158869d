"""`ops verify`: is the service really well?"""

import click

from console.cli.checks.service_check import ask_service
from console.cli.options import as_json, reaches_ops
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.option("--load", is_flag=True, help="The light load test too (a minute).")
@click.option(
    "--seconds", type=click.IntRange(1, 600), help="How long the load test lasts, in place of a minute."
)
@as_json
@reaches_ops
@click.pass_obj
def verify(which: DaemonChoice, load: bool, seconds: int | None, as_json: bool) -> None:
    """After an incident: health, an analyze call, metrics, new errors. Exit code 1 when something is wrong."""
    words = [*(["--json"] if as_json else []), *(["--load"] if load else [])]
    words += ["--seconds", str(seconds)] if seconds is not None else []
    ask_service(which, words, "smoke-test", as_json=as_json)


COMMANDS = {"verify": verify}
