"""Answering a request from a snapshot: which encoding, whether it changed, and the headers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import msgspec
from aiohttp import web

from web.snapshot import ENCODINGS, Manifest, SiteRoute

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE_CACHE = "public, max-age=10, s-maxage=10, stale-while-revalidate=20, stale-if-error=86400"
_STATIC_CACHE = "public, max-age=31536000, immutable"


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One snapshot in memory, never changed: swapped whole."""

    generation: str
    manifest: Manifest
    bodies: Mapping[str, bytes]

    def routes(self, *, is_stale: bool) -> Mapping[str, SiteRoute]:
        """The routes as they are now."""
        return self.manifest.stale if is_stale else self.manifest.live


def choose_encoding(accepted: str) -> str:
    """The best encoding that an Accept-Encoding header allows (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, params = part.partition(";")
        weight = params.replace(" ", "").removeprefix("q=") or "1"
        try:
            weights[name.strip()] = float(weight)
        except ValueError:
            continue
    wildcard = weights.get("*", 0.0)
    for encoding in ENCODINGS[:-1]:
        if weights.get(encoding, wildcard) > 0:
            return encoding
    return "identity"


def answer(site: Site, path: str, request: web.Request, *, is_stale: bool) -> web.Response | None:
    """The response for a path, None where the site has none."""
    route = site.routes(is_stale=is_stale).get(path)
    if route is None:
        return None
    encoding = choose_encoding(request.headers.get("Accept-Encoding", ""))
    variant = route.variants[encoding]
    headers = {
        **SECURITY,
        "ETag": variant.etag,
        "Last-Modified": format_datetime(site.manifest.changed_at.astimezone(UTC), usegmt=True),
        "Cache-Control": _STATIC_CACHE if route.immutable else _PAGE_CACHE,
        "Vary": "Accept-Encoding",
    }
    if path.endswith(".json"):
        headers["Access-Control-Allow-Origin"] = "*"
    if _unchanged(request, variant.etag, site.manifest.changed_at, is_stale=is_stale):
        return web.Response(status=304, headers=headers)
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    headers["Content-Type"] = route.content_type
    return web.Response(body=site.bodies[variant.file], headers=headers)


def _unchanged(request: web.Request, etag: str, changed_at: datetime, *, is_stale: bool) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides alone where it is present."""
    given = request.headers.get("If-None-Match")
    if given is not None:
        return given.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]
    since = request.headers.get("If-Modified-Since")
    if since is None or is_stale:
        return False
    try:
        return changed_at.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
