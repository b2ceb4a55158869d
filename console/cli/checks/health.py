"""`ops health`: what the API or the daemon says of itself."""

import sys
from collections.abc import Iterator, Mapping

import click

from console.cli.answer import folded, say
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
            folded("\n".join(health_lines(answer))),
            str(answer.get("status")),
        )
    sys.exit(0 if answer.get("status") in ("healthy", "ok") else 1)


def health_lines(answer: Mapping[str, object]) -> Iterator[str]:
    """The answer in words; runbooks recognise what is wrong by the lines under ``parts``."""
    for name, value in answer.items():
        yield from _lines(name, value)


def _lines(name: str, value: object) -> Iterator[str]:
    """A part of the answer in words: what has parts of its own has a line for each of them."""
    if not isinstance(value, Mapping):
        yield f"{name}: {_words(value)}"
        return
    yield f"{name}:" if value else f"{name}: none"
    for key, part in value.items():
        if isinstance(part, Mapping):
            part = ", ".join(f"{inner} {_words(one)}" for inner, one in part.items() if one is not None)
        yield f"  {one_line(str(key))}: {part if isinstance(part, str) else _words(part)}"


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return one_line(str(value))


COMMANDS = {"health": health}
