"""The embedded default provider: no key, no network, rules and lexicons."""

import asyncio

import msgspec

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import VERSION, understand
from server.api.providers.provider import ProviderAnswer, Question

_LONG = 1500
"""Longer prompts are read off the loop."""


class EmbeddedProvider:
    """Understands prompts by rules."""

    def __init__(self, name: str = "local") -> None:
        self.name = name
        self.model = f"rules-{VERSION}"

    async def ask(self, question: Question, timeout_s: float) -> ProviderAnswer:
        """Raises ``ApiError`` 422 when the caller's schema asks for what the prompt does not hold."""
        if len(question.prompt) > _LONG or question.schema is not None:
            return await asyncio.to_thread(self.answer, question)
        return self.answer(question)

    async def close(self) -> None:
        """It holds nothing."""

    def answer(self, question: Question) -> ProviderAnswer:
        """The same, at once."""
        understood = understand(question.prompt)
        if question.schema is None:
            data = msgspec.to_builtins(understood)
        else:
            data = fill(question.schema, question.prompt, understood)
        return ProviderAnswer(data=data, provider=self.name, model=self.model, tokens=0, validated=True)
