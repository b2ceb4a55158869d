"""Plain pages where people look for Prometheus': alerts, targets, and one query."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from aiohttp import web

from alerts.annotations import summary_of
from alerts.promql import PromQLError, instant_query
from alerts.promql.parser.printer import to_text
from alerts.rule import AlertRule
from alerts.rule_state import AlertState
from server.evaluator.clock import Clock
from server.evaluator.http import EvaluatorRoute, get
from server.evaluator.http_queries import wanted_by
from server.evaluator.notifier import rfc3339
from server.evaluator.pool import ScrapePool
from server.evaluator.query_pool import QueryPool
from server.evaluator.rule_groups import RuleGroups
from server.http.call import Call

Row = Sequence[str]

_MAX_ROWS = 500
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title} – evaluator</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }} td, th {{ border-bottom: 1px solid #ccc; padding: .3rem .6rem;
text-align: left; vertical-align: top; overflow-wrap: anywhere }} input {{ width: 80%; font: inherit }}
</style>
<nav><a href="/alerts">alerts</a> · <a href="/targets">targets</a> · <a href="/graph">query</a></nav>
<h1>{title}</h1>
{body}
"""


class Pages:
    """Handlers over the same state as the API's."""

    def __init__(self, queries: QueryPool, pool: ScrapePool, alerting: RuleGroups, clock: Clock) -> None:
        self._queries = queries
        self._pool = pool
        self._alerting = alerting
        self._clock = clock

    def routes(self) -> list[EvaluatorRoute]:
        """The pages."""
        return [
            get("/", self.home),
            get("/alerts", self.alerts),
            get("/targets", self.targets),
            get("/graph", self.graph),
        ]

    async def home(self, _: Call) -> web.Response:
        """The page that most people want."""
        raise web.HTTPFound("/alerts")

    async def alerts(self, _: Call) -> web.Response:
        """Every alerting rule, those that fire first."""
        rows = sorted(
            self._rules(), key=lambda row: (["firing", "pending", "inactive"].index(row[0]), row[1])
        )
        left_out = "".join(
            f"<p>left out: {escape(one)}"
            for one in (*self._alerting.file_faults.values(), *self._alerting.scrape_faults)
        )
        return _page("Alerts", left_out + _table(("state", "alert", "since", "what", "expression"), rows))

    def _rules(self) -> Iterator[Row]:
        for runner in self._alerting.runners:
            for status in runner.rules:
                if not isinstance(status.rule, AlertRule):
                    continue
                active = [a for a in status.alerts.values() if a.state is not AlertState.RESOLVED]
                expr = to_text(status.rule.expr)
                if not active:
                    yield ("inactive", status.rule.name, "", status.last_error, expr)
                for alert in active:
                    summary = summary_of(alert.annotations)
                    yield (alert.state.value, status.rule.name, rfc3339(alert.active_ms), summary, expr)

    async def targets(self, _: Call) -> web.Response:
        """Every target and how its last scrape went."""
        rows = [
            (s.health, s.target.job, s.target.url, f"{s.last_duration_s * 1000:.1f} ms", s.last_error)
            for s in self._pool.states
        ]
        return _page("Targets", _table(("health", "job", "url", "last scrape", "error"), rows))

    async def graph(self, call: Call) -> web.Response:
        """One expression and its value now; alerts link here."""
        expr = call.query("g0.expr")
        form = f'<form><input name="g0.expr" value="{escape(expr)}"> <button>query</button></form>'
        return _page("Query", form + (await self._answer(call, expr) if expr else ""))

    async def _answer(self, call: Call, expr: str) -> str:
        now_ms = self._clock.now_ms()
        try:
            data = await self._queries.run(instant_query, expr, now_ms, wanted=wanted_by(call))
        except PromQLError as error:
            return f"<p>{escape(str(error))}"
        if data["resultType"] in ("scalar", "string"):
            return f"<p>{escape(str(data['result'][1]))}"
        rows = [
            (_series(row["metric"]), (row.get("value") or row["values"][-1])[1]) for row in data["result"]
        ]
        return _table(("series", "value"), rows[:_MAX_ROWS]) + f"<p>{len(rows)} series"


def _series(metric: dict[str, str]) -> str:
    labels = ", ".join(f'{name}="{value}"' for name, value in metric.items() if name != "__name__")
    return f"{metric.get('__name__', '')}{{{labels}}}"


def _table(heads: Row, rows: Iterable[Row]) -> str:
    head = "".join(f"<th>{escape(text)}" for text in heads)
    lines = "".join("<tr>" + "".join(f"<td>{escape(text)}" for text in row) for row in rows)
    return f"<table><tr>{head}{lines}</table>"


def _page(title: str, body: str) -> web.Response:
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"}
    text = _PAGE.format(title=escape(title), body=body)
    return web.Response(text=text, content_type="text/html", headers=headers)
