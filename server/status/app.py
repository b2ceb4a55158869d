"""The status page process: one snapshot in memory, a timer that looks for a newer one, and GET."""

import asyncio
import logging
import os
import stat
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp_jinja2
import jinja2
import msgspec
from aiohttp import web
from aiohttp.hdrs import EXPECT, HOST

from alerts.wire import make_ready
from server.http.expectation import told_to_continue
from server.http.host_guard import WRONG_HOST, HostGuard
from server.periodic import LoopHealth, Periodic
from server.status.answer import SECURITY, ReadyAnswer, Site, ready_site
from web.environment import FILTERS, environment_settings
from web.render import layout_words, static_files
from web.snapshot import Manifest, OddSnapshotError, check_manifest

_log = logging.getLogger("status")
_LARGEST_FILE = 16 * 1024 * 1024
_LOOK_EVERY = timedelta(seconds=1)
_READS = frozenset({"GET", "HEAD"})


class StatusApp:
    """The site that is served now, and whether its heartbeat has stopped."""

    def __init__(self, public: Path, stale_after: timedelta, clock: Callable[[], datetime]) -> None:
        self._public, self._stale_after, self._clock = public, stale_after, clock
        self.site: Site | None = None
        self.is_stale = False
        self.answers: Mapping[str, ReadyAnswer] = {}
        """By path, of the site as it is now: replaced whole, so that nobody gets a part of two."""
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
                # Reading a snapshot of many pages takes longer than a request may wait.
                self.site = await asyncio.to_thread(load_site, self._public / "snapshots" / generation)
        finally:
            if self.site is not None:
                self.is_stale = self._clock() - self.site.manifest.published_at > self._stale_after
                self.answers = self.site.stale if self.is_stale else self.site.live


def load_site(folder: Path) -> Site:
    """A snapshot read whole into memory. Raises ``OSError``, ``msgspec.MsgspecError`` and ``OddSnapshotError``."""
    manifest = msgspec.json.decode(_read(folder / "manifest.json"), type=Manifest)
    check_manifest(manifest)
    routes = (*manifest.live.values(), *manifest.stale.values())
    names = {variant.file for route in routes for variant in route.variants.values()}
    return ready_site(folder.name, manifest, {name: _read(folder / name) for name in names})


def _read(path: Path) -> bytes:
    """A file of a snapshot: neither a link, nor anything that is never read to its end, nor larger than a page is."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
            raise OddSnapshotError(f"{path.name} is no file of up to {_LARGEST_FILE} bytes")
        return file.read(_LARGEST_FILE)


STATUS_APP = web.AppKey("status_app", StatusApp)


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
    """Everything that is published, ``/healthz``, and what is said where there is nothing; GET and HEAD only."""

    def __init__(self, site: StatusApp, guard: HostGuard, environment: jinja2.Environment) -> None:
        self._site = site
        self._guard = guard
        self._environment = environment

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer that is ready, or one of our own.

        Nothing stands between it and the connection: a router and middlewares would cost as much as all it does.
        """
        headers = request.headers
        if (
            request.method in _READS
            and self._guard.is_ours(headers.get(HOST, ""))
            and EXPECT not in headers
            and (ready := self._site.answers.get(request.path)) is not None
        ):
            return ready.response(headers)
        try:
            if EXPECT in headers and not await told_to_continue(request):
                return self.failure(request, web.HTTPExpectationFailed())
            return self._own(request)
        except Exception as error:  # noqa: BLE001 - the outermost loop of a request
            return self.failure(request, error)

    def failure(self, request: web.BaseRequest, error: Exception) -> web.Response:
        """A fault of the page's own, which tells the public nothing of its inside."""
        if isinstance(error, web.HTTPException):
            return web.Response(status=error.status, headers=SECURITY, text=f"{error.reason}\n")
        _log.exception("%s %s failed", request.method, request.path, exc_info=error)
        return web.Response(
            status=500, headers=SECURITY, text="the page is in trouble; try again in a minute\n"
        )

    def _own(self, request: web.BaseRequest) -> web.Response:
        path = request.path
        if not self._guard.is_ours(request.headers.get(HOST, "")):
            return self.failure(request, web.HTTPMisdirectedRequest(reason=WRONG_HOST))
        if request.method not in _READS:
            return web.Response(
                status=405, headers={**SECURITY, "Allow": "GET, HEAD"}, text="only GET and HEAD\n"
            )
        if path == "/healthz":
            return self._healthz()
        if path in static_files():
            # The style of our own pages, also while nothing is published.
            file = static_files()[path]
            headers = {**SECURITY, "Content-Type": file.content_type, "Cache-Control": "public, max-age=60"}
            return web.Response(body=file.body, headers=headers)
        if path.startswith("/api/v2/"):
            return web.json_response(
                {"error": "not found"}, status=404, headers={**SECURITY, "Access-Control-Allow-Origin": "*"}
            )
        if path == "/" and self._site.site is None:
            text = "Nothing has been published so far. Try again in a minute."
            return self._page(200, "Status is not known yet", text)
        if path in self._site.answers:
            return self._site.answers[path].response(request.headers)
        return self._page(404, "There is nothing here", "The status is on the first page.")

    def _page(self, status: int, heading: str, text: str) -> web.Response:
        words = {**layout_words(None), "stale_as_of": None, "heading": heading, "text": text}
        return web.Response(
            status=status,
            text=self._environment.get_template("own.html").render(words),
            content_type="text/html",
            headers={**SECURITY, "Cache-Control": "no-store"},
        )

    def _healthz(self) -> web.Response:
        loops = {self._site.loop.name: msgspec.to_builtins(_without_details(self._site.loop.health))}
        site = self._site.site
        said: dict[str, object] = {"status": "empty", "loops": loops}
        if site is not None:
            said["status"] = "stale" if self._site.is_stale else "live"
            said["published_at"] = site.manifest.published_at.isoformat()
        return web.json_response(said, headers={**SECURITY, "Cache-Control": "no-store"})


PUBLIC_ROUTES = web.AppKey("public_routes", PublicRoutes)


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
    make_ready()
    site = StatusApp(public, stale_after, clock or (lambda: datetime.now(UTC)))
    app = web.Application()
    environment = aiohttp_jinja2.setup(app, filters=FILTERS, default_helpers=False, **environment_settings())
    pages = PublicRoutes(site, guard or HostGuard("127.0.0.1", ()), environment)
    app[STATUS_APP], app[PUBLIC_ROUTES] = site, pages
    app.cleanup_ctx.append(_looking)
    app.router.add_route("*", "/{path:.*}", pages.handle, expect_handler=_later)
    return app


async def _later(request: web.Request) -> None:
    """An ``Expect`` is for the handler, which is asked without any router where the process serves."""
