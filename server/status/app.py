"""The status page process: one snapshot in memory, a timer that looks for a newer one, and GET."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from aiohttp import web

from server.status.answer import SECURITY, Site, answer
from web.snapshot import Manifest

_log = logging.getLogger("status")
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

    def look(self) -> None:
        """Take a newer snapshot where there is one, and look at the heartbeat. A broken one is passed over."""
        try:
            generation = (self._public / "current").resolve().name
            if self.site is None or self.site.generation != generation:
                self.site = load_site(self._public / "snapshots" / generation)
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("the snapshot cannot be read (%s); the last good one stays", error)
        if self.site is not None:
            self.is_stale = self._clock() - self.site.manifest.published_at > self._stale_after


def load_site(folder: Path) -> Site:
    """A snapshot read whole into memory. Raises ``OSError`` and ``msgspec.MsgspecError``."""
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    routes = (*manifest.live.values(), *manifest.stale.values())
    names = {variant.file for route in routes for variant in route.variants.values()}
    return Site(
        generation=folder.name,
        manifest=manifest,
        bodies={name: (folder / name).read_bytes() for name in names},
    )


SHOP = web.AppKey("shop", StatusApp)


def create_app(
    public: Path, *, stale_after: timedelta, clock: Callable[[], datetime] | None = None
) -> web.Application:
    """The application; it serves whatever ``public`` holds, from the first request on."""
    app = web.Application(middlewares=[_only_reading])
    app[SHOP] = StatusApp(public, stale_after, clock or (lambda: datetime.now(UTC)))
    app[SHOP].look()
    app.cleanup_ctx.append(_looking)
    app.router.add_get("/healthz", _healthz)
    app.router.add_route("*", "/{path:.*}", _serve)
    return app


async def _looking(app: web.Application) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            await asyncio.sleep(1)
            app[SHOP].look()

    task = asyncio.create_task(forever())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@web.middleware
async def _only_reading(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
    if request.method not in ("GET", "HEAD"):
        return web.Response(
            status=405, headers={**SECURITY, "Allow": "GET, HEAD"}, text="only GET and HEAD\n"
        )
    response: web.StreamResponse = await handler(request)  # type: ignore[misc]  # aiohttp's handler type is a union
    return response


async def _healthz(request: web.Request) -> web.Response:
    shop = request.app[SHOP]
    if shop.site is None:
        return web.json_response({"status": "empty"}, headers=SECURITY)
    return web.json_response(
        {
            "status": "stale" if shop.is_stale else "live",
            "published_at": shop.site.manifest.published_at.isoformat(),
        },
        headers={**SECURITY, "Cache-Control": "no-store"},
    )


async def _serve(request: web.Request) -> web.Response:
    shop, path = request.app[SHOP], request.path
    found = answer(shop.site, path, request, is_stale=shop.is_stale) if shop.site else None
    if found is not None:
        return found
    if path == "/" and shop.site is None:
        return web.Response(
            body=_EMPTY,
            headers={**SECURITY, "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"},
        )
    if path.startswith("/api/v2/"):
        return web.json_response(
            {"error": "not found"}, status=404, headers={**SECURITY, "Access-Control-Allow-Origin": "*"}
        )
    return web.Response(status=404, headers=SECURITY, text="there is nothing here; the status is at /\n")
