"""What many commands share: the options for which daemon, JSON output, and the client made from them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from alerts.visible_text import visible_json
from console.ops_api.client import OpsClient
from console.ops_api.which_daemon import DaemonChoice

F = TypeVar("F", bound=Callable[..., Any])


def reaches_ops(command: F) -> F:
    """Let ``--state``, ``--url`` and ``--token`` stand after the command's name too."""
    options = (
        click.option("--state", type=click.Path(path_type=Path), expose_value=False, callback=_again, help="State folder of a local stack."),
        click.option("--url", expose_value=False, callback=_again, help="A remote ops daemon."),
        click.option("--token", expose_value=False, callback=_again, help="Token for it."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _again(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is None:
        return
    given: dict[str, Any] = ctx.meta.setdefault("console.which", {})
    given[param.name or ""] = value
    root = ctx.find_root()
    before = root.params
    ctx.obj = DaemonChoice(*(given.get(name, before.get(name)) for name in ("state", "url", "token")))


def as_json(command: F) -> F:
    """``--json``: one JSON document on standard output, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON document, for scripts.")(command)


def client_of(which: DaemonChoice) -> OpsClient:
    """A client for the daemon that is meant."""
    return OpsClient(which.access())


def say_json(value: Any) -> None:
    """Print a value of the wire as JSON, with what a terminal would obey as ``\\uXXXX``."""
    click.echo(visible_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode()))
