"""``/v1/analyze``: one prompt, or many, from key to answer."""

from datetime import UTC, datetime
from time import perf_counter

import msgspec
from aiohttp import web

from server.api.analyze.analyzer import Analyzer
from server.api.analyze.batch import Batch, EncodedItem
from server.api.analyze.question import RequestReader, convert, read_object
from server.api.analyze.response import answer_response, json_response
from server.api.auth.access import Authenticator
from server.api.call import call_of
from server.api.http.body import read_body
from server.api.telemetry.metrics import ApiMetrics
from server.api.wire import BatchRequest


class EncodedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """``BatchResponse`` with its items encoded."""

    request_id: str
    results: list[EncodedItem]
    succeeded: int
    failed: int
    latency_ms: float
    timestamp: datetime


class AnalyzeRoutes:
    """The service itself."""

    def __init__(
        self,
        access: Authenticator,
        reader: RequestReader,
        analyzer: Analyzer,
        batch: Batch,
        metrics: ApiMetrics,
    ) -> None:
        self._access = access
        self._reader = reader
        self._analyzer = analyzer
        self._batch = batch
        self._metrics = metrics

    async def analyze(self, request: web.BaseRequest) -> web.Response:
        """POST /v1/analyze"""
        call = call_of(request)
        call.logged = True
        caller = await self._access.caller(request)
        await self._access.take_from_limit(request, caller)
        body = await read_body(request)
        ask = self._reader.at_hand(body) or await self._reader.read(body)
        call.prompt = ask.prompt
        found = await self._analyzer.analyze(ask, caller.id, call)
        response = answer_response(call, ask, found)
        self._metrics.overhead.observe(perf_counter() - call.started - call.provider_s)
        return response

    async def batch(self, request: web.BaseRequest) -> web.Response:
        """POST /v1/analyze/batch"""
        call = call_of(request)
        caller = await self._access.caller(request)
        items = convert(read_object(await read_body(request)), BatchRequest).items
        await self._access.take_from_limit(request, caller, len(items))
        results = await self._batch.analyze_all(items, call)
        good = sum(result.status == 200 for result in results)
        return json_response(
            EncodedBatch(
                request_id=call.request_id,
                results=results,
                succeeded=good,
                failed=len(results) - good,
                latency_ms=round((perf_counter() - call.started) * 1000, 3),
                timestamp=datetime.now(UTC),
            )
        )
