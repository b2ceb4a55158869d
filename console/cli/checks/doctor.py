"""`ops doctor`: would I know if something were wrong?"""

import sys
import time
from datetime import UTC, datetime

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.client import OpsClient, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@as_json
@reaches_ops
@click.pass_obj
def doctor(which: DaemonChoice, as_json: bool) -> None:
    """Check the way from here to the ops daemon: address, token, clock, terminal."""
    from console.terminal.capabilities import describe_terminal

    findings = [*_link_findings(which), *describe_terminal()]
    if as_json:
        say_json([{"check": name, "ok": ok, "text": text} for name, ok, text in findings])
    else:
        for name, ok, text in findings:
            click.echo(f"{'ok ' if ok else '!! '} {name:<10} {text}")
    sys.exit(0 if all(ok for _, ok, _ in findings) else 1)


def _link_findings(which: DaemonChoice) -> list[tuple[str, bool, str]]:
    try:
        client: OpsClient = client_of(which)
        started = time.monotonic()
        me = client.me()
        took_ms = (time.monotonic() - started) * 1000
        meta = client.meta()
    except UnreachableError as error:
        return [("server", False, str(error))]
    except OpsError as error:
        return [("token", False, str(error))]
    skew_s = abs((meta.server_time - datetime.now(UTC)).total_seconds())
    return [
        ("server", True, f"{client.access.url} answers in {took_ms:.0f} ms"),
        ("token", True, f"you are {me.name} ({me.role})"),
        ("clock", skew_s < 5, f"{skew_s:.1f} s from the server's"),
        ("evaluator", meta.evaluator == "ok", meta.evaluator or "nothing known of it"),
    ]


COMMANDS = {"doctor": doctor}
