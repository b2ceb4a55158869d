"""`ops graph`: a PromQL expression over time, as a chart of characters."""

import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

from alerts.wire import MetricSeries
from console.cli.answer import say
from console.cli.completions import metric_names
from console.cli.moments import moment_of, stamp, stretch_asked, within
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.text.glyphs import ASCII, UNICODE
from console.text.graph import graph_rows, scale_words
from console.text.plain import cut_to, one_line

_SPAN = "3h"
_WIDTH_OF_A_PIPE = 80
_SHOWN = 8
"""Charts at most; the series with the highest last values have one."""
_TALL, _SMALL = 8, 3


@click.command()
@click.argument("expression", shell_complete=metric_names)
@within
@as_json
@reaches_ops
@click.pass_obj
def graph(which: DaemonChoice, expression: str, as_json: bool) -> None:
    """EXPRESSION (PromQL) over the last three hours, or from --since to --until, as one chart for each series.

    Charts begin at zero; below zero only the figures tell. --quiet prints the last value of each series.

    \b
    Examples:
      ops graph 'sum(rate(http_requests_total[5m]))'
      ops graph up --since 'yesterday 14:00' --until 'yesterday 15:00' --json
    """
    asked = stretch_asked()
    end = asked.end or datetime.now(UTC)
    begin = asked.begin or (moment_of(_SPAN, "--since", ahead=False) if asked.end is None else end - timedelta(hours=3))  # fmt: skip
    if end <= begin:
        raise InvalidRequestError("--since lies ahead: there is nothing between then and now")
    width = _width()
    step = max(1, math.ceil((end - begin).total_seconds() / width))
    first, last = int(begin.timestamp()), int(end.timestamp())
    params = {"query": expression, "start": first, "end": last, "step": step}
    found = client_of(which).prometheus("query_range", params)
    if as_json:
        say_json({"status": "success", "data": found})
        return
    places = range(first, last + 1, step)
    drawn = sorted(((_name(one), _samples(one, places)) for one in found.series), key=_last, reverse=True)
    if not drawn:
        say("no data in that time")
        return
    lines = [line for name, samples in drawn[:_SHOWN] for line in _chart(name, samples, width, len(drawn))]
    axis = f"{stamp(begin)}{stamp(end):>{max(0, width - len(stamp(begin)))}}"
    rest = [f"{len(drawn) - _SHOWN} more series are not shown"] if len(drawn) > _SHOWN else []
    say("\n".join([*lines, axis, *rest]), *(_figure(_last(one)) for one in drawn))


def _width() -> int:
    if not sys.stdout.isatty():
        return _WIDTH_OF_A_PIPE
    import shutil

    return max(20, shutil.get_terminal_size().columns)


def _name(series: MetricSeries) -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in sorted(series.metric.items()) if name != "__name__")  # fmt: skip
    return one_line(f"{series.metric.get('__name__', '')}{{{labels}}}")


def _samples(series: MetricSeries, places: Sequence[int]) -> tuple[float | None, ...]:
    there = {int(at): float(text) for at, text in series.values}
    values = (there.get(place) for place in places)
    return tuple(value if value is not None and math.isfinite(value) else None for value in values)


def _last(drawn: tuple[str, tuple[float | None, ...]]) -> float:
    known = [value for value in drawn[1] if value is not None]
    return known[-1] if known else -math.inf


def _figure(value: float) -> str:
    return scale_words(value, "") if math.isfinite(value) else "none"


def _chart(name: str, samples: Sequence[float | None], width: int, count: int) -> list[str]:
    known = [value for value in samples if value is not None]
    if not known:
        return [cut_to(name, width), "no finite value in that time"]
    figures = f"  low {_figure(min(known))}  high {_figure(max(known))}  last {_figure(known[-1])}"
    glyphs = UNICODE if (sys.stdout.encoding or "").lower().startswith("utf") else ASCII
    rows = graph_rows(samples, width, _TALL if count == 1 else _SMALL, glyphs.bars, gap=glyphs.gap)
    return [cut_to(name, max(8, width - len(figures))) + figures, *(row.rstrip() for row in rows)]


COMMANDS = {"graph": graph}
