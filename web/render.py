"""Every public route rendered to bytes: HTML, text, badge and JSON, fresh and stale."""

import hashlib
from datetime import UTC, datetime
from importlib.resources import files

import jinja2
import msgspec

from web.page import Page
from web.statuspage import api_v2

_STATIC = {"status.css": "text/css; charset=utf-8", "status.js": "text/javascript; charset=utf-8"}
_BADGE_COLOURS = {
    "none": "#2d7d46",
    "minor": "#9a6700",
    "major": "#b54708",
    "critical": "#b42318",
    "maintenance": "#175cd3",
}


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes of one route."""

    content_type: str
    body: bytes
    immutable: bool = False


def render_site(page: Page, *, stale_as_of: datetime | None = None) -> dict[str, Rendered]:
    """Every route of the site by its path; with ``stale_as_of``, the variant that says it is no longer live."""
    environment = _environment()
    static = _static_files()
    names = {
        name: path for path in static for name in _STATIC if name.split(".")[1] == path.rsplit(".", 1)[1]
    }
    words = {"page": page, "stale_as_of": stale_as_of, "css": names["status.css"], "js": names["status.js"]}
    site = {
        "/": Rendered(content_type="text/html; charset=utf-8", body=environment.get_template("index.html").render(words).encode()),
        "/status.txt": Rendered(content_type="text/plain; charset=utf-8", body=environment.get_template("status.txt").render(words).encode()),
        "/badge.svg": Rendered(
            content_type="image/svg+xml",
            body=environment.get_template("badge.svg").render(words, colour=_BADGE_COLOURS[page.indicator]).encode(),
        ),
        "/badge.json": _json({"schemaVersion": 1, "label": "status", "message": page.description, "color": _BADGE_COLOURS[page.indicator]}),
    }  # fmt: skip
    return {**site, **static, **{path: _json(document) for path, document in api_v2(page).items()}}


def _json(document: object) -> Rendered:
    return Rendered(content_type="application/json; charset=utf-8", body=msgspec.json.encode(document))


def _static_files() -> dict[str, Rendered]:
    found = {}
    for name, content_type in _STATIC.items():
        body = files("web").joinpath("static", name).read_bytes()
        stem, suffix = name.split(".")
        digest = hashlib.sha256(body).hexdigest()[:12]
        found[f"/static/{stem}.{digest}.{suffix}"] = Rendered(
            content_type=content_type, body=body, immutable=True
        )
    return found


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("web", "templates"),
        autoescape=jinja2.select_autoescape(["html", "svg"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = lambda at: at.astimezone(UTC).strftime("%H:%M UTC")
    environment.filters["moment"] = lambda at: at.astimezone(UTC).strftime("%-d %B %Y, %H:%M UTC")
    environment.filters["day"] = lambda day: day.strftime("%-d %B %Y")
    environment.filters["iso"] = lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return environment
