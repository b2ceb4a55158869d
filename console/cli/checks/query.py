"""`ops query`: a PromQL expression, answered through the daemon."""

import urllib.parse
from typing import Any

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.client import OpsClient
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import table


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


COMMANDS = {"query": query}
