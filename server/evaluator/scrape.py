"""One scrape over HTTP, bounded in time and size."""

import asyncio
from dataclasses import dataclass

import aiohttp

from server.evaluator.target import ScrapeTarget
from server.exposition import ExposedSample, Exposition, parse_exposition

_ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
_CHUNK = 64 * 1024
_LARGE = 256 * 1024


class ScrapeError(Exception):
    """A target that did not answer in time, or not with an exposition."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a target answered."""

    text: str
    openmetrics: bool


async def fetch(session: aiohttp.ClientSession, target: ScrapeTarget) -> Exposition:
    """The target's exposition. Raises ``ScrapeError`` or ``ExpositionError``."""
    try:
        async with asyncio.timeout(target.timeout_ms / 1000):
            body = await _read(session, target)
    except TimeoutError as error:
        raise ScrapeError(f"no answer within {target.timeout_ms / 1000:g} s") from error
    except (aiohttp.ClientError, OSError, UnicodeDecodeError, ValueError) as error:
        raise ScrapeError(str(error) or type(error).__name__) from error
    if target.probe_only:
        return Exposition([ExposedSample("probe_success", 1.0, None)])
    if len(body.text) > _LARGE:
        return await asyncio.to_thread(parse_exposition, body.text, openmetrics=body.openmetrics)
    return parse_exposition(body.text, openmetrics=body.openmetrics)


async def _read(session: aiohttp.ClientSession, target: ScrapeTarget) -> Body:
    headers = {"Accept": _ACCEPT, "User-Agent": "structured-prompt-evaluator"}
    headers["X-Prometheus-Scrape-Timeout-Seconds"] = f"{target.timeout_ms / 1000:g}"
    if target.token:
        headers["Authorization"] = f"Bearer {target.token}"
    async with session.get(target.url, headers=headers, allow_redirects=True, max_redirects=3) as response:
        if response.status != 200:
            raise ScrapeError(f"server returned HTTP status {response.status}")
        if target.probe_only:
            return Body("", openmetrics=False)
        held = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            held += chunk
            if len(held) > target.limits.body_bytes:
                raise ScrapeError(f"body_size_limit exceeded: more than {target.limits.body_bytes} bytes")
        openmetrics = response.content_type == "application/openmetrics-text"
        return Body(held.decode(), openmetrics)
