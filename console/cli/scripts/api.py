"""`ops api`: any call of the ops API, for what has no command of its own."""

import sys

import click

from console.cli.options import client_of, reaches_ops
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice

_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


class _Method(click.Choice[str]):
    """A method, which stands before the path."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises ``click.BadParameter`` that puts a path where it belongs."""
        if value.startswith("/"):
            self.fail(f"the method comes before the path: ops api GET {value}", param, ctx)
        return super().convert(value, param, ctx)


@click.command()
@click.argument("method", type=_Method(_METHODS, case_sensitive=False))
@click.argument("path")
@click.argument("body", required=False)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Errors as one JSON document too; the answer always is as it comes.",
)
@reaches_ops
@click.pass_obj
def api(which: DaemonChoice, method: str, path: str, body: str | None, as_json: bool) -> None:
    """Call METHOD on PATH of the ops API, with BODY (JSON; `-` reads it from standard input).

    API.md lists the calls. What a terminal would obey is written out; into a pipe the answer is as it comes.

    \b
    Examples:
      ops api GET /v1/health
      ops api POST /v1/incidents/42/note '{"text": "seen"}'
    """
    del as_json
    if not path.startswith("/"):
        raise InvalidRequestError(f"{path!r} is no path of the API; write for instance /v1/health")
    client = client_of(which)
    raw = _body(body)
    last = b"\n"
    for last in client.pieces(method.upper(), path, raw):
        if sys.stdout.isatty():
            click.echo(last.decode(errors="replace"), nl=False)
        else:
            sys.stdout.buffer.write(last)
    if sys.stdout.isatty() and not last.endswith(b"\n"):
        click.echo()
    sys.stdout.flush()


def _body(text: str | None) -> bytes | None:
    import msgspec

    if text is None:
        return None
    raw = sys.stdin.buffer.read() if text == "-" else text.encode()
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(f"the body is no JSON: {error}") from error
    return raw


COMMANDS = {"api": api}
