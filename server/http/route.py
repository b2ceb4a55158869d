"""Which handler answers which path, and how routes are put into an application."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from aiohttp import web

from alerts.wire import Role
from server.http.call import Call
from server.http.expectation import told_to_continue

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
    expecting = _expecting(failure)
    for route in routes:
        app.router.add_route(
            route.method, route.path, _handler(route, answer, failure), expect_handler=expecting
        )


def mount_the_rest(app: web.Application, failure: Failure) -> None:
    """Answers what no route answers in the envelope too: no such path, or not with this method. Call it last.

    It is a route, not a middleware: the framework looks at ``Expect`` before any middleware is asked.
    """

    async def refuse(request: web.Request) -> web.StreamResponse:
        others = [resource for resource in app.router.resources() if resource is not rest.resource]
        allowed = {method for resource in others for method in (await resource.resolve(request))[1]}
        if allowed:
            return failure(request, web.HTTPMethodNotAllowed(request.method, sorted(allowed)))
        return failure(request, web.HTTPNotFound())

    rest = app.router.add_route("*", "/{path:.*}", refuse, expect_handler=_expecting(failure))


def _expecting(failure: Failure) -> Callable[[web.Request], Awaitable[web.StreamResponse | None]]:
    async def expecting(request: web.Request) -> web.StreamResponse | None:
        if await told_to_continue(request):
            return None
        return failure(request, web.HTTPExpectationFailed(text="the only expectation taken is 100-continue"))

    return expecting


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
        except web.RequestPayloadError:
            return failure(
                request, web.HTTPBadRequest(text="the body is not encoded as Content-Encoding says")
            )
        except Exception as error:  # noqa: BLE001 - the outermost loop of a request
            if isinstance(error, ConnectionResetError) and _has_gone(request):
                # Nobody reads this, and nobody's log needs a trace of it.
                return web.Response(status=499, reason="Client Closed Request")
            return failure(request, error)

    return handle


def _has_gone(request: web.Request) -> bool:
    """Whether it was the client's connection that was reset, not one of ours to somebody else."""
    return request.transport is None or request.transport.is_closing()
