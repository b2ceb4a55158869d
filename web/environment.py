"""How templates are read, once for all: the pre-renderer, the preview and the status process's own pages have the same."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import jinja2

FILTERS: Mapping[str, Callable[[Any], str]] = {
    "clock": lambda at: _utc(at).strftime("%H:%M UTC"),
    "moment": lambda at: _utc(at).strftime("%-d %B %Y, %H:%M UTC"),
    "day": lambda day: _day(day).strftime("%-d %B %Y"),
    "iso": lambda at: _utc(at).strftime("%Y-%m-%dT%H:%M:%SZ"),
}


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _day(day: date) -> date:
    return day


def environment_settings() -> dict[str, Any]:
    """The arguments of the environment, autoescape on."""
    return {
        "loader": jinja2.PackageLoader("web", "templates"),
        "autoescape": jinja2.select_autoescape(["html", "svg", "xml"]),
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
    }


def page_environment() -> jinja2.Environment:
    """An environment outside of any application."""
    environment = jinja2.Environment(**environment_settings())  # noqa: S701 - autoescape is in the settings
    environment.filters.update(FILTERS)
    return environment
