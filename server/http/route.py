"""Which handler answers which path, and how routes are put into an application."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from aiohttp import web

from alerts.wire import Role
from server.http.call import Call

CallT = TypeVar("CallT", bound=Call)


class Reply(NamedTuple):
    """An answer that is a value; the process's own envelope makes bytes of it."""

    value: Any
    status: int = 200


class Route(NamedTuple, Generic[CallT]):
    """One path, and the least role that may use it."""

    method: str
    """``*`` for every method."""
    path: str
    """As aiohttp's router takes it."""
    need: Role | None
    """None: anybody."""
    handler: Callable[[CallT], Awaitable[Reply | web.StreamResponse]]
    """A value that the envelope encodes, or a response whose bytes are made already."""
    keeps_answer: bool = True
    """Whether the answer to an Idempotency-Key is kept; not where it carries a token."""


Answer = Callable[[Route[CallT], web.Request], Awaitable[web.StreamResponse]]
"""Answers a request by its route: who calls, what the handler says, and the envelope around it."""
Failure = Callable[[web.Request, Exception], web.StreamResponse]
"""The response to an error. It must have one for every error there is."""


def mount(
    app: web.Application, routes: Iterable[Route[CallT]], answer: Answer[CallT], failure: Failure
) -> None:
    """Add the routes; whatever ``answer`` raises becomes ``failure``'s response."""
    for route in routes:
        app.router.add_route(route.method, route.path, _handler(route, answer, failure))


def in_envelope(failure: Failure) -> Any:
    """A middleware that gives what aiohttp itself answers (no such path, wrong method, too large) that envelope too."""

    @web.middleware
    async def enveloped(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return failure(request, error)

    return enveloped


def _handler(
    route: Route[CallT], answer: Answer[CallT], failure: Failure
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await answer(route, request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return failure(request, error)
        except Exception as error:  # noqa: BLE001 - the outermost loop of a request
            return failure(request, error)

    return handle
