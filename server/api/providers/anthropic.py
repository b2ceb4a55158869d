"""The Anthropic provider: the Messages API, asked for its answer as the input of a tool."""

from collections.abc import Sequence
from typing import Any

import msgspec

from server.api.config import ProviderConfig
from server.api.providers.provider import ProviderAnswer, ProviderBrokenError, ProviderRefusedError, Question
from server.api.providers.structured import Message, ModelReply, structured
from server.api.providers.upstream import UpstreamHttp
from server.api.schema import CallerSchema

_TOOL = "answer"
_VERSION = "2023-06-01"


class AnthropicProvider:
    """Asks ``POST {base_url}/v1/messages``."""

    def __init__(self, config: ProviderConfig) -> None:
        self.name = config.name
        self.model = config.model
        headers = {"x-api-key": config.api_key, "anthropic-version": _VERSION}
        base_url = config.base_url or "https://api.anthropic.com"
        self._http = UpstreamHttp(base_url, headers, connections=config.concurrency)

    async def ask(self, question: Question, timeout_s: float) -> ProviderAnswer:
        """Raises ``ProviderError``."""
        return await structured(self, self.name, self.model, question, timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def say(
        self,
        system: str,
        messages: Sequence[Message],
        schema: CallerSchema,
        question: Question,
        timeout_s: float,
    ) -> ModelReply:
        """One turn."""
        tool = {
            "name": _TOOL,
            "description": "Give the answer.",
            "input_schema": {"type": "object", **schema.definition},
        }
        body = {
            "model": self.model,
            "system": system,
            "messages": messages,
            "temperature": min(1.0, question.temperature),
            "max_tokens": question.max_tokens,
            "tools": [tool],
            "tool_choice": {"type": "tool", "name": _TOOL},
        }
        return _said(await self._http.post("/v1/messages", body, timeout_s))


def _said(answer: Any) -> ModelReply:
    try:
        blocks = answer["content"]
        usage = answer.get("usage") or {}
        tokens = int(usage.get("input_tokens") or 0) + int(usage.get("output_tokens") or 0)
        tool = next((block for block in blocks if block["type"] == "tool_use"), None)
        text = "".join(block["text"] for block in blocks if block["type"] == "text")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProviderBrokenError(f"its answer has no content: {error!r}") from error
    if answer.get("stop_reason") == "refusal":
        raise ProviderRefusedError("it declined")
    said = msgspec.json.encode(tool["input"]).decode() if tool is not None else text
    return ModelReply(said, tokens, answer.get("stop_reason") == "max_tokens")
