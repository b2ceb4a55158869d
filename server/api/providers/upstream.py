"""Calls to providers over HTTP: one pooled session, and every way of failing named."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec

from server.api.providers.provider import (
    ProviderBrokenError,
    ProviderBusyError,
    ProviderError,
    ProviderRefusedError,
    ProviderTimeoutError,
)

_MOST_BYTES = 4 * 1024 * 1024
_BUSY = (408, 425, 429, 503, 529)


class UpstreamHttp:
    """Posts JSON to one provider."""

    def __init__(self, base_url: str, headers: Mapping[str, str], *, connections: int) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Content-Type": "application/json", **headers}
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: Any, timeout_s: float) -> Any:
        """The decoded answer. Raises ``ProviderError``."""
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(5.0, timeout_s))
        try:
            async with self._opened().post(
                self._base_url + path, data=msgspec.json.encode(body), timeout=timeout, allow_redirects=False
            ) as response:
                data = await response.content.read(_MOST_BYTES)
                if response.status != 200:
                    raise _fault(response.status, data, response.headers.get("Retry-After"))
                return msgspec.json.decode(data)
        except TimeoutError as error:
            raise ProviderTimeoutError(f"no answer within {timeout_s:.1f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderBrokenError(f"{type(error).__name__}: {error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProviderBrokenError(f"its answer is no JSON: {error}") from error

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


def _fault(status: int, body: bytes, retry_after: str | None) -> ProviderError:
    text = f"status {status}: {body[:200].decode(errors='replace')}"
    if status in _BUSY:
        return ProviderBusyError(text, retry_after_s=retry_after_seconds(retry_after))
    return ProviderBrokenError(text) if status >= 500 else ProviderRefusedError(text)


def retry_after_seconds(value: str | None) -> float | None:
    """The header ``Retry-After`` in seconds, given as a number or as a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
