"""HTTP for the evaluator: routes answered in Prometheus' envelope, its errors included."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from alerts.promql import PromQLError
from alerts.promql.error import QueryStoppedError
from server.evaluator.http_form import QueryParameterError, failure, success
from server.http.call import Call
from server.http.problem_table import ProblemTable
from server.http.route import Reply, Route, mount

Handler = Callable[[Call], Awaitable[Reply | web.StreamResponse]]
EvaluatorRoute = Route[Call]
_log = logging.getLogger("evaluator")
_PROBLEMS = ProblemTable(
    {
        QueryParameterError: (400, "bad_data"),
        QueryStoppedError: (503, "timeout"),
        PromQLError: (422, "execution"),
    }
)


def get(path: str, handler: Handler) -> EvaluatorRoute:
    """A path that is read."""
    return Route("GET", path, None, handler)


def post(path: str, handler: Handler) -> EvaluatorRoute:
    """A path that takes its parameters as a form."""
    return Route("POST", path, None, handler)


def mount_in_envelope(app: web.Application, routes: Iterable[EvaluatorRoute]) -> None:
    """Add routes."""
    mount(app, routes, _answer, failed)


async def _answer(route: EvaluatorRoute, request: web.Request) -> web.StreamResponse:
    answer = await route.handler(Call(request))
    return success(answer.value) if isinstance(answer, Reply) else answer


def failed(request: web.Request, error: Exception) -> web.Response:
    """Every error as ``{"status": "error", "errorType": …, "error": …}``."""
    if isinstance(error, web.HTTPException):
        return failure("not_found" if error.status == 404 else "bad_data", error.reason, error.status)
    found = _PROBLEMS.find(error)
    if found is not None:
        return failure(found.word, str(error), found.status)
    _log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return failure("internal", "a fault of the evaluator's own; its log has the details", 500)
