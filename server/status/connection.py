"""aiohttp's low-level server, which says in our words too what it cannot read as a request."""

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from server.http import listener_limits
from server.status.answer import SECURITY


class _Connection(RequestHandler):
    """One connection; what its parser refuses is answered without the name and version of any library."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size > 0:
            raise ConnectionError("the answer had begun")
        text = "this is no request that we understand" if status < 500 else "the page is in trouble"
        response = web.Response(status=status, headers=SECURITY, text=f"{text}\n")
        response.force_close()
        return response


class StatusListener(web.Server):
    """Makes our connections."""

    def __call__(self) -> RequestHandler:
        return _Connection(
            self,
            loop=self._loop,
            access_log=None,  # type: ignore[arg-type]  # aiohttp takes None for no log, and does not say so
            keepalive_timeout=listener_limits.IDLE_S,
        )
