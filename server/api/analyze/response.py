"""Answers as bytes: JSON always, XML where it was asked for."""

from time import perf_counter, time
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE
from multidict import CIMultiDict, istr

from server.api.analyze.cache import Found
from server.api.analyze.question import ParsedRequest
from server.api.analyze.xml import xml_of
from server.api.call import ApiCall
from server.api.clock import rfc3339
from server.api.wire import EncodedResponse

_JSON = CIMultiDict({CONTENT_TYPE: "application/json"})
_X_CACHE, _AGE, _TIMING = istr("X-Cache"), istr("Age"), istr("Server-Timing")
_encoder = msgspec.json.Encoder()
_HIT = ("HIT", "STALE", "COALESCED")


def json_response(value: Any, *, status: int = 200) -> web.Response:
    """``value`` as JSON."""
    return web.Response(body=_encoder.encode(value), status=status, content_type="application/json")


def answer_response(call: ApiCall, ask: ParsedRequest, found: Found) -> web.Response:
    """The answer to one question, in the encoding that was asked for."""
    now = time()
    call.answered_at = rfc3339(now)
    entry = found.entry
    total_ms = (perf_counter() - call.started) * 1000
    call.headers[_X_CACHE] = found.word
    if entry.stored_at:
        call.headers[_AGE] = str(max(0, int(now - entry.stored_at)))
    call.headers[_TIMING] = f"provider;dur={call.provider_s * 1000:.2f}, total;dur={total_ms:.2f}"
    body = _encoder.encode(encoded(call, ask, found, total_ms, call.answered_at))
    if ask.xml:
        return web.Response(
            body=xml_of(msgspec.json.decode(body)), content_type="application/xml", charset="utf-8"
        )
    return web.Response(body=body, headers=_JSON)


def encoded(call: ApiCall, ask: ParsedRequest, found: Found, ms: float, at: str) -> EncodedResponse:
    """The answer's envelope around data that is encoded already."""
    entry = found.entry
    return EncodedResponse(
        request_id=call.request_id,
        data=msgspec.Raw(entry.data),
        llm_provider=entry.provider,
        model_name=entry.model,
        tokens_used=call.input_tokens + call.output_tokens,
        latency_ms=round(ms, 3),
        cached=found.word in _HIT,
        validated=entry.validated,
        timestamp=at,
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        fallback=entry.fallback,
        providers_tried=entry.tried,
        warnings=ask.warnings + entry.warnings,
    )
