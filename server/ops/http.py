"""HTTP for the ops daemon: who calls, the envelope of errors, answers kept for an Idempotency-Key."""

import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from alerts.incident import IllegalTransitionError, StaleVersionError
from alerts.maintenance import StaleWindowError, WindowTransitionError
from alerts.wire import Problem, Role
from runbooks.engine.params import ParameterError
from server.http.call import BadRequestError, Call, NotFoundError
from server.http.listener_limits import read_body
from server.http.problem_table import Problems, ProblemTable
from server.http.route import Reply, Route, mount
from server.ops.executions.admission import LockedError, NeedsApprovalError
from server.ops.idempotency import AnswerLostError, IdempotentAnswers, KeyReusedError
from server.ops.state.state import State
from server.ops.users import Caller, ForbiddenError, UnauthenticatedError, authenticate
from server.store.journal import JournalCorruptError, JournalFullError, JournalUnavailableError

T = TypeVar("T")
LARGEST_BODY = 8 * 1024 * 1024
LARGEST_BATCH = 32 * 1024 * 1024
"""Bytes of a batch of alerts: one that is refused is lost for good, and senders put thousands into one."""
_log = logging.getLogger("ops")


class OpsCall(Call):
    """One request and who makes it."""

    def __init__(self, request: web.Request, caller: Caller | None) -> None:
        super().__init__(request)
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """Who calls. Raises ``UnauthenticatedError`` on a route that anybody may use."""
        if self._caller is None:
            raise UnauthenticatedError("this needs a token")
        return self._caller

    async def body(self, shape: type[T]) -> T:
        """The body as JSON of that shape; an empty one is ``{}``. Raises ``BadRequestError``.

        Only a batch of alerts may be larger than ``LARGEST_BODY``, and is read by its own reader.
        """
        size = len(await read_body(self.request))
        if size > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_BODY, actual_size=size)
        return await super().body(shape)


_WORDS = {403: "forbidden", 404: "not_found"}
OpsRoute = Route[OpsCall]
PROBLEMS: Problems = {
    UnauthenticatedError: (401, "unauthenticated"),
    ForbiddenError: (403, "forbidden"),
    NotFoundError: (404, "not_found"),
    KeyReusedError: (409, "conflict"),
    AnswerLostError: (409, "conflict"),
    BadRequestError: (400, "invalid"),
    JournalFullError: (503, "unavailable"),
    JournalUnavailableError: (503, "unavailable"),
    JournalCorruptError: (503, "unavailable"),
}
"""What any path may meet; each file of ``routes/`` has a table of its own for the rest."""


class OpsHttp:
    """Mounts routes, each behind its role, and answers in the daemon's envelope."""

    def __init__(
        self, state: Callable[[], State], kept: IdempotentAnswers, problems: Iterable[Problems]
    ) -> None:
        self._state = state
        self._kept = kept
        self._table = ProblemTable(PROBLEMS, *problems)

    def mount(self, app: web.Application, routes: Iterable[OpsRoute]) -> None:
        """Add routes."""
        mount(app, routes, self._answer, self.failure)

    async def _answer(self, route: OpsRoute, request: web.Request) -> web.StreamResponse:
        call = OpsCall(request, self._caller(request, route.need))
        key = request.headers.get("Idempotency-Key", "")
        if key and route.method != "GET":
            sha256 = hashlib.sha256(
                f"{route.method} {request.path_qs} ".encode() + await read_body(request)
            ).hexdigest()
            kept = await self._kept.once(
                call.caller, key, sha256, lambda: self._plain(route, call), route.keeps_answer
            )
            return web.Response(
                status=kept.status, body=kept.answer.encode(), content_type="application/json"
            )
        answer = await route.handler(call)
        return answer if isinstance(answer, web.StreamResponse) else _json(answer)

    def _caller(self, request: web.Request, need: Role | None) -> Caller | None:
        if need is None:
            return None
        caller = authenticate(self._state(), request.headers.get("Authorization", ""))
        if not caller.may(need):
            raise ForbiddenError(f"this takes the role {need}; {caller.name} is {caller.role}")
        return caller

    async def _plain(self, route: OpsRoute, call: OpsCall) -> tuple[int, str]:
        """The answer as status and text, expected errors included: they are answers too."""
        try:
            answer = await route.handler(call)
        except Exception as error:
            found = self._table.find(error)
            if found is None or found.status >= 500:
                raise
            return found.status, msgspec.json.encode({"error": _problem(found.word, error)}).decode()
        if isinstance(answer, web.StreamResponse):
            return answer.status, "{}"
        return answer.status, msgspec.json.encode(answer.value).decode()

    def failure(self, request: web.Request, error: Exception) -> web.Response:
        """The error envelope for what was expected, and for what nobody expected, which is logged."""
        if isinstance(error, web.HTTPException):
            kind = _WORDS.get(error.status, "invalid" if error.status < 500 else "unavailable")
            text = f"{request.method} {request.path}: {error.reason}"
            return _enveloped(error.status, Problem(type=kind, message=text))
        found = self._table.find(error)
        if found is not None:
            return _enveloped(found.status, _problem(found.word, error))
        _log.exception("%s %s failed", request.method, request.path, exc_info=error)
        return _enveloped(
            500,
            Problem(type="unavailable", message="a fault of the ops daemon's own; its log has the details"),
        )


def _problem(word: str, error: Exception) -> Problem:
    return Problem(type=word, message=str(error), field=_field_of(error), details=_details_of(error))


def _enveloped(status: int, problem: Problem) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode({"error": problem}), content_type="application/json"
    )


def _json(reply: Reply) -> web.Response:
    return web.Response(
        status=reply.status, body=msgspec.json.encode(reply.value), content_type="application/json"
    )


def _field_of(error: Exception) -> str | None:
    if isinstance(error, BadRequestError):
        return error.field
    return error.name if isinstance(error, ParameterError) else None


def _details_of(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, StaleVersionError | IllegalTransitionError):
        return {"id": error.incident.id, "state": error.incident.state, "version": error.incident.version}
    if isinstance(error, StaleWindowError | WindowTransitionError):
        return {"id": error.window.id, "state": error.window.state, "version": error.window.version}
    if isinstance(error, LockedError):
        return {"key": error.key, "execution_id": error.execution_id}
    if isinstance(error, NeedsApprovalError):
        return {"digest": error.plan.digest, "people": error.plan.people}
    return None


async def stream_list(
    request: web.Request, parts: AsyncIterator[Sequence[object]], *, before: bytes = b"[", after: bytes = b"]"
) -> web.StreamResponse:
    """A list of JSON values that is sent as it is made: no answer is larger than a part of it in memory.

    The first part is made before anything is sent, so that what is wrong with the request has its own status.
    """
    encoded = (msgspec.json.encode(part)[1:-1] async for part in parts if part)
    first = await anext(encoded, b"")
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(before + first)
    async for part in encoded:
        await response.write(b"," + part)
    await response.write(after)
    await response.write_eof()
    return response
