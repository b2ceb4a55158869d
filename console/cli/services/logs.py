"""`ops logs`: the log of a service."""

from typing import Any

import click

from console.cli.local_program import become_local
from console.cli.options import client_of, reaches_ops
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import harmless


@click.command()
@click.argument("service")
@click.option("--tail", type=click.IntRange(0, 100_000), default=100, show_default=True)
@click.option("--grep", help="Only lines that contain this text.")
@click.option("--request-id", help="Only lines about this request.")
@click.option("--count-by", type=click.Choice(["type", "status", "path"]), help="Count lines by this field.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@reaches_ops
@click.pass_obj
def logs(which: DaemonChoice, /, service: str, **options: Any) -> None:
    """What SERVICE has logged."""
    if which.is_local:
        become_local(which, ["logs", service, *_log_options(options)])
    query = "&".join(
        f"{k}={v}" for k, v in options.items() if v is not None and k not in ("follow", "count_by")
    )
    click.echo(harmless(client_of(which).text(f"/v1/logs/{service}?{query}")), nl=False)


def _log_options(options: dict[str, Any]) -> list[str]:
    words = ["--follow"] if options.pop("follow") else []
    for name, value in options.items():
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words


COMMANDS = {"logs": logs}
