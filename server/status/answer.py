"""Answers made ready before anybody asks: for each route and encoding its bytes and headers, and which of them a request gets."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

import msgspec
from aiohttp import web
from aiohttp.hdrs import ACCEPT_ENCODING, IF_MODIFIED_SINCE, IF_NONE_MATCH
from multidict import CIMultiDict, CIMultiDictProxy

from web.snapshot import ENCODINGS, Manifest, SiteRoute

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # In the place of aiohttp's own, which would say its version and Python's.
    "Server": "status",
}
_PAGE_CACHE = "public, max-age=10, s-maxage=10, stale-while-revalidate=20, stale-if-error=86400"
_STATIC_CACHE = "public, max-age=31536000, immutable"
_ANYBODY = (".json", ".atom", ".ics", ".svg", ".txt")
"""Ends of paths that pages of any origin may read."""


class ReadyVariant(msgspec.Struct, frozen=True, gc=False):
    """One route in one encoding, ready to be sent."""

    body: bytes
    headers: CIMultiDict[str]
    """Of a 200; copied for each response, which adds the date and its length."""
    unchanged: CIMultiDict[str]
    """Of a 304."""
    etag: str


class ReadyAnswer(msgspec.Struct, frozen=True, gc=False):
    """One route."""

    variants: Mapping[str, ReadyVariant]
    changed_at: datetime | None
    """To whole seconds; None where only an ETag says whether it has changed."""

    def response(self, asked: CIMultiDictProxy[str]) -> web.Response:
        """The response to a GET with these headers: 304 where the client has it (RFC 9110, 13.2.2)."""
        variant = self.variants[choose_encoding(asked.get(ACCEPT_ENCODING, ""))]
        given = asked.get(IF_NONE_MATCH)
        if given is not None:
            has_it = given == variant.etag or _names(given, variant.etag)
        else:
            since = asked.get(IF_MODIFIED_SINCE)
            has_it = since is not None and self._is_older(since)
        if has_it:
            return web.Response(status=304, headers=CIMultiDict(variant.unchanged))
        return web.Response(body=variant.body, headers=CIMultiDict(variant.headers))

    def _is_older(self, since: str) -> bool:
        if self.changed_at is None:
            return False
        try:
            return self.changed_at <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One snapshot in memory, never changed: swapped whole."""

    generation: str
    manifest: Manifest
    live: Mapping[str, ReadyAnswer]
    stale: Mapping[str, ReadyAnswer]


def ready_site(generation: str, manifest: Manifest, bodies: Mapping[str, bytes]) -> Site:
    """A snapshot made ready. ``bodies`` are those of the manifest's files."""
    changed_at = manifest.changed_at.astimezone(UTC).replace(microsecond=0)
    modified = format_datetime(changed_at, usegmt=True)
    return Site(
        generation=generation,
        manifest=manifest,
        live={p: _answer(p, r, bodies, modified, changed_at) for p, r in manifest.live.items()},
        # A page that says how old it is differs from the one before although nothing has changed.
        stale={p: _answer(p, r, bodies, modified, None) for p, r in manifest.stale.items()},
    )


def _answer(
    path: str, route: SiteRoute, bodies: Mapping[str, bytes], modified: str, changed_at: datetime | None
) -> ReadyAnswer:
    variants = {}
    for encoding in ENCODINGS:
        variant = route.variants[encoding]
        unchanged: CIMultiDict[str] = CIMultiDict(
            {
                **SECURITY,
                "ETag": variant.etag,
                "Last-Modified": modified,
                "Cache-Control": _STATIC_CACHE if route.immutable else _PAGE_CACHE,
                "Vary": "Accept-Encoding",
            }
        )
        if path.endswith(_ANYBODY):
            unchanged["Access-Control-Allow-Origin"] = "*"
        headers = CIMultiDict(unchanged)
        headers["Content-Type"] = route.content_type
        if encoding != "identity":
            headers["Content-Encoding"] = encoding
        variants[encoding] = ReadyVariant(bodies[variant.file], headers, unchanged, variant.etag)
    return ReadyAnswer(variants, changed_at)


def _names(given: str, etag: str) -> bool:
    return given.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]


@lru_cache(maxsize=512)
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
