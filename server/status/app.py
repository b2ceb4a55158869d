"""The status page process: one snapshot in memory, a timer that looks for a newer one, and GET."""

import logging
import os
import stat
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from aiohttp import web

from server.http.call import Call
from server.http.host_guard import HostGuard, guarded
from server.http.route import Reply, Route, mount
from server.periodic import LoopHealth, Periodic
from server.status.answer import SECURITY, Site, answer
from web.snapshot import Manifest, OddSnapshotError, check_manifest

_log = logging.getLogger("status")
_LARGEST_FILE = 16 * 1024 * 1024
_LOOK_EVERY = timedelta(seconds=1)
_EMPTY = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>Status</title>"
    b"<h1>Status is not known yet</h1><p>Nothing has been published so far. Try again in a minute.</p></html>"
)


class StatusApp:
    """The site that is served now, and whether its heartbeat has stopped."""

    def __init__(self, public: Path, stale_after: timedelta, clock: Callable[[], datetime]) -> None:
        self._public, self._stale_after, self._clock = public, stale_after, clock
        self.site: Site | None = None
        self.is_stale = False
        self.loop = Periodic("look", _LOOK_EVERY, self.look)

    async def look(self) -> None:
        """Take a newer snapshot where there is one, and look at the heartbeat; before the first one there is nothing.

        Raises ``OSError``, ``msgspec.MsgspecError`` and ``OddSnapshotError`` for one that cannot be served; the last
        good one stays.
        """
        if self.site is None and not (self._public / "current").is_symlink():
            return
        try:
            # One link deep, and its last word alone: a loop of links, or one that leads elsewhere, is no snapshot.
            generation = (self._public / "current").readlink().name
            if self.site is None or self.site.generation != generation:
                self.site = load_site(self._public / "snapshots" / generation)
        finally:
            if self.site is not None:
                self.is_stale = self._clock() - self.site.manifest.published_at > self._stale_after


def load_site(folder: Path) -> Site:
    """A snapshot read whole into memory. Raises ``OSError``, ``msgspec.MsgspecError`` and ``OddSnapshotError``."""
    manifest = msgspec.json.decode(_read(folder / "manifest.json"), type=Manifest)
    check_manifest(manifest)
    routes = (*manifest.live.values(), *manifest.stale.values())
    names = {variant.file for route in routes for variant in route.variants.values()}
    return Site(
        generation=folder.name,
        manifest=manifest,
        bodies={name: _read(folder / name) for name in names},
    )


def _read(path: Path) -> bytes:
    """A file of a snapshot: neither a link, nor anything that is never read to its end, nor larger than a page is."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
            raise OddSnapshotError(f"{path.name} is no file of up to {_LARGEST_FILE} bytes")
        return file.read(_LARGEST_FILE)


STATUS_APP = web.AppKey("status_app", StatusApp)


def create_app(
    public: Path,
    *,
    stale_after: timedelta,
    clock: Callable[[], datetime] | None = None,
    guard: HostGuard | None = None,
) -> web.Application:
    """The application; it serves whatever ``public`` holds, from the first request on.

    Without a ``guard`` it answers for this machine's names and for addresses.
    """
    site = StatusApp(public, stale_after, clock or (lambda: datetime.now(UTC)))
    pages = PublicRoutes(site)
    app = web.Application(middlewares=[guarded(guard or HostGuard("127.0.0.1", ()), pages.failure)])
    app[STATUS_APP] = site
    app.cleanup_ctx.append(_looking)
    mount(app, pages.routes(), pages.answer, pages.failure)
    return app


async def _looking(app: web.Application) -> AsyncIterator[None]:
    """The first look is over before the first request is answered."""
    loop = app[STATUS_APP].loop
    await loop.turn()
    async with loop.running():
        yield


def _without_details(health: LoopHealth) -> LoopHealth:
    """The kind of its fault alone: this listener is public, and the text of an error names files."""
    kind = health.fault.partition(":")[0] if health.fault else None
    return msgspec.structs.replace(health, fault=kind)


class PublicRoutes:
    """``/healthz`` and everything that is published; GET and HEAD only."""

    def __init__(self, site: StatusApp) -> None:
        self._site = site

    def routes(self) -> list[Route[Call]]:
        """Both paths."""
        return [Route("*", "/healthz", None, self._healthz), Route("*", "/{path:.*}", None, self._page)]

    async def answer(self, route: Route[Call], request: web.Request) -> web.StreamResponse:
        """The handler's bytes, or a refusal of what is neither GET nor HEAD."""
        if request.method not in ("GET", "HEAD"):
            return web.Response(
                status=405, headers={**SECURITY, "Allow": "GET, HEAD"}, text="only GET and HEAD\n"
            )
        answer = await route.handler(Call(request))
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.json_response(answer.value, status=answer.status, headers=SECURITY)

    def failure(self, request: web.Request, error: Exception) -> web.Response:
        """A fault of the page's own, which tells the public nothing of its inside."""
        if isinstance(error, web.HTTPException):
            return web.Response(status=error.status, headers=SECURITY, text=f"{error.reason}\n")
        _log.exception("%s %s failed", request.method, request.path, exc_info=error)
        return web.Response(
            status=500, headers=SECURITY, text="the page is in trouble; try again in a minute\n"
        )

    async def _healthz(self, call: Call) -> Reply | web.Response:
        loops = {self._site.loop.name: msgspec.to_builtins(_without_details(self._site.loop.health))}
        if self._site.site is None:
            return Reply({"status": "empty", "loops": loops})
        return web.json_response(
            {
                "status": "stale" if self._site.is_stale else "live",
                "published_at": self._site.site.manifest.published_at.isoformat(),
                "loops": loops,
            },
            headers={**SECURITY, "Cache-Control": "no-store"},
        )

    async def _page(self, call: Call) -> web.Response:
        site, path = self._site.site, call.request.path
        found = answer(site, path, call.request, is_stale=self._site.is_stale) if site else None
        if found is not None:
            return found
        if path == "/" and site is None:
            return web.Response(
                body=_EMPTY,
                headers={**SECURITY, "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"},
            )
        if path.startswith("/api/v2/"):
            return web.json_response(
                {"error": "not found"}, status=404, headers={**SECURITY, "Access-Control-Allow-Origin": "*"}
            )
        return web.Response(status=404, headers=SECURITY, text="there is nothing here; the status is at /\n")
