"""Where an ops daemon is reached: the parts of its address, and whether anything can be there."""

import re
import urllib.parse

from console.ops_api.errors import InvalidRequestError

_ADDRESS = re.compile(r"[^\x00-\x20\x7f]+")
"""A URL has neither blanks nor controls in it."""


def split_address(url: str) -> urllib.parse.SplitResult:
    """The parts of an ops daemon's address. Raises ``InvalidRequestError`` for what nothing can be reached at."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, _port = parts.hostname or "", parts.port
        if not host.isascii() or ".." in host or len(host) > 63:
            # What cannot be written as a name of the DNS is asked of no resolver.
            host.encode("idna")
    except ValueError:
        parts, host = urllib.parse.urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or not _ADDRESS.fullmatch(url):
        raise InvalidRequestError(
            f"{url!r} is no address of an ops daemon; write for instance http://localhost:8001"
        )
    return parts
