"""A snapshot of the site as files: every route in every encoding, with what HTTP needs to serve it."""

import gzip
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

import brotli
import msgspec

from web.render import Rendered

_FIRST_YEAR, _LAST_YEAR = 1, 9999
ENCODINGS = ("br", "gzip", "identity")
_REMEMBERED = 512
"""Bodies whose encodings are remembered: a heartbeat encodes only what it changes."""
_QUALITY = 9


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One route in one encoding."""

    file: str
    """Its path below the snapshot's folder."""
    etag: str


class SiteRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One route of the site."""

    content_type: str
    variants: dict[str, Variant]
    immutable: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a snapshot: the live routes, and the same routes as they are when updates have stopped."""

    published_at: datetime
    """The heartbeat: when the ops daemon last stood behind this."""
    changed_at: datetime
    """The last real change, for Last-Modified."""
    live: dict[str, SiteRoute]
    stale: dict[str, SiteRoute]


class OddSnapshotError(ValueError):
    """A snapshot that cannot be served; the message says why."""


def check_manifest(manifest: Manifest) -> None:
    """Raises ``OddSnapshotError`` where a request for one of the routes would have no answer.

    Times need their zone and a place in the calendar of UTC, each route all encodings, and files lie in the snapshot.
    """
    for at in (manifest.published_at, manifest.changed_at):
        if at.tzinfo is None or not _FIRST_YEAR < at.year < _LAST_YEAR:
            raise OddSnapshotError(f"{at.isoformat()} is no time with a zone")
    for route in (*manifest.live.values(), *manifest.stale.values()):
        if not route.variants.keys() >= set(ENCODINGS):
            raise OddSnapshotError(f"a route lacks one of {', '.join(ENCODINGS)}")
        for text in (route.content_type, *(variant.etag for variant in route.variants.values())):
            if not (text.isascii() and text.isprintable()):
                raise OddSnapshotError(f"{text!r} is no value of a header")
        for variant in route.variants.values():
            _check_file(variant.file)


def _check_file(name: str) -> None:
    parts = name.split("/")
    if "\0" in name or not all(part not in ("", ".", "..") for part in parts):
        raise OddSnapshotError(f"{name!r} is no file of the snapshot")


def build_snapshot(
    live: Mapping[str, Rendered],
    stale: Mapping[str, Rendered],
    *,
    published_at: datetime,
    changed_at: datetime,
) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and the files of a snapshot."""
    contents: dict[str, bytes] = {}
    manifest = Manifest(
        published_at=published_at,
        changed_at=changed_at,
        live={path: _route("", path, rendered, contents) for path, rendered in live.items()},
        stale={path: _route("stale/", path, rendered, contents) for path, rendered in stale.items()},
    )
    return manifest, contents


@lru_cache(maxsize=_REMEMBERED)
def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


@lru_cache(maxsize=_REMEMBERED)
def _brotli(body: bytes) -> bytes:
    return brotli.compress(body, quality=_QUALITY)  # type: ignore[no-any-return]  # untyped


def _file_of(path: str) -> str:
    """Where a route lies, so that any web server that knows ``index.html`` serves the folder as it is."""
    name = path.strip("/")
    if "." in name.rpartition("/")[2]:
        return name
    return f"{name}/index.html" if name else "index.html"


def _route(folder: str, path: str, rendered: Rendered, contents: dict[str, bytes]) -> SiteRoute:
    name = folder + _file_of(path)
    encoded = {
        "identity": (name, rendered.body),
        "gzip": (f"{name}.gz", _gzip(rendered.body)),
        "br": (f"{name}.br", _brotli(rendered.body)),
    }
    contents.update(encoded.values())
    variants = {
        encoding: Variant(file=file, etag=f'"{hashlib.sha256(body).hexdigest()}"')
        for encoding, (file, body) in encoded.items()
    }
    return SiteRoute(content_type=rendered.content_type, variants=variants, immutable=rendered.immutable)
