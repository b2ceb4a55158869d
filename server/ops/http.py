"""HTTP for the ops daemon: a route says which role it needs, a handler gets a call and gives a reply."""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import msgspec
from aiohttp import web

from alerts.incident import IllegalTransition, StaleVersion
from alerts.silence import BadMatcher
from alerts.wire import Problem, Role
from runbooks.engine.params import BadParameter
from runbooks.engine.plan import UnavailableHere, UnknownAction, UnknownStep
from server.ops.executions.admission import BadRequest, Locked, NeedsApproval, OtherRequest, Refused
from server.ops.executions.approvals import UnknownApproval
from server.ops.executions.executions import UnknownExecution
from server.ops.idempotency import AnswerLost, KeyReused, Receipts
from server.ops.prometheus import SourceUnreachable
from server.ops.state.state import State
from server.ops.users import BadUser, Caller, Forbidden, Unauthenticated, authenticate
from server.runner.execution import IllegalSign
from server.store.journal import JournalCorrupt, JournalFull, JournalUnavailable

T = TypeVar("T")
LARGEST_BODY = 8 * 1024 * 1024
_log = logging.getLogger("ops")


class NotFound(Exception):
    """There is no such thing."""


class Reply(NamedTuple):
    """An answer that is a value."""

    value: Any
    status: int = 200


class Call:
    """One request and who makes it."""

    def __init__(self, request: web.Request, caller: Caller | None) -> None:
        self.request = request
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """Who asks."""
        if self._caller is None:
            raise Unauthenticated("this needs a token")
        return self._caller

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]

    def number(self, name: str) -> int:
        """A part of the path that is a number; raises ``NotFound``."""
        text = self.path(name)
        if not text.isdigit():
            raise NotFound(f"{text} is no number")
        return int(text)

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        return self.request.query.get(name, default)

    def query_int(self, name: str, default: int, *, at_most: int | None = None) -> int:
        """A number in the query; raises ``BadRequest``."""
        text = self.query(name) or str(default)
        if not text.lstrip("-").isdigit() or int(text) < 0:
            raise BadRequest(f"{name}={text!r} must be a whole number, 0 or more", name)
        return min(int(text), at_most) if at_most is not None else int(text)

    async def body(self, shape: type[T]) -> T:
        """The body as JSON of that shape; an empty one is ``{}``. Raises ``BadRequest``."""
        raw = await self.request.read()
        try:
            return msgspec.json.decode(raw or b"{}", type=shape)
        except msgspec.ValidationError as error:
            raise BadRequest(str(error), str(error).rpartition("$.")[2].rstrip("`") or None) from error
        except msgspec.DecodeError as error:
            raise BadRequest(f"the body is not JSON: {error}") from error


Handler = Callable[[Call], Awaitable[Reply | web.StreamResponse]]


class Route(NamedTuple):
    """One path, and the least role that may use it (None: anybody)."""

    method: str
    path: str
    need: Role | None
    handler: Handler
    keeps_answer: bool = True
    """Whether the answer to an Idempotency-Key is kept; not where it carries a token."""


_PROBLEMS: dict[type[Exception], tuple[int, str]] = {
    Unauthenticated: (401, "unauthenticated"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not_found"),
    UnknownExecution: (404, "not_found"),
    UnknownApproval: (404, "not_found"),
    UnknownAction: (404, "not_found"),
    UnknownStep: (404, "not_found"),
    StaleVersion: (409, "conflict"),
    IllegalTransition: (409, "conflict"),
    IllegalSign: (409, "conflict"),
    KeyReused: (409, "conflict"),
    AnswerLost: (409, "conflict"),
    OtherRequest: (409, "conflict"),
    BadUser: (409, "conflict"),
    NeedsApproval: (409, "refused"),
    Refused: (409, "refused"),
    UnavailableHere: (409, "refused"),
    Locked: (423, "locked"),
    BadRequest: (400, "invalid"),
    BadParameter: (400, "invalid"),
    BadMatcher: (400, "invalid"),
    JournalFull: (503, "unavailable"),
    JournalUnavailable: (503, "unavailable"),
    JournalCorrupt: (503, "unavailable"),
    SourceUnreachable: (503, "unavailable"),
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
    if isinstance(error, BadRequest):
        return error.field
    return error.name if isinstance(error, BadParameter) else None


def _details_of(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, StaleVersion | IllegalTransition):
        return {"id": error.incident.id, "state": error.incident.state, "version": error.incident.version}
    if isinstance(error, Locked):
        return {"key": error.key, "execution_id": error.execution_id}
    if isinstance(error, NeedsApproval):
        return {"digest": error.plan.digest, "people": error.plan.people}
    return None


def error_response(status: int, problem: Problem) -> web.Response:
    """The error envelope."""
    return web.Response(
        status=status, body=msgspec.json.encode({"error": problem}), content_type="application/json"
    )


def mount(
    app: web.Application, routes: Iterable[Route], state: Callable[[], State], receipts: Receipts
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
    route: Route, state: Callable[[], State], receipts: Receipts
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            caller = _caller(request, route.need, state())
            return await _answer(route, Call(request, caller), receipts)
        except Exception as error:  # noqa: BLE001 - the outermost loop of a request
            return _failed(request, error)

    return handle


def _caller(request: web.Request, need: Role | None, state: State) -> Caller | None:
    if need is None:
        return None
    caller = authenticate(state, request.headers.get("Authorization", ""))
    if not caller.may(need):
        raise Forbidden(f"this takes the role {need}; {caller.name} is {caller.role}")
    return caller


async def _answer(route: Route, call: Call, receipts: Receipts) -> web.StreamResponse:
    key = call.request.headers.get("Idempotency-Key", "")
    if key and route.method != "GET":
        sha256 = hashlib.sha256(
            f"{route.method} {call.request.path_qs} ".encode() + await call.request.read()
        ).hexdigest()
        kept = await receipts.once(call.caller, key, sha256, lambda: _plain(route, call), route.keeps_answer)
        return web.Response(status=kept.status, body=kept.answer.encode(), content_type="application/json")
    answer = await route.handler(call)
    return answer if isinstance(answer, web.StreamResponse) else _json(answer)


async def _plain(route: Route, call: Call) -> tuple[int, str]:
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
