"""The part of Prometheus' HTTP API that reads samples: queries, series, labels, metadata."""

from collections.abc import Callable, Iterable, Iterator

from aiohttp import web

from alerts.promql import PromQLError, SampleStore, instant_query, range_query
from alerts.promql.engine.result import Data
from alerts.promql.labels import get
from alerts.promql.parser.parser import parse
from alerts.promql.parser.printer import to_text
from alerts.promql.parser.syntax import Selector, unwrap
from alerts.promql.tsdb.sample_store import Series
from server.evaluator.clock import Clock
from server.evaluator.http import EvaluatorRoute
from server.evaluator.http import get as get_route
from server.evaluator.http import post as post_route
from server.evaluator.http_form import Form, QueryParameterError, success
from server.evaluator.pool import ScrapePool
from server.evaluator.query_pool import TIMEOUT_S, QueryPool, Wanted
from server.http.call import Call

_MAX_POINTS = 11_000


def wanted_by(call: Call) -> Wanted:
    """Whether the caller is still connected."""
    transport = call.request.transport
    return lambda: transport is not None and not transport.is_closing()


class QueryRoutes:
    """Handlers over one store."""

    def __init__(
        self, store: SampleStore, pool: ScrapePool, clock: Clock, queries: QueryPool, *, compat: int
    ) -> None:
        self._store = store
        self._pool = pool
        self._clock = clock
        self._queries = queries
        self._compat = compat

    def routes(self) -> list[EvaluatorRoute]:
        """Everything below ``/api/v1``, by GET and, where Grafana needs it, POST."""
        both = [
            ("/api/v1/query", self.query),
            ("/api/v1/query_range", self.query_range),
            ("/api/v1/series", self.series),
            ("/api/v1/labels", self.labels),
            ("/api/v1/format_query", self.format_query),
            ("/api/v1/query_exemplars", self.exemplars),
        ]
        posts = [post_route(path, handler) for path, handler in both]
        gets = [get_route(path, handler) for path, handler in both]
        return [
            *gets,
            *posts,
            get_route("/api/v1/label/{name}/values", self.label_values),
            get_route("/api/v1/metadata", self.metadata),
        ]

    async def query(self, call: Call) -> web.Response:
        """``/api/v1/query``."""
        form = await Form.of(call.request)
        expr, at_ms = form.text("query"), form.time_ms("time", self._clock.now_ms())
        self._check(expr)
        return await self._answer(call, form, instant_query, expr, at_ms)

    async def query_range(self, call: Call) -> web.Response:
        """``/api/v1/query_range``."""
        form = await Form.of(call.request)
        expr = form.text("query")
        start, end, step = form.time_ms("start"), form.time_ms("end"), form.duration_ms("step")
        if end < start:
            raise QueryParameterError('invalid parameter "end": end timestamp must not be before start time')
        if step <= 0:
            raise QueryParameterError(
                'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
                "Try a positive integer"
            )
        if (end - start) / step > _MAX_POINTS:
            raise QueryParameterError(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        self._check(expr)
        return await self._answer(call, form, range_query, expr, start, end, step)

    async def _answer(
        self, call: Call, form: Form, run: Callable[..., Data], expr: str, *times: int
    ) -> web.Response:
        timeout_s = form.duration_ms("timeout") / 1000 if form.text("timeout", "") else TIMEOUT_S
        data = await self._queries.run(run, expr, *times, wanted=wanted_by(call), timeout_s=timeout_s)
        return success(data)

    async def format_query(self, call: Call) -> web.Response:
        """``/api/v1/format_query``: the expression as Prometheus would print it."""
        form = await Form.of(call.request)
        return success(to_text(parse(form.text("query"), compat=self._compat)))

    async def exemplars(self, call: Call) -> web.Response:
        """``/api/v1/query_exemplars``: none are kept."""
        self._check((await Form.of(call.request)).text("query"))
        return success([])

    async def series(self, call: Call) -> web.Response:
        """``/api/v1/series``."""
        form = await Form.of(call.request)
        if not form.all("match[]"):
            raise QueryParameterError("no match[] parameter provided")
        found = [dict(one.labels) for one in self._matching(form)]
        return self._limited(found, form)

    async def labels(self, call: Call) -> web.Response:
        """``/api/v1/labels``."""
        form = await Form.of(call.request)
        names = {name for one in self._matching(form) for name, _ in one.labels}
        return self._limited(sorted(names), form)

    async def label_values(self, call: Call) -> web.Response:
        """``/api/v1/label/NAME/values``."""
        form, name = await Form.of(call.request), call.path("name")
        values = {get(one.labels, name) for one in self._matching(form)} - {""}
        return self._limited(sorted(values), form)

    async def metadata(self, call: Call) -> web.Response:
        """``/api/v1/metadata``: what the targets say about their metrics."""
        form = await Form.of(call.request)
        wanted = form.text("metric", "")
        found: dict[str, list[dict[str, str]]] = {}
        for state in self._pool.states:
            for name, meta in state.metadata.items():
                entry = {"type": meta.type, "help": meta.help, "unit": meta.unit}
                if wanted in ("", name) and entry not in found.setdefault(name, []):
                    found[name].append(entry)
        limit = form.limit()
        names = list(found)[:limit] if limit else list(found)
        return success({name: found[name] for name in names})

    def _check(self, expr: str) -> None:
        """A fault of the text is the asker's (400); one of the samples is found later (422)."""
        try:
            parse(expr, compat=self._compat)
        except PromQLError as error:
            raise QueryParameterError(f'invalid parameter "query": {error}') from error

    def _matching(self, form: Form) -> Iterable[Series]:
        start, end = form.time_ms("start", 0), form.time_ms("end", self._clock.now_ms())
        asked = form.all("match[]")
        found = self._selected(asked) if asked else iter(self._store)
        live = [
            s for s in found if len(s.samples) and s.samples.first_ms <= end and s.samples.last_ms >= start
        ]
        return sorted(live, key=lambda series: series.labels)

    def _selected(self, expressions: list[str]) -> Iterator[Series]:
        seen: set[int] = set()
        for expression in expressions:
            try:
                tree = unwrap(parse(expression, compat=self._compat))
            except PromQLError as error:
                raise QueryParameterError(f'invalid parameter "match[]": {error}') from error
            if not isinstance(tree, Selector):
                raise QueryParameterError(f'invalid parameter "match[]": {expression!r} is no selector')
            for series in self._store.select(tree.matchers, v3=self._compat >= 3):
                if id(series) not in seen:
                    seen.add(id(series))
                    yield series

    @staticmethod
    def _limited(found: list[str] | list[dict[str, str]], form: Form) -> web.Response:
        limit = form.limit()
        if limit and len(found) > limit:
            return success(found[:limit], warnings=["results truncated due to limit"])
        return success(found)
