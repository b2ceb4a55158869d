"""One method on one path: who answers it, and what openapi.json says of it."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from aiohttp import web

Auth = Literal["key", "admin", "none", "metrics"]
ApiHandler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class ApiRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path."""

    method: str
    path: str
    handler: ApiHandler
    summary: str
    auth: Auth = "none"
    body: Any = None
    """Type of the request's body."""
    answer: Any = None
    """Type of the answer; None: it has no body."""
    status: int = 200
    errors: tuple[int, ...] = ()
    query: tuple[str, ...] = ()
    media: tuple[str, ...] = ("application/json",)
    both: bool = False
    """Whether the path with a slash at its end is served too."""

    @property
    def label(self) -> str:
        """What metrics call it."""
        return self.path
