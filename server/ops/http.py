"""HTTP for the ops daemon: a route says which role it needs, a handler gets a call and gives a reply."""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import msgspec
from aiohttp import web

from alerts.incident import IllegalTransitionError, StaleVersionError
from alerts.silence import MatcherError
from alerts.wire import Problem, Role
from runbooks.engine.params import ParameterError
from runbooks.engine.plan import UnavailableHereError, UnknownActionError, UnknownStepError
from server.ops.executions.admission import (
    BadRequestError,
    LockedError,
    NeedsApprovalError,
    OtherRequestError,
    RefusedError,
)
from server.ops.executions.approvals import UnknownApprovalError
from server.ops.executions.executions import UnknownExecutionError
from server.ops.idempotency import AnswerLostError, IdempotentAnswers, KeyReusedError
from server.ops.prometheus import PrometheusUnreachableError
from server.ops.state.state import State
from server.ops.users import Caller, ForbiddenError, UnauthenticatedError, UserError, authenticate
from server.runner.execution import IllegalSignError
from server.store.journal import JournalCorruptError, JournalFullError, JournalUnavailableError

T = TypeVar("T")
LARGEST_BODY = 8 * 1024 * 1024
LARGEST_BATCH = 32 * 1024 * 1024
"""Bytes of a batch of alerts: one that is refused is lost for good, and senders put thousands into one."""
_log = logging.getLogger("ops")


class NotFoundError(Exception):
    """There is no such thing."""


class Reply(NamedTuple):
    """An answer that is a value."""

    value: Any
    status: int = 200


class OpsCall:
    """One request and who makes it."""

    def __init__(self, request: web.Request, caller: Caller | None) -> None:
        self.request = request
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """Who asks."""
        if self._caller is None:
            raise UnauthenticatedError("this needs a token")
        return self._caller

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]

    def number(self, name: str) -> int:
        """A part of the path that is a number; raises ``NotFoundError``."""
        text = self.path(name)
        if not text.isdigit():
            raise NotFoundError(f"{text} is no number")
        return int(text)

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        return self.request.query.get(name, default)

    def query_int(self, name: str, default: int, *, at_most: int | None = None) -> int:
        """A number in the query; raises ``BadRequestError``."""
        text = self.query(name) or str(default)
        if not text.lstrip("-").isdigit() or int(text) < 0:
            raise BadRequestError(f"{name}={text!r} must be a whole number, 0 or more", name)
        return min(int(text), at_most) if at_most is not None else int(text)

    async def body(self, shape: type[T]) -> T:
        """The body as JSON of that shape; an empty one is ``{}``. Raises ``BadRequestError``."""
        raw = await self.request.read()
        if len(raw) > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_BODY, actual_size=len(raw))
        try:
            return msgspec.json.decode(raw or b"{}", type=shape)
        except msgspec.ValidationError as error:
            raise BadRequestError(str(error), str(error).rpartition("$.")[2].rstrip("`") or None) from error
        except msgspec.DecodeError as error:
            raise BadRequestError(f"the body is not JSON: {error}") from error


OpsHandler = Callable[[OpsCall], Awaitable[Reply | web.StreamResponse]]


class OpsRoute(NamedTuple):
    """One path, and the least role that may use it (None: anybody)."""

    method: str
    path: str
    need: Role | None
    handler: OpsHandler
    keeps_answer: bool = True
    """Whether the answer to an Idempotency-Key is kept; not where it carries a token."""


_PROBLEMS: dict[type[Exception], tuple[int, str]] = {
    UnauthenticatedError: (401, "unauthenticated"),
    ForbiddenError: (403, "forbidden"),
    NotFoundError: (404, "not_found"),
    UnknownExecutionError: (404, "not_found"),
    UnknownApprovalError: (404, "not_found"),
    UnknownActionError: (404, "not_found"),
    UnknownStepError: (404, "not_found"),
    StaleVersionError: (409, "conflict"),
    IllegalTransitionError: (409, "conflict"),
    IllegalSignError: (409, "conflict"),
    KeyReusedError: (409, "conflict"),
    AnswerLostError: (409, "conflict"),
    OtherRequestError: (409, "conflict"),
    UserError: (409, "conflict"),
    NeedsApprovalError: (409, "refused"),
    RefusedError: (409, "refused"),
    UnavailableHereError: (409, "refused"),
    LockedError: (423, "locked"),
    BadRequestError: (400, "invalid"),
    ParameterError: (400, "invalid"),
    MatcherError: (400, "invalid"),
    JournalFullError: (503, "unavailable"),
    JournalUnavailableError: (503, "unavailable"),
    JournalCorruptError: (503, "unavailable"),
    PrometheusUnreachableError: (503, "unavailable"),
}


