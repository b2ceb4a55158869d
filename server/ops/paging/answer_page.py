"""The listener of links in pages: it shows one incident in a line and takes one press of a button, and nothing else.

Looking changes nothing, for mail programs and chats fetch every link that they see.
"""

from html import escape

from aiohttp import web

from alerts.incident import Incident
from server.http.host_guard import HostGuard, guarded
from server.ops.paging.answer_link import BadLinkError, LinkSigner, answer_of
from server.ops.paging.answers import PageAnswer, take_answer
from server.ops.state.ledger import JOURNAL_ERRORS, Ledger, Transaction

_LARGEST_BODY = 1_024
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    # With no-referrer a browser says that its own form comes from nowhere (Origin: null), and the press is refused.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_STYLE = "body{font:1.2em sans-serif;margin:2em;max-width:34em}button{font:inherit;padding:.7em 1.4em}"


class AnswerPages:
    """``GET`` and ``POST`` of a link."""

    def __init__(self, ledger: Ledger, signer: LinkSigner, guard: HostGuard) -> None:
        self._ledger, self._signer, self._guard = ledger, signer, guard

    def app(self) -> web.Application:
        """An application of its own, for a listener of its own."""
        app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[guarded(self._guard, _failure)])
        app.router.add_get("/{path:.*}", self._look)
        app.router.add_post("/{path:.*}", self._press)
        return app

    async def _look(self, request: web.Request) -> web.Response:
        try:
            answer = self._read(request)
        except BadLinkError as error:
            return _page(404, str(error))
        incident = self._ledger.state.incidents[answer.incident_id]
        if incident.acknowledged_by is not None:
            return _page(200, f"{_line(incident)}: {incident.acknowledged_by} has it")
        return _page(200, _line(incident), button=f"Acknowledge as {answer.by.name}")

    async def _press(self, request: web.Request) -> web.Response:
        def decide(tx: Transaction) -> tuple[str, Incident]:
            answer = self._read(request)
            refused = take_answer(tx, answer)
            return refused, tx.state.incidents[answer.incident_id]

        try:
            refused, incident = await self._ledger.decide(decide)
        except BadLinkError as error:
            return _page(404, str(error))
        except JOURNAL_ERRORS:
            return _page(503, "The journal cannot be written: nothing was changed. Try again, or call.")
        if refused:
            return _page(409, f"{_line(incident)}: nothing was changed, {refused}")
        until = incident.acknowledged_until
        ends = f" until {until:%H:%MZ}, longer while you work on it" if until is not None else ""
        return _page(200, f"{_line(incident)}: it is yours{ends}. Type: ops open {incident.id}")

    def _read(self, request: web.Request) -> PageAnswer:
        token = request.match_info["path"].rpartition("/")[2]
        return answer_of(self._ledger.state, self._signer.read(token, self._ledger.clock()))


def _line(incident: Incident) -> str:
    return (
        f"Incident {incident.id}, {incident.severity}: {incident.alertname} {incident.service}, {incident.title} "
        f"({incident.state} since {incident.began_at:%H:%MZ})"
    )


def _page(status: int, text: str, *, button: str = "") -> web.Response:
    form = f'<form method="post"><button>{escape(button)}</button></form>' if button else ""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ops</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><p>{escape(text)}</p>{form}</body></html>\n"
    )
    return web.Response(status=status, text=html, content_type="text/html", headers=_HEADERS)


def _failure(request: web.Request, error: Exception) -> web.Response:
    status = error.status if isinstance(error, web.HTTPException) else 500
    return _page(status, error.reason if isinstance(error, web.HTTPException) else "not possible")
