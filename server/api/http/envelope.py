"""The outermost layer: every request gets an id, every error the envelope, every answer its line and its count."""

import asyncio
import re
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter, time

import msgspec
from aiohttp import web
from aiohttp.hdrs import EXPECT, HOST
from multidict import istr

from server.api.call import CALL, ApiCall
from server.api.clock import rfc3339
from server.api.errors import TYPE_OF_STATUS, ApiError, unavailable
from server.api.http.drain import Drain
from server.api.http.route import ApiHandler
from server.api.http.router import Router
from server.api.ids import new_id
from server.api.telemetry.log import Log, LogLine
from server.api.telemetry.metrics import ApiMetrics
from server.http.expectation import told_to_continue
from server.http.host_guard import WRONG_HOST, WRONG_ORIGIN, HostGuard
from server.store.postgres import PostgresDownError, PostgresRefusedError
from server.store.redis import RedisDownError

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_X_REQUEST_ID = istr("X-Request-ID")
_TRACE = istr("traceparent")
_SAFE: dict[str, str] = {istr("Cache-Control"): "no-store", istr("X-Content-Type-Options"): "nosniff"}
_PROBES = ("/v1/live", "/v1/ready", "/v1/health", "/v1/metrics")

Finished = Callable[[web.BaseRequest, ApiCall, int, float], None]
"""What is told of each answered request: the request, its call, the status, milliseconds."""


def envelope(
    dispatcher: Router,
    log: Log,
    metrics: ApiMetrics,
    drain: Drain,
    finished: Finished,
    guard: HostGuard,
) -> ApiHandler:
    """The handler of every request."""

    async def enclose(request: web.BaseRequest) -> web.StreamResponse:
        call = request[CALL] = _call(request)
        drain.in_flight += 1
        try:
            headers = request.headers
            if not guard.is_ours(headers.get(HOST, "")):
                raise ApiError("misdirected_request", WRONG_HOST)
            if guard.is_foreign(request.method, request.path, headers):
                raise ApiError("forbidden", WRONG_ORIGIN)
            route, call.path_id = dispatcher.find(request.method, request.path)
            call.handler = route.label
            if EXPECT in request.headers and not await told_to_continue(request):
                raise ApiError("expectation_failed", "The only expectation taken is 100-continue.")
            response = await route.handler(request)
        except asyncio.CancelledError:
            call.error_type = "client_gone"
            _finish(request, call, 499)
            raise
        except Exception as error:  # noqa: BLE001  # the outermost loop of a request
            response = _answer_error(request, call, error)
        finally:
            drain.in_flight -= 1
        if drain.draining:
            response.force_close()
        call.headers[_X_REQUEST_ID] = call.request_id
        call.headers.update(_SAFE)
        response.headers.extend(call.headers)
        _finish(request, call, response.status)
        return response

    def _answer_error(request: web.BaseRequest, call: ApiCall, error: Exception) -> web.Response:
        known = as_api_error(error)
        if known is None:
            detail = "".join(traceback.format_exception(error))
            log.event("ERROR", "internal_error", f"{error!r} request_id: {call.request_id}", detail=detail)
            known = ApiError(
                "internal_error", "Something went wrong on our side; the request id finds it in our log."
            )
        call.error_type = known.type
        return error_response(request, call.request_id, known)

    def _finish(request: web.BaseRequest, call: ApiCall, status: int) -> None:
        seconds = perf_counter() - call.started
        call.answered_at = call.answered_at or rfc3339(time())
        handler = call.handler
        metrics.request(_method(request), handler, status, seconds)
        level = (
            "ERROR" if status >= 500 and handler not in _PROBES else "WARNING" if status >= 400 else "INFO"
        )
        if log.shows(level) and (status >= 400 or handler not in _PROBES or log.shows("DEBUG")):
            log.write(_line(request, call, status, level, seconds * 1000))
        finished(request, call, status, seconds * 1000)

    return enclose


def as_api_error(error: BaseException) -> ApiError | None:
    """The error that the caller is told, None when it is nobody's but ours."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, web.HTTPException):
        return _http_error(error)
    if isinstance(error, PostgresDownError):
        return unavailable(
            "database_unavailable", "The database is away; try again shortly.", retry_after_s=2
        )
    if isinstance(error, RedisDownError):
        return unavailable("service_unavailable", "A dependency is away; try again shortly.", retry_after_s=2)
    if isinstance(error, PostgresRefusedError):
        return None
    return None


def error_response(request: web.BaseRequest, request_id: str, error: ApiError) -> web.Response:
    """The error envelope, or RFC 9457's problem document for who accepts only that."""
    if "application/problem+json" in request.headers.get("Accept", ""):
        body = msgspec.json.encode(
            {
                "type": f"urn:sps:error:{error.type}",
                "title": error.type.replace("_", " "),
                "status": error.status,
                "detail": error.message,
                "instance": f"urn:sps:request:{request_id}",
                "field": error.field,
                "details": error.details,
                "request_id": request_id,
            }
        )
        kind = "application/problem+json"
    else:
        body = msgspec.json.encode(
            {
                "error": {
                    "type": error.type,
                    "message": error.message,
                    "field": error.field,
                    "details": error.details,
                },
                "request_id": request_id,
                "timestamp": datetime.fromtimestamp(time(), UTC),
            }
        )
        kind = "application/json"
    return web.Response(body=body, status=error.status, content_type=kind, headers=error.headers)


def _http_error(error: web.HTTPException) -> ApiError:
    type = TYPE_OF_STATUS.get(error.status, "bad_request" if error.status < 500 else "internal_error")
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    messages = {
        "not_found": "There is nothing at this path; /openapi.json lists what there is.",
        "method_not_allowed": f"This path takes {headers.get('Allow', 'other methods')}.",
        "payload_too_large": "The body is larger than 256 KiB.",
    }
    return ApiError(type, messages.get(type, error.reason), headers=headers)


def _call(request: web.BaseRequest) -> ApiCall:
    given = request.headers.get(_X_REQUEST_ID)
    if given is not None and _REQUEST_ID.fullmatch(given):
        return ApiCall(given, _trace_id(request))
    made = new_id()
    return ApiCall(made, _trace_id(request), made)


def _trace_id(request: web.BaseRequest) -> str:
    given = request.headers.get(_TRACE)
    match = _TRACEPARENT.fullmatch(given) if given is not None else None
    return match[1] if match is not None and int(match[1], 16) else ""


def _method(request: web.BaseRequest) -> str:
    known = request.method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    return request.method if known else "other"


def _line(request: web.BaseRequest, call: ApiCall, status: int, level: str, ms: float) -> LogLine:
    path = request.rel_url.raw_path[:300].replace(" ", "%20")
    word = call.error_type or "ok"
    return LogLine(
        level=level,
        message=f"{level} {request.method[:20]} {path} {status} {word} request_id: {call.request_id} {ms:.1f} ms",
        timestamp=call.answered_at,
        request_id=call.request_id,
        trace_id=call.trace_id,
        method=request.method[:20],
        path=path,
        status=status,
        error_type=call.error_type,
        duration_ms=round(ms, 3),
        api_key_id=call.api_key_id,
        provider=call.provider,
        cache=call.cache,
    )