def problem_of(error: Exception) -> tuple[int, Problem] | None:
    """Status and envelope of an expected error, None for one that nobody expected."""
    for kind, (status, word) in _PROBLEMS.items():
        if isinstance(error, kind):
            return status, Problem(
                type=word, message=str(error), field=_field_of(error), details=_details_of(error)
            )
    return None


def _field_of(error: Exception) -> str | None:
    if isinstance(error, BadRequestError):
        return error.field
    return error.name if isinstance(error, ParameterError) else None


def _details_of(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, StaleVersionError | IllegalTransitionError):
        return {"id": error.incident.id, "state": error.incident.state, "version": error.incident.version}
    if isinstance(error, LockedError):
        return {"key": error.key, "execution_id": error.execution_id}
    if isinstance(error, NeedsApprovalError):
        return {"digest": error.plan.digest, "people": error.plan.people}
    return None


def error_response(status: int, problem: Problem) -> web.Response:
    """The error envelope."""
    return web.Response(
        status=status, body=msgspec.json.encode({"error": problem}), content_type="application/json"
    )


def mount(
    app: web.Application, routes: Iterable[OpsRoute], state: Callable[[], State], receipts: IdempotentAnswers
) -> None:
    """Adds routes, each behind its role."""
    for route in routes:
        app.router.add_route(route.method, route.path, _guarded(route, state, receipts))


@web.middleware
async def in_envelope(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Gives what aiohttp itself answers (no such path, wrong method, too large) the envelope of all errors."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _failed(request, error)


def _guarded(
    route: OpsRoute, state: Callable[[], State], receipts: IdempotentAnswers
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            caller = _caller(request, route.need, state())
            return await _answer(route, OpsCall(request, caller), receipts)
        except Exception as error:  # noqa: BLE001 - the outermost loop of a request
            return _failed(request, error)

    return handle


def _caller(request: web.Request, need: Role | None, state: State) -> Caller | None:
    if need is None:
        return None
    caller = authenticate(state, request.headers.get("Authorization", ""))
    if not caller.may(need):
        raise ForbiddenError(f"this takes the role {need}; {caller.name} is {caller.role}")
    return caller


async def _answer(route: OpsRoute, call: OpsCall, receipts: IdempotentAnswers) -> web.StreamResponse:
    key = call.request.headers.get("Idempotency-Key", "")
    if key and route.method != "GET":
        sha256 = hashlib.sha256(
            f"{route.method} {call.request.path_qs} ".encode() + await call.request.read()
        ).hexdigest()
        kept = await receipts.once(call.caller, key, sha256, lambda: _plain(route, call), route.keeps_answer)
        return web.Response(status=kept.status, body=kept.answer.encode(), content_type="application/json")
    answer = await route.handler(call)
    return answer if isinstance(answer, web.StreamResponse) else _json(answer)


async def _plain(route: OpsRoute, call: OpsCall) -> tuple[int, str]:
    """The answer as status and text, expected errors included: they are answers too."""
    try:
        answer = await route.handler(call)
    except Exception as error:
        found = problem_of(error)
        if found is None or found[0] >= 500:
            raise
        return found[0], msgspec.json.encode({"error": found[1]}).decode()
    if isinstance(answer, web.StreamResponse):
        return answer.status, "{}"
    return answer.status, msgspec.json.encode(answer.value).decode()


def _json(reply: Reply) -> web.Response:
    return web.Response(
        status=reply.status, body=msgspec.json.encode(reply.value), content_type="application/json"
    )


def _failed(request: web.Request, error: Exception) -> web.Response:
    if isinstance(error, web.HTTPException):
        kind = "not_found" if error.status == 404 else "invalid" if error.status < 500 else "unavailable"
        text = f"{request.method} {request.path}: {error.reason}"
        return error_response(error.status, Problem(type=kind, message=text))
    found = problem_of(error)
    if found is not None:
        return error_response(*found)
    _log.exception("%s %s failed", request.method, request.path)
    return error_response(
        500, Problem(type="unavailable", message="a fault of the ops daemon's own; its log has the details")
    )
