"""What a model said, read from the shapes in which providers wrap it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from server.api.providers.provider import (
    ProviderBrokenError,
    ProviderDeclinedError,
    TokenUsage,
)

_MOST_TOKENS = 10_000_000
"""No model reads or writes so many at once; a larger report is cut down to it."""
_CUT = ("length", "max_tokens", "max_output_tokens", "model_context_window_exceeded")
_FILTERED = ("content_filter", "refusal", "safety", "SAFETY", "prohibited_content")


class ModelReply(NamedTuple):
    """What a model said."""

    text: str
    """JSON as text, or what was meant to be."""
    usage: TokenUsage
    truncated: bool


def reply_of_chat(answer: Any, tool: str) -> ModelReply:
    """The reply in an answer of chat completions. Raises ``ProviderError``."""
    choice = _first(_field(answer, "choices"))
    message = _field(choice, "message")
    if not isinstance(message, dict):
        raise ProviderBrokenError("its answer has no choices with a message")
    usage = _usage(
        _field(answer, "usage"), ("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")
    )
    finish = _field(choice, "finish_reason")
    refusal = message.get("refusal") or _refusal_part(message.get("content"))
    if refusal or finish in _FILTERED:
        raise ProviderDeclinedError(f"it declined: {refusal or finish}"[:300], usage=usage)
    said = _arguments(message, tool) or _text(message.get("content"))
    return ModelReply(said, usage, finish in _CUT)


def reply_of_messages(answer: Any, tool: str) -> ModelReply:
    """The reply in an answer of Anthropic's Messages API. Raises ``ProviderError``."""
    blocks = _field(answer, "content")
    if isinstance(blocks, str):
        blocks = [{"type": "text", "text": blocks}]
    if not isinstance(blocks, list):
        raise ProviderBrokenError("its answer has no content")
    reported = _field(answer, "usage")
    usage = _usage(
        reported,
        ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
        ("output_tokens",),
        add=True,
    )
    stop = _field(answer, "stop_reason")
    if stop in _FILTERED:
        raise ProviderDeclinedError("it declined", usage=usage)
    used = [block for block in blocks if _field(block, "type") == "tool_use"]
    named = [block for block in used if block.get("name") == tool] or used
    said = _as_json_text(named[0].get("input")) if named else _text(blocks)
    return ModelReply(said, usage, stop in _CUT)


def _arguments(message: dict[str, Any], tool: str) -> str:
    """The arguments of the tool's call, as text; empty without a call."""
    calls = message.get("tool_calls")
    functions = [_field(call, "function") for call in calls] if isinstance(calls, list) else []
    functions = [
        function for function in (*functions, message.get("function_call")) if isinstance(function, dict)
    ]
    named = [function for function in functions if function.get("name") == tool] or functions
    return _as_json_text(named[0].get("arguments")) if named else ""


def _as_json_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def _text(content: Any) -> str:
    """The text of a content that is text, a list of parts, or an object already."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return _as_json_text(content) if "text" not in content else _text(content["text"])
    if not isinstance(content, list):
        return ""
    return "".join(_parts(content))


def _parts(content: list[Any]) -> Iterable[str]:
    for part in content:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict) and part.get("type") in (None, "text", "output_text", "json"):
            text = part.get("text", part.get("json"))
            yield _field(text, "value") if isinstance(_field(text, "value"), str) else _as_json_text(text)


def _refusal_part(content: Any) -> str:
    parts = content if isinstance(content, list) else []
    return "".join(str(_field(part, "refusal") or "") for part in parts if _field(part, "type") == "refusal")


def _usage(
    reported: Any, inputs: tuple[str, ...], outputs: tuple[str, ...], *, add: bool = False
) -> TokenUsage:
    """The tokens reported under the first known name, or with ``add`` under all of them together."""
    read, read_clamped = _sum(reported, inputs, add=add)
    written, written_clamped = _sum(reported, outputs, add=add)
    return TokenUsage(read, written, int(read_clamped or written_clamped))


def _sum(reported: Any, names: tuple[str, ...], *, add: bool) -> tuple[int, bool]:
    known = [_field(reported, name) for name in names if _field(reported, name) is not None]
    used = known if add else known[:1]
    return min(_MOST_TOKENS, sum(map(_clamped, used))), any(_clamped(value) != value for value in used)


def _clamped(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(max(0, min(_MOST_TOKENS, value)))


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
