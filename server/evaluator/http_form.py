"""Prometheus' query parameters, from a URL or a posted form, and its envelope of answers."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

from alerts.duration import DurationError, parse_duration_ms
from alerts.whole_number import parse_whole_number
from server.http.listener_limits import in_time

_MIN_MS, _MAX_MS = -(2**53), 2**53


class QueryParameterError(ValueError):
    """A parameter that is missing or makes no sense."""


class Form:
    """The parameters of one request; a form in the body goes before the URL."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs

    @classmethod
    async def of(cls, request: web.Request) -> "Form":
        """Reads ``application/x-www-form-urlencoded`` bodies too, as Grafana sends them.

        Raises ``QueryParameterError`` for a body that is no form.
        """
        try:
            posted = await in_time(request.post()) if request.method == "POST" else {}
        except (ValueError, LookupError) as error:
            raise QueryParameterError(f"the form in the body cannot be read: {error}") from error
        body = [(name, value) for name, value in posted.items() if isinstance(value, str)]
        return cls([*body, *request.query.items()])

    def text(self, name: str, default: str | None = None) -> str:
        """The first value. Raises ``QueryParameterError`` where there is none and no default."""
        for key, value in self._pairs:
            if key == name:
                return value
        if default is None:
            raise QueryParameterError(f'invalid parameter "{name}": missing')
        return default

    def all(self, *names: str) -> list[str]:
        """Every value of a repeated parameter."""
        return [value for key, value in self._pairs if key in names]

    def time_ms(self, name: str, default_ms: int | None = None) -> int:
        """Unix seconds or RFC 3339, as ms."""
        text = self.text(name, "" if default_ms is not None else None)
        if not text and default_ms is not None:
            return default_ms
        found = _number_ms(text)
        if found is None:
            found = _rfc3339_ms(text)
        if found is None or not _MIN_MS <= found <= _MAX_MS:
            raise QueryParameterError(
                f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp'
            )
        return found

    def duration_ms(self, name: str) -> int:
        """Seconds or a duration such as ``5m``, as ms."""
        text = self.text(name)
        found = _number_ms(text)
        if found is None:
            try:
                found = parse_duration_ms(text)
            except DurationError as error:
                raise QueryParameterError(
                    f'invalid parameter "{name}": cannot parse "{text}" to a valid duration'
                ) from error
        return found

    def limit(self) -> int:
        """The greatest number of results, 0 for all."""
        limit = parse_whole_number(self.text("limit", "0"))
        if limit is None:
            raise QueryParameterError('invalid parameter "limit": limit must be non-negative')
        return limit


def _number_ms(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return round(value * 1000) if math.isfinite(value) else None


def _rfc3339_ms(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return round((at - datetime.fromtimestamp(0, UTC)).total_seconds() * 1000)


def success(data: Any, *, warnings: Sequence[str] = ()) -> web.Response:
    """``{"status": "success", "data": …}``."""
    body: dict[str, Any] = {"status": "success", "data": data}
    if warnings:
        body["warnings"] = list(warnings)
    return _json(body, 200)


def failure(kind: str, message: str, status: int) -> web.Response:
    """``{"status": "error", "errorType": …, "error": …}``."""
    return _json({"status": "error", "errorType": kind, "error": message}, status)


def _json(body: object, status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
