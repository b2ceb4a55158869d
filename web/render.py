"""Every public route rendered to bytes: pages, text, badge, feeds and JSON, fresh and stale."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import msgspec

from web.atom import atom_feed
from web.calendar import maintenance_calendar
from web.page import EntryView, Page
from web.statuspage import api_v2, status_words

_STATIC = {"status.css": "text/css; charset=utf-8", "status.js": "text/javascript; charset=utf-8"}
_BADGE_COLOURS = {
    "none": "#2d7d46",
    "minor": "#9a6700",
    "major": "#b54708",
    "critical": "#b42318",
    "maintenance": "#175cd3",
}
HTML = "text/html; charset=utf-8"
_LABEL_WIDTH = 50
_STALE_COLOUR = "#6b7078"


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes of one route."""

    content_type: str
    body: bytes
    immutable: bool = False


def render_site(
    page: Page, environment: jinja2.Environment, *, stale_as_of: datetime | None = None
) -> dict[str, Rendered]:
    """Every route of the site by its path; with ``stale_as_of``, the variant that says it is no longer live.

    ``environment`` is that of ``web.environment``. Equal pages are equal bytes.
    """
    words = {**layout_words(page), "stale_as_of": stale_as_of}

    def html(template: str, **more: object) -> Rendered:
        return Rendered(
            content_type=HTML, body=environment.get_template(template).render(words, **more).encode()
        )

    def other(template: str, content_type: str, **more: object) -> Rendered:
        body = environment.get_template(template).render(words, **more).encode()
        return Rendered(content_type=content_type, body=body)

    badge = _badge(page, stale_as_of)
    site = {
        "/": html("index.html"),
        "/history": html("history.html"),
        "/status.txt": other("status.txt", "text/plain; charset=utf-8"),
        "/badge.svg": other("badge.svg", "image/svg+xml", **badge),
        "/badge.json": _json(
            {
                "schemaVersion": 1,
                "label": "status",
                "message": status_words(page, stale_as_of),
                "color": badge["colour"],
            }
        ),
        "/history.atom": Rendered(content_type="application/atom+xml; charset=utf-8", body=atom_feed(page)),
        "/maintenance.ics": Rendered(
            content_type="text/calendar; charset=utf-8", body=maintenance_calendar(page)
        ),
        "/robots.txt": Rendered(content_type="text/plain; charset=utf-8", body=_robots(page)),
        **{entry.path: html("entry.html", entry=entry) for entry in page.entries},
        **{path: _json(document) for path, document in api_v2(page, stale_as_of).items()},
    }
    return {**site, **static_files()}


def preview_words(page: Page, entries: Iterable[EntryView]) -> dict[str, object]:
    """What the template of an entry needs to show the first of these as it would be published."""
    return {**layout_words(page), "stale_as_of": None, "entry": next(iter(entries)), "is_preview": True}


def layout_words(page: Page | None) -> dict[str, object]:
    """What every template needs; without a page, those of the status process's own."""
    names = {
        name: path
        for path in static_files()
        for name in _STATIC
        if name.split(".")[1] == path.rsplit(".", 1)[1]
    }
    return {"page": page, "css": names["status.css"], "js": names["status.js"], "is_preview": False}


def _badge(page: Page, stale_as_of: datetime | None) -> dict[str, Any]:
    words = status_words(page, stale_as_of)
    # About 6.3 pixels a letter at this size: wide enough for the widest of our sentences.
    message = len(words) * 6.3 + 14
    return {
        "words": words,
        "colour": _BADGE_COLOURS[page.indicator] if stale_as_of is None else _STALE_COLOUR,
        "label_width": _LABEL_WIDTH,
        "message_width": round(message),
        "width": round(_LABEL_WIDTH + message),
    }


def _robots(page: Page) -> bytes:
    return b"User-agent: *\nAllow: /\n" if page.robots else b"User-agent: *\nDisallow: /\n"


def _json(document: object) -> Rendered:
    return Rendered(content_type="application/json; charset=utf-8", body=msgspec.json.encode(document))


@cache
def static_files() -> dict[str, Rendered]:
    """Style and script by paths that name their content."""
    found = {}
    for name, content_type in _STATIC.items():
        body = files("web").joinpath("static", name).read_bytes()
        stem, suffix = name.split(".")
        digest = hashlib.sha256(body).hexdigest()[:12]
        found[f"/static/{stem}.{digest}.{suffix}"] = Rendered(
            content_type=content_type, body=body, immutable=True
        )
    return found
