"""The embedded default provider: no key, no network, rules and lexicons."""

import asyncio
from typing import Any

import msgspec

from server.api.providers.local.fill import fill
from server.api.providers.local.refusal import not_fillable, pruned
from server.api.providers.local.understand import VERSION, understand
from server.api.providers.provider import ProviderAnswer, Question
from server.api.schema import CallerSchema

_LONG = 500
"""Longer prompts are read off the loop."""


_PRUNINGS = 5
"""So often what the schema does not accept is left out; what it then still misses is refused."""


class EmbeddedProvider:
    """Understands prompts by rules."""

    def __init__(self, name: str = "local") -> None:
        self.name = name
        self.model = f"rules-{VERSION}"

    async def ask(self, question: Question, timeout_s: float) -> ProviderAnswer:
        """Raises ``ApiError`` 422 when the caller's schema asks for what the prompt does not hold."""
        if question.schema is not None:
            return await self._filled(question, question.schema)
        if len(question.prompt) > _LONG:
            understood = await asyncio.to_thread(understand, question.prompt)
        else:
            understood = understand(question.prompt)
        return self._answer(msgspec.to_builtins(understood))

    async def close(self) -> None:
        """Nothing is held that would have to be let go."""

    async def _filled(self, question: Question, schema: CallerSchema) -> ProviderAnswer:
        definition = schema.definition
        data = await asyncio.to_thread(_fill, definition, question.prompt)
        for _ in range(_PRUNINGS):
            faults = await schema.faults(data)
            if not faults:
                return self._answer(data)
            if not pruned(data, faults):
                break
        raise not_fillable(definition, data, faults)

    def _answer(self, data: dict[str, Any]) -> ProviderAnswer:
        return ProviderAnswer(data=data, provider=self.name, model=self.model, validated=True)


def _fill(definition: dict[str, Any], prompt: str) -> dict[str, Any]:
    return fill(definition, prompt, understand(prompt))
