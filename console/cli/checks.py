"""`ops verify`, `health`, `query`, `doctor`: is it well, and would I know?"""

import sys
import time
import urllib.parse
from datetime import UTC, datetime
from typing import Any, NoReturn

import click

from console.cli.executions import see_through
from console.cli.local_program import become_local
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.client import OpsClient, OpsError, UnreachableError
from console.ops_api.execution import new_execution_id
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line, table
from runbooks.wire import ExecutionRequest


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
    _ask_service(which, words, "smoke-test", as_json=as_json)


def _ask_service(which: DaemonChoice, words: list[str], action: str, *, as_json: bool) -> NoReturn:
    """Ask the service from here where it can be reached from here, else let the daemon ask."""
    if which.is_beside_service:
        become_local(which, words, "server.stack.verify.verify")
    request = ExecutionRequest(execution_id=new_execution_id(), action=action)
    see_through(client_of(which), request, None, as_json=as_json)
    sys.exit(0)


@click.command()
@click.argument("service", type=click.Choice(["api", "ops"]), default="api")
@as_json
@reaches_ops
@click.pass_obj
def health(which: DaemonChoice, service: str, as_json: bool) -> None:
    """What SERVICE says of its own health. Exit code 0 healthy, 1 not, 3 no answer."""
    if service == "ops":
        answer = client_of(which).get_json("/v1/health")
    else:
        _ask_service(
            which, ["--only", "health", *(["--json"] if as_json else [])], "check-health", as_json=as_json
        )
    if as_json:
        say_json(answer)
    else:
        click.echo("\n".join(f"{name}: {one_line(str(value))}" for name, value in answer.items()))
    sys.exit(0 if answer.get("status") in ("healthy", "ok") else 1)


@click.command()
@click.argument("expression")
@as_json
@reaches_ops
@click.pass_obj
def query(which: DaemonChoice, expression: str, as_json: bool) -> None:
    """Ask Prometheus (or the evaluator in its place) for EXPRESSION, now.

    An empty answer is `no data`; where whatever measures the expression's series does not answer at present,
    it says so, for then nothing follows from the silence.
    """
    client = client_of(which)
    answer = _prometheus(client, expression)
    if as_json:
        say_json(answer)
        return
    lines = _samples(answer.get("data", answer))
    if not lines:
        silent = _unmeasured(client, expression)
        lines = [f"no data; not measured now: {', '.join(silent)} is away" if silent else "no data"]
    click.echo("\n".join(lines))


def _prometheus(client: OpsClient, expression: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get_json(f"/v1/prometheus/query?query={urllib.parse.quote(expression)}")
    return answer


def _unmeasured(client: OpsClient, expression: str) -> list[str]:
    """The jobs that had series of ``expression`` in the last hour and are away now."""
    from alerts.promql.error import PromQLError
    from alerts.promql.parser.parser import parse
    from alerts.promql.parser.syntax import selectors

    try:
        names = {each.name for each in selectors(parse(expression)) if each.name}
    except PromQLError:
        return []
    if not names:
        return []
    wanted = f'group by (job) (last_over_time({{__name__=~"{"|".join(sorted(names))}"}}[1h]))'
    away = f'{wanted} and on (job) min by (job) ({{__name__=~"up|pg_up|redis_up"}}) == 0'
    return sorted(sample["metric"].get("job", "") for sample in _prometheus(client, away)["data"]["result"])


def _samples(data: dict[str, Any]) -> list[str]:
    result = data.get("result", [])
    if data.get("resultType") in ("scalar", "string"):
        return [str(result[1])]
    rows = []
    for sample in result:
        labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample["metric"].items()) if k != "__name__")
        value = sample["value"][1] if "value" in sample else f"{len(sample['values'])} samples"
        rows.append((f"{sample['metric'].get('__name__', '')}{{{labels}}}", str(value)))
    return table(("SERIES", "VALUE"), rows) if rows else []


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
        me = client.get_json("/v1/me")
        took_ms = (time.monotonic() - started) * 1000
        meta = client.get_json("/v1/alerts")["meta"]
    except UnreachableError as error:
        return [("server", False, str(error))]
    except OpsError as error:
        return [("token", False, str(error))]
    skew_s = abs((datetime.fromisoformat(meta["server_time"]) - datetime.now(UTC)).total_seconds())
    return [
        ("server", True, f"{client.access.url} answers in {took_ms:.0f} ms"),
        ("token", True, f"you are {me['name']} ({me['role']})"),
        ("clock", skew_s < 5, f"{skew_s:.1f} s from the server's"),
        ("evaluator", meta["evaluator"] == "ok", meta["evaluator"] or "nothing known of it"),
    ]


COMMANDS = {"verify": verify, "health": health, "query": query, "doctor": doctor}
