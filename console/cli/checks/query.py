"""`ops query`: a PromQL expression, answered through the daemon."""

import click

from console.cli.answer import say
from console.cli.columns import shown_table, tabular
from console.cli.completions import metric_names
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.client import OpsClient
from console.ops_api.prometheus_answer import QueryResult
from console.ops_api.which_daemon import DaemonChoice

_WIDEST_SERIES = 200


@click.command()
@click.argument("expression", shell_complete=metric_names)
@tabular
@as_json
@reaches_ops
@click.pass_obj
def query(which: DaemonChoice, expression: str, as_json: bool) -> None:
    """Ask Prometheus (or the evaluator in its place) for EXPRESSION, now.

    An empty answer is `no data`; where whatever measures the expression's series does not answer at present,
    it says so, for then nothing follows from the silence.

    \b
    Examples:
      ops query up
    """
    client = client_of(which)
    found = client.prometheus("query", {"query": expression})
    if as_json:
        say_json({"status": "success", "data": found})
        return
    lines = _samples(found)
    if not lines:
        silent = _unmeasured(client, expression)
        lines = [f"no data; not measured now: {', '.join(silent)} is away" if silent else "no data"]
    say("\n".join(lines), *lines[1:] if len(lines) > 1 else lines)


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
    return sorted(
        series.metric.get("job", "") for series in client.prometheus("query", {"query": away}).series
    )


def _samples(found: QueryResult) -> list[str]:
    if found.resultType in ("scalar", "string"):
        return [found.text]
    rows = []
    for series in found.series:
        labels = ",".join(f'{k}="{v}"' for k, v in sorted(series.metric.items()) if k != "__name__")
        value = series.value[1] if series.value is not None else f"{len(series.values)} samples"
        rows.append((f"{series.metric.get('__name__', '')}{{{labels}}}", value))
    return shown_table(("SERIES", "VALUE"), rows, widest=_WIDEST_SERIES).splitlines() if rows else []


COMMANDS = {"query": query}
