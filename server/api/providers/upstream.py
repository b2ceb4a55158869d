"""Calls to providers over HTTP: one pooled session, answers read whole, and every way of failing named."""

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import Any, TypeVar

import aiohttp
import msgspec

from server.api.providers.model_json import read_json
from server.api.providers.provider import (
    ProviderBrokenError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderTimeoutError,
)
from server.api.providers.provider_config import ProviderConfig
from server.api.providers.upstream_fault import error_in_answer, refused_parameter, upstream_fault

Report = Callable[[str, str, str], None]
"""Takes a level, one word and a sentence for our log."""

T = TypeVar("T")

_MOST_BYTES = 4 * 1024 * 1024
_MOST_ERROR_BYTES = 64 * 1024
_READ_AT_ONCE = 16 * 1024
"""Bytes of JSON that the loop reads itself; more is read beside it, so that no answer keeps it from others."""
_REDIRECTS = (301, 302, 303, 307, 308)


def no_report(_level: str, _word: str, _text: str) -> None:
    """What is said where there is no log."""


class UpstreamHttp:
    """Posts JSON to one provider."""

    def __init__(
        self, config: ProviderConfig, base_url: str, headers: dict[str, str], report: Report
    ) -> None:
        self._config = config
        self._base_url = base_url.rstrip("/")
        self._headers = {"Content-Type": "application/json", **headers, **config.extra_headers}
        self._report = report
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: dict[str, Any], timeout_s: float) -> Any:
        """The decoded answer. Raises ``ProviderError``."""
        sent = {
            name: value for name, value in {**body, **self._config.extra_body}.items() if value is not None
        }
        try:
            return await self._post(path, msgspec.json.encode(sent), timeout_s)
        except TimeoutError as error:
            raise ProviderTimeoutError(f"no answer within {timeout_s:.1f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderBrokenError(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, path: str, body: bytes, timeout_s: float) -> Any:
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(5.0, timeout_s))
        proxy = self._config.proxy or None
        async with self._opened().post(
            self._base_url + path, data=body, timeout=timeout, allow_redirects=False, proxy=proxy
        ) as response:
            if response.status != 200:
                data = await _read(response, _MOST_ERROR_BYTES, whole=False)
                raise await self._fault(response, data)
            data = await _read(response, _MOST_BYTES, whole=True)
        try:
            answer = await _off_loop(read_json, data)
        except ValueError as error:
            raise ProviderBrokenError(f"its answer is no JSON: {error}") from error
        fault = error_in_answer(answer)
        if fault is not None:
            raise fault
        return answer

    async def _fault(self, response: aiohttp.ClientResponse, data: bytes) -> ProviderError:
        if response.status in _REDIRECTS:
            return ProviderMisconfiguredError(
                f"it redirects to {response.headers.get('Location', 'nowhere')[:200]}; write that as its base_url"
            )
        fault = upstream_fault(response.status, data, response.headers.get("Retry-After"))
        named = None
        if isinstance(fault, ProviderMisconfiguredError):
            named = await _off_loop(refused_parameter, data)
        if named is not None:
            self._report(
                "ERROR", "provider_parameter", f"{self._config.name} does not take {named}; {_cure(named)}"
            )
        return fault

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(
                limit=self._config.concurrency, ttl_dns_cache=60, ssl=self._authorities()
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    def _authorities(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=self._config.ca_file) if self._config.ca_file else True


async def _off_loop(read: Callable[[bytes], T], data: bytes) -> T:
    """What ``read`` makes of ``data``; a long one is read in a thread."""
    return read(data) if len(data) <= _READ_AT_ONCE else await asyncio.to_thread(read, data)


async def _read(response: aiohttp.ClientResponse, most: int, *, whole: bool) -> bytes:
    """The body, in however many pieces it comes; past ``most`` bytes its beginning, or an error where it must be whole."""
    data = bytearray()
    async for piece in response.content.iter_any():
        data += piece
        if len(data) > most:
            if whole:
                raise ProviderBrokenError(f"its answer is longer than {most} bytes")
            break
    return bytes(data[:most])


def _cure(parameter: str) -> str:
    if parameter in ("max_tokens", "max_completion_tokens"):
        other = "max_completion_tokens" if parameter == "max_tokens" else "max_tokens"
        return f'write "takes": ["{other}"] in its entry of LLM_PROVIDERS'
    if parameter == "temperature":
        return 'leave temperature out of "takes" in its entry of LLM_PROVIDERS'
    return (
        'write another "structured" in its entry of LLM_PROVIDERS (json_schema, json_object, tool or prompt)'
    )


def redacted(text: str, secret: str) -> str:
    """``text`` for our log, without our key and without what looks like one."""
    shown = text.replace(secret, "[key]") if secret else text
    return re.sub(r"\b(?:sk|key|AIza)[\w*.-]{8,}", "[key]", shown)
