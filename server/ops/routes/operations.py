"""The daemon's own health and metrics, the services of the target and their logs, and the way to Prometheus."""

import asyncio

from aiohttp import web

from server.http.call import BadRequestError, NotFoundError
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.configuration import Configuration
from server.ops.event_cleaner import cleaned_json
from server.ops.executions.redactor import Redactor
from server.ops.health import OpsHealth
from server.ops.http import OpsCall, OpsRoute
from server.ops.metrics import OpsMetrics
from server.ops.prometheus import PrometheusClient, PrometheusUnreachableError
from server.ops.services import TargetServices

_PASSED = ("query", "query_range", "rules", "alerts", "targets")
_LONGEST_TAIL = 100_000
_COUNTED = ("type", "status", "path")

PROBLEMS: Problems = {PrometheusUnreachableError: (503, "unavailable")}


class OperationsRoutes:
    """``/v1/live``, ``/v1/health``, ``/v1/metrics``, ``/v1/configuration``, ``/v1/services``, ``/v1/logs`` and ``/v1/prometheus``."""

    def __init__(
        self,
        health: OpsHealth,
        metrics: OpsMetrics,
        source: PrometheusClient,
        target: TargetServices,
        redactor: Redactor,
        configuration: Configuration,
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._source = source
        self._target = target
        self._redactor = redactor
        self._configuration = configuration

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/live", None, self._live),
            OpsRoute("GET", "/v1/health", "viewer", self._status),
            OpsRoute("GET", "/v1/metrics", "viewer", self._exposition),
            OpsRoute("GET", "/v1/configuration", "viewer", self._files),
            OpsRoute("GET", "/v1/services", "viewer", self._services),
            OpsRoute("GET", r"/v1/logs/{service}", "viewer", self._logs),
            OpsRoute("GET", r"/v1/prometheus/{what}", "viewer", self._prometheus),
        ]

    async def _live(self, call: OpsCall) -> Reply:
        return Reply({"status": "ok"})

    async def _status(self, call: OpsCall) -> Reply:
        report = self._health.report()
        return Reply(report, 503 if report["status"] == "down" else 200)

    async def _exposition(self, call: OpsCall) -> web.Response:
        return web.Response(
            body=self._metrics.exposition(), headers={"Content-Type": self._metrics.content_type}
        )

    async def _files(self, call: OpsCall) -> Reply:
        return Reply({"files": self._configuration.views()})

    async def _services(self, call: OpsCall) -> Reply:
        return Reply({"services": await self._target.services()})

    async def _logs(self, call: OpsCall) -> web.Response:
        text = await self._target.logs(
            call.path("service"),
            tail=call.query_int("tail", 100, at_most=_LONGEST_TAIL),
            grep=call.query("grep"),
            request_id=call.query("request_id"),
            count_by=_counted(call.query("count_by")),
        )
        return web.Response(text=await asyncio.to_thread(self._redactor.redaction.of, text))

    async def _prometheus(self, call: OpsCall) -> web.Response:
        what = call.path("what")
        if what not in _PASSED:
            raise NotFoundError(f"{what} is not passed on; {', '.join(_PASSED)} are")
        if what.startswith("query") and not call.query("query"):
            raise BadRequestError("query is missing", "query")
        status, body, content_type = await self._source.get(what, dict(call.request.query))
        # Labels and annotations of the source's own are as foreign as those that are posted to us.
        redacted = self._redactor.redaction.of
        text = await asyncio.to_thread(lambda: cleaned_json(body.decode(errors="replace"), redacted))
        return web.Response(status=status, body=text.encode(), content_type=content_type)


def _counted(field: str) -> str:
    if field and field not in _COUNTED:
        raise BadRequestError(f"count_by is one of {', '.join(_COUNTED)}", "count_by")
    return field
