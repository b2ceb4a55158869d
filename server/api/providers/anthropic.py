"""The Anthropic provider: the Messages API, asked for its answer as the input of a tool."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.model_reply import ModelReply, reply_of_messages
from server.api.providers.provider import ProviderAnswer, Question
from server.api.providers.provider_config import ProviderConfig
from server.api.providers.structured import Message, structured
from server.api.providers.upstream import Report, UpstreamHttp, no_report
from server.api.schema import CallerSchema

_TOOL = "answer"
_VERSION = "2023-06-01"


class AnthropicProvider:
    """Asks ``POST {base_url}/v1/messages``."""

    def __init__(self, config: ProviderConfig, report: Report = no_report) -> None:
        self.name = config.name
        self.model = config.model
        self.parameters = config.parameters
        key = {config.key_header or "x-api-key": config.api_key} if config.api_key else {}
        base_url = config.base_url or "https://api.anthropic.com"
        self._http = UpstreamHttp(config, base_url, {"anthropic-version": _VERSION, **key}, report)

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
        tool = {
            "name": _TOOL,
            "description": "Give the answer.",
            "input_schema": {"type": "object", **schema.definition},
        }
        body: dict[str, Any] = {
            "model": self.model,
            "system": system,
            "messages": messages,
            "max_tokens": question.max_tokens,
            "tools": [tool],
            "tool_choice": {"type": "tool", "name": _TOOL},
        }
        if question.temperature is not None and "temperature" in self.parameters:
            body["temperature"] = min(1.0, question.temperature)
        return reply_of_messages(await self._http.post("/v1/messages", body, timeout_s), _TOOL)
