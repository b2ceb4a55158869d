"""For which names a listener answers, and whether a web page of somebody else's sent the request.

A page in a browser can have requests sent to anything that the browser's machine reaches: under a name of its own that
it makes resolve to 127.0.0.1 (DNS rebinding), or straight across origins, without being able to read the answer.
"""

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.hdrs import HOST, ORIGIN
from aiohttp.typedefs import Handler, Middleware

_LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost", "localhost.localdomain"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN_SITES = frozenset({"cross-site", "same-site"})
_MOST_KNOWN = 1_000

WRONG_HOST = "this listener does not answer for that host; ALLOWED_HOSTS names those it answers for"
WRONG_ORIGIN = "a web page of another origin may not ask for this"


def is_loopback(bind: str) -> bool:
    """Whether a listener at that address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind in _LOOPBACK_NAMES


def host_names(text: str) -> tuple[str, ...]:
    """``ALLOWED_HOSTS``: names separated by commas, ``.example.com`` for all below it, ``*`` for any.

    Raises ``ValueError``.
    """
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    wrong = [name for name in names if name != "*" and (set(name) & set("/*:@ ") or not name.isascii())]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no host name; write for instance ops.example.com,.example.org")
    return names


class HostGuard:
    """Knows which ``Host`` and ``Origin`` of a request are ours."""

    def __init__(self, bind: str, allowed: tuple[str, ...], costly: tuple[str, ...] = ()) -> None:
        """``costly`` are beginnings of paths that a foreign page may not even read: their answers cost too much."""
        self._names = frozenset(name for name in allowed if not name.startswith("."))
        self._domains = tuple(name for name in allowed if name.startswith("."))
        self.takes_any = "*" in allowed or (not allowed and not is_loopback(bind))
        """Whether every ``Host`` is taken: nobody has said which are ours, and others than this machine reach us."""
        self._costly = costly
        self._known: dict[str, bool] = {}

    def is_ours(self, host: str) -> bool:
        """Whether the value of ``Host`` names us: an address, a name of this machine's, or one that is allowed.

        An empty one is none: programs of HTTP/1.0 send it, browsers never do.
        """
        if self.takes_any or not host:
            return True
        known = self._known.get(host)
        if known is None:
            known = self._is_named(_name_of(host))
            if len(self._known) < _MOST_KNOWN:
                self._known[host] = known
        return known

    def is_foreign(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Whether a page of another origin had this sent, and it changes something or costs much."""
        if method in _READS and not path.startswith(self._costly or ("\n",)):
            return False
        origin = headers.get(ORIGIN)
        if origin is not None:
            return not self._is_same(origin, headers.get(HOST, ""))
        # A picture or a frame brings no Origin, but says whence it is; a link that a person follows is no attack.
        site = headers.get("Sec-Fetch-Site", "")
        followed = headers.get("Sec-Fetch-User") == "?1" and headers.get("Sec-Fetch-Dest") == "document"
        return site in _FOREIGN_SITES and not (followed and method in _READS)

    def _is_same(self, origin: str, host: str) -> bool:
        try:
            place = urlsplit(origin)
        except ValueError:
            return False
        return bool(place.netloc) and (
            place.netloc.lower() == host.lower() or self._is_allowed(_name_of(place.netloc))
        )

    def _is_named(self, name: str) -> bool:
        if name in _LOOPBACK_NAMES or self._is_allowed(name):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _is_allowed(self, name: str) -> bool:
        return name in self._names or any(name.endswith(domain) for domain in self._domains)


def _name_of(host: str) -> str:
    """The name or address in ``Host``, without its port."""
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].removesuffix(".")


Failure = Callable[[web.Request, Exception], web.StreamResponse]


def guarded(guard: HostGuard, failure: Failure) -> Middleware:
    """A middleware that answers, in the process's own envelope, 421 for another host and 403 for another origin."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers
        if not guard.is_ours(headers.get(HOST, "")):
            return failure(request, web.HTTPMisdirectedRequest(reason=WRONG_HOST))
        if guard.is_foreign(request.method, request.path, headers):
            return failure(request, web.HTTPForbidden(reason=WRONG_ORIGIN))
        return await handler(request)

    return check
