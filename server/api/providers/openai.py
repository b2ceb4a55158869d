"""The OpenAI-compatible provider: OpenAI, Gemini, Ollama, vLLM, LiteLLM and others that speak chat completions."""

from collections.abc import Sequence
from typing import Any

from server.api.config import ProviderConfig
from server.api.providers.provider import ProviderAnswer, ProviderBrokenError, ProviderRefusedError, Question
from server.api.providers.structured import Message, ModelReply, structured
from server.api.providers.upstream import UpstreamHttp
from server.api.schema import CallerSchema

_TOOL = "answer"


class OpenAIProvider:
    """Asks ``POST {base_url}/chat/completions``."""

    def __init__(self, config: ProviderConfig) -> None:
        self.name = config.name
        self.model = config.model
        self._structured = config.structured
        headers = {"Authorization": f"Bearer {config.api_key}"} if config.api_key else {}
        self._http = UpstreamHttp(config.base_url, headers, connections=config.concurrency)

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
        body = {
            "model": self.model,
            "messages": [Message("system", system), *messages],
            "temperature": question.temperature,
            "max_tokens": question.max_tokens,
            **self._shape(schema),
        }
        return _said(await self._http.post("/chat/completions", body, timeout_s))

    def _shape(self, schema: CallerSchema) -> dict[str, Any]:
        if self._structured == "json_schema":
            wanted = {"name": _TOOL, "schema": schema.definition, "strict": False}
            return {"response_format": {"type": "json_schema", "json_schema": wanted}}
        if self._structured == "json_object":
            return {"response_format": {"type": "json_object"}}
        if self._structured == "tool":
            function = {"name": _TOOL, "description": "Give the answer.", "parameters": schema.definition}
            choice = {"type": "function", "function": {"name": _TOOL}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        return {}


def _said(answer: Any) -> ModelReply:
    try:
        choice = answer["choices"][0]
        message = choice["message"]
        calls = message.get("tool_calls")
        text = calls[0]["function"]["arguments"] if calls else message.get("content")
        tokens = int((answer.get("usage") or {}).get("total_tokens") or 0)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ProviderBrokenError(f"its answer has no choices: {error!r}") from error
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        raise ProviderRefusedError(f"it declined: {message.get('refusal') or 'content filter'}"[:300])
    return ModelReply(text if isinstance(text, str) else "", tokens, choice.get("finish_reason") == "length")
