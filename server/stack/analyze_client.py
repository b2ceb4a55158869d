"""The analyze API as our own callers call it: verification, load and drills."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp

PATH = "/v1/analyze"


class AnalyzeOutcome(NamedTuple):
    """What came of one call."""

    status: int
    """0 where there was no answer."""
    cache: str
    """``X-Cache``: HIT, MISS and so on."""
    fault: str
    """What stood in the place of an answer: ``timeout``, or the name and text of the connection's error."""
    took_s: float


def key_header(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"X-API-Key": key}


async def analyze(
    session: aiohttp.ClientSession, api_url: str, prompt: str, *, key: str, cache_ttl: int | None = None
) -> AnalyzeOutcome:
    """One call over a session of the caller's, whose time-out holds. Whatever goes wrong is in the outcome."""
    body = {"prompt": prompt} if cache_ttl is None else {"prompt": prompt, "cache_ttl": cache_ttl}
    began = time.perf_counter()
    status, cache, fault = 0, "", ""
    try:
        async with session.post(f"{api_url}{PATH}", json=body, headers=key_header(key)) as answer:
            await answer.read()
            status, cache = answer.status, answer.headers.get("X-Cache", "")
    except TimeoutError:
        fault = "timeout"
    except (aiohttp.ClientError, OSError) as error:
        fault = f"{type(error).__name__}: {error}"
    return AnalyzeOutcome(status, cache, fault, time.perf_counter() - began)


class ApiClient:
    """The API in blocking calls, for programs without a loop."""

    def __init__(self, api_url: str, *, timeout_s: float = 5.0) -> None:
        self.url, self._timeout_s = api_url, timeout_s

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of an answer, an error's too; an empty object where it is none. Raises ``OSError``."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  (addresses come from the operator)
            self.url + path,
            method=method,
            data=data,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:  # noqa: S310
                return answer.status, _object(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _object(error.read())

    def analyze(self, prompt: str, *, key: str, cache_ttl: int | None = None) -> tuple[int, dict[str, Any]]:
        """Status and body of one analyze call. Raises ``OSError``."""
        body = {"prompt": prompt} if cache_ttl is None else {"prompt": prompt, "cache_ttl": cache_ttl}
        return self.call("POST", PATH, body, key_header(key))

    def text(self, path: str, headers: Mapping[str, str] | None = None) -> str:
        """The body of a GET as text. Raises ``OSError``."""
        request = urllib.request.Request(f"{self.url}{path}", headers=dict(headers or {}))  # noqa: S310
        with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:  # noqa: S310
            return str(answer.read().decode())


def _object(raw: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(raw)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
