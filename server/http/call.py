"""One request as a handler reads it: parts of the path, the query and the body, each checked."""

from typing import TypeVar

import msgspec
from aiohttp import web

from alerts.whole_number import parse_whole_number
from server.http.half_characters import without_halves
from server.http.listener_limits import read_body

_SHOWN = 60

T = TypeVar("T")


class BadRequestError(ValueError):
    """The request itself is not right."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        """The parameter or member that is wrong; None where it is the whole."""


class NotFoundError(Exception):
    """There is no such thing."""


class Call:
    """One request."""

    def __init__(self, request: web.Request) -> None:
        self.request = request

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]

    def number(self, name: str) -> int:
        """A part of the path that is a number. Raises ``NotFoundError``."""
        text = self.path(name)
        number = parse_whole_number(text)
        if number is None:
            raise NotFoundError(f"{_shown(text)} is no number")
        return number

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the query, the first where there are several."""
        return self.request.query.get(name, default)

    def query_int(self, name: str, default: int, *, at_most: int | None = None) -> int:
        """A whole number in the query, cut down to ``at_most``. Raises ``BadRequestError``."""
        text = self.query(name) or str(default)
        number = parse_whole_number(text)
        if number is None:
            raise BadRequestError(f"{name}={_shown(text)!r} must be a whole number, 0 or more", name)
        return min(number, at_most) if at_most is not None else number

    async def body(self, shape: type[T]) -> T:
        """The body as JSON of that shape; an empty one is ``{}``. Raises ``BadRequestError``."""
        raw = await read_body(self.request)
        try:
            return _decoded(raw or b"{}", shape)
        except msgspec.ValidationError as error:
            raise BadRequestError(str(error), str(error).partition("`$.")[2].rstrip("`") or None) from error
        except msgspec.DecodeError as error:
            raise BadRequestError(f"the body is not JSON: {error}") from error
        except RecursionError:
            raise BadRequestError("the body is nested too deeply") from None


def _decoded(raw: bytes, shape: type[T]) -> T:
    """The value of a body, whose halves of surrogate pairs are U+FFFD. Raises ``msgspec.DecodeError``."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if (whole := without_halves(raw)) == raw:
            raise
        return msgspec.json.decode(whole, type=shape)


def _shown(text: str) -> str:
    """A text of any length as an error names it."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
