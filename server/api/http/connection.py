"""aiohttp's low-level server, with the error envelope also for what is no HTTP request at all."""

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from server.api.errors import ApiError
from server.api.http.envelope import error_response
from server.api.ids import new_id

_KEEPALIVE_S = 75.0


class _Connection(RequestHandler):
    """One connection; what its parser refuses is answered in our words."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size > 0:
            raise ConnectionError("the answer had begun")
        if status < 500:
            error = ApiError("bad_request", "This is no HTTP request that we understand.")
        else:
            error = ApiError("internal_error", "Something went wrong on our side.")
        response = error_response(request, new_id(), error)
        response.force_close()
        return response


class Listener(web.Server):
    """Makes our connections."""

    def __call__(self) -> RequestHandler:
        return _Connection(
            self,
            loop=self._loop,
            access_log=None,  # type: ignore[arg-type]  # aiohttp takes None for no log, and does not say so
            keepalive_timeout=_KEEPALIVE_S,
        )
