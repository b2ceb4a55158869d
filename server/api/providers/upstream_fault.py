"""What a provider's answer other than 200 means: one table of statuses, and the words in which providers say the rest."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from server.api.providers.model_json import read_json
from server.api.providers.provider import (
    ProviderBrokenError,
    ProviderBusyError,
    ProviderDeclinedError,
    ProviderError,
    ProviderKeyRefusedError,
    ProviderMisconfiguredError,
    ProviderPromptTooLongError,
    ProviderRateLimitedError,
)

_BY_STATUS: dict[int, type[ProviderError]] = {
    401: ProviderKeyRefusedError,
    402: ProviderRateLimitedError,
    403: ProviderKeyRefusedError,
    408: ProviderBusyError,
    413: ProviderPromptTooLongError,
    425: ProviderBusyError,
    429: ProviderRateLimitedError,
    503: ProviderBusyError,
    529: ProviderBusyError,
}
_TOO_LONG = re.compile(
    r"context_length_exceeded|string_above_max_length|maximum context length|context (?:window|length|size)|"
    r"prompt is too long|input is too long|too many (?:input )?tokens|input token count|reduce the length|"
    r"maximum (?:number of )?(?:input )?tokens",
    re.IGNORECASE,
)
_DECLINED = re.compile(
    r"content[_ ]filter|content[_ ]policy|content management policy|responsibleaipolicy|safety (?:system|settings|policy)|"
    r"content_policy_violation|blocked by (?:our |the )?(?:safety|content)",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"invalid[_ ]api[_ ]key|incorrect api key|api key not valid|invalid x-api-key|no_db_connection|authentication_error|invalid authentication",
    re.IGNORECASE,
)
_PARAMETERS = (
    "max_completion_tokens",
    "max_tokens",
    "temperature",
    "response_format",
    "tool_choice",
    "tools",
)
_LONGEST_WAIT_S = 3600.0
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


def upstream_fault(status: int, body: bytes, retry_after: str | None) -> ProviderError:
    """The fault that ``status`` and ``body`` tell of. Its message is for our log alone: it quotes the provider."""
    text = body[:2000].decode(errors="replace")
    kind = _BY_STATUS.get(status)
    if status in (400, 403, 404, 413, 422):
        kind = _worded(text) or kind
    if kind is None:
        kind = ProviderBrokenError if status >= 500 else ProviderMisconfiguredError
    return kind(f"status {status}: {text[:300]}", retry_after_s=retry_after_seconds(retry_after))


def error_in_answer(answer: Any) -> ProviderError | None:
    """The fault in an answer of status 200 that holds an error all the same, as some proxies give it."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not error:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    status = (
        int(code)
        if isinstance(code, int | str) and str(code).isascii() and re.fullmatch(r"[45]\d\d", str(code))
        else 500
    )
    return upstream_fault(status, str(error).encode(errors="replace"), None)


def refused_parameter(body: bytes) -> str | None:
    """The parameter of ours that an answer 400 names, None where it names none."""
    try:
        answer = read_json(body)
    except ValueError:
        answer = None
    error = answer.get("error") if isinstance(answer, dict) else None
    named = error.get("param") if isinstance(error, dict) else None
    if named in _PARAMETERS:
        return str(named)
    text = body[:2000].decode(errors="replace")
    return next((name for name in _PARAMETERS if re.search(rf"\b{name}\b", text)), None)


def retry_after_seconds(value: str | None) -> float | None:
    """The header ``Retry-After`` in seconds, an hour at most, given as a number or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return min(_LONGEST_WAIT_S, float(value))
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        wait = (moment - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(_LONGEST_WAIT_S, max(0.0, wait))


def _worded(text: str) -> type[ProviderError] | None:
    """What the words of an error say where its status says too little."""
    if _DECLINED.search(text):
        return ProviderDeclinedError
    if _TOO_LONG.search(text):
        return ProviderPromptTooLongError
    if _KEY.search(text):
        return ProviderKeyRefusedError
    return None
