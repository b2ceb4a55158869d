"""The OpenAI-compatible provider: OpenAI, Gemini, Ollama, vLLM, LiteLLM and others that speak chat completions."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.model_reply import ModelReply, reply_of_chat
from server.api.providers.provider import ProviderAnswer, Question
from server.api.providers.provider_config import ProviderConfig
from server.api.providers.structured import Message, structured
from server.api.providers.upstream import Report, UpstreamHttp, no_report
from server.api.schema import CallerSchema

_TOOL = "answer"


class OpenAIProvider:
    """Asks ``POST {base_url}/chat/completions``."""

    def __init__(self, config: ProviderConfig, report: Report = no_report) -> None:
        self.name = config.name
        self.model = config.model
        self.parameters = config.parameters
        self._structured = config.structured
        self._http = UpstreamHttp(config, config.base_url, _key_header(config), report)

    async def ask(self, question: Question, timeout_s: float) -> ProviderAnswer:
        """Raises ``ProviderError``."""
        return await structured(self, question, timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def reply(
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
            **self._limits(question),
            **self._shape(schema),
        }
        return reply_of_chat(await self._http.post("/chat/completions", body, timeout_s), _TOOL)

    def _limits(self, question: Question) -> dict[str, Any]:
        limits: dict[str, Any] = {
            name: question.max_tokens
            for name in ("max_tokens", "max_completion_tokens")
            if name in self.parameters
        }
        if question.temperature is not None and "temperature" in self.parameters:
            limits["temperature"] = question.temperature
        return limits

    def _shape(self, schema: CallerSchema) -> dict[str, Any]:
        if self._structured == "json_schema":
            wanted = {"name": _TOOL, "schema": schema.definition, "strict": False}
            return {"response_format": {"type": "json_schema", "json_schema": wanted}}
        if self._structured == "json_object":
            return {"response_format": {"type": "json_object"}}
        if self._structured == "tool":
            parameters = {"type": "object", **schema.definition}
            function = {"name": _TOOL, "description": "Give the answer.", "parameters": parameters}
            choice = {"type": "function", "function": {"name": _TOOL}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        return {}


def _key_header(config: ProviderConfig) -> dict[str, str]:
    if not config.api_key:
        return {}
    if config.key_header:
        return {config.key_header: config.api_key}
    return {"Authorization": f"Bearer {config.api_key}"}
