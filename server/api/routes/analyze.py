"""``/v1/analyze``: one prompt, from key to answer."""

from datetime import UTC, datetime
from time import perf_counter, time

import msgspec
from aiohttp import web

from server.api.access import Access
from server.api.answers import Answers
from server.api.ask import Ask, AskReader
from server.api.body import read_body
from server.api.cache import Found
from server.api.call import Call, call_of
from server.api.metrics import Metrics
from server.api.wire import EncodedResponse
from server.api.xml import xml_of

_encoder = msgspec.json.Encoder()
_HIT = ("HIT", "STALE", "COALESCED")


class AnalyzeRoutes:
    """The service itself."""

    def __init__(self, access: Access, reader: AskReader, answers: Answers, metrics: Metrics) -> None:
        self._access = access
        self._reader = reader
        self._answers = answers
        self._metrics = metrics

    async def analyze(self, request: web.Request) -> web.Response:
        """POST /v1/analyze"""
        call = call_of(request)
        call.logged = True
        caller = await self._access.caller(request)
        await self._access.admit(request, caller)
        ask = self._reader.read(await read_body(request))
        call.prompt, call.xml = ask.prompt, ask.xml
        found = await self._answers.answer(ask, caller.id, call)
        response = _response(call, ask, found)
        self._metrics.overhead.observe(perf_counter() - call.started - call.provider_s)
        return response


def _response(call: Call, ask: Ask, found: Found) -> web.Response:
    now = time()
    entry = found.entry
    total_ms = (perf_counter() - call.started) * 1000
    call.headers["X-Cache"] = found.word
    if entry.stored_at:
        call.headers["Age"] = str(max(0, int(now - entry.stored_at)))
    call.headers["Server-Timing"] = f"provider;dur={call.provider_s * 1000:.2f}, total;dur={total_ms:.2f}"
    body = _encoder.encode(encoded(call.request_id, ask, found, total_ms, call.tokens, now))
    if ask.xml:
        return web.Response(
            body=xml_of(msgspec.json.decode(body)), content_type="application/xml", charset="utf-8"
        )
    return web.Response(body=body, content_type="application/json")


def encoded(request_id: str, ask: Ask, found: Found, ms: float, tokens: int, now: float) -> EncodedResponse:
    """The answer's envelope around data that is encoded already."""
    entry = found.entry
    return EncodedResponse(
        request_id=request_id,
        data=msgspec.Raw(entry.data),
        llm_provider=entry.provider,
        model_name=entry.model,
        tokens_used=tokens,
        latency_ms=round(ms, 3),
        cached=found.word in _HIT,
        validated=entry.validated,
        timestamp=datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        warnings=ask.warnings + entry.warnings,
    )
