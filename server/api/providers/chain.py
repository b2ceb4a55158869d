"""The providers in their order: one deadline over all, and the next one where one fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic

from server.api.errors import ApiError, unavailable
from server.api.providers.guard import GuardedProvider
from server.api.providers.provider import (
    BreakerOpenError,
    ProviderAnswer,
    ProviderError,
    ProviderFullError,
    ProviderNonsenseError,
    ProviderTimeoutError,
    ProviderTruncatedError,
    Question,
)

ProviderErrorKind = Callable[[str], Awaitable[None]]
"""What a drill does to a call of the named provider."""


class ProviderChain:
    """Asks providers in order until one answers."""

    def __init__(
        self,
        providers: Sequence[GuardedProvider],
        *,
        deadline_s: float,
        order: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._providers: Mapping[str, GuardedProvider] = {provider.name: provider for provider in providers}
        self._deadline_s = deadline_s
        self._order = order
        self._identities: dict[tuple[str, tuple[str, ...]], bytes] = {}

    @property
    def providers(self) -> Sequence[GuardedProvider]:
        """The providers in the order in which they are tried."""
        named = [self._providers[name] for name in self._order() if name in self._providers]
        return named + [provider for provider in self._providers.values() if provider not in named]

    async def close(self) -> None:
        """Close every provider."""
        for provider in self._providers.values():
            await provider.close()

    def identity(self, word: str) -> bytes:
        """Which provider and model a question with this ``llm_provider`` goes to first."""
        order = tuple(self._order())
        known = self._identities.get((word, order))
        if known is None:
            first = self._providers[word] if word != "auto" else self.providers[0]
            known = self._identities[word, order] = f"{word}/{first.name}/{first.model}".encode()
        return known

    async def ask(self, question: Question, word: str) -> ProviderAnswer:
        """The first good answer before the deadline. Raises ``ApiError``."""
        providers = [self._providers[word]] if word != "auto" else self.providers
        until = monotonic() + self._deadline_s
        faults: list[tuple[str, ProviderError]] = []
        for provider in providers:
            left = until - monotonic()
            if left <= 0:
                break
            try:
                async with asyncio.timeout(left):
                    return await provider.ask(question, left)
            except ProviderError as fault:
                faults.append((provider.name, fault))
            except TimeoutError:
                faults.append((provider.name, ProviderTimeoutError("the deadline passed")))
        raise _failed(faults)


def _failed(faults: Sequence[tuple[str, ProviderError]]) -> ApiError:
    details = [
        {"provider": name, "outcome": fault.outcome, "message": str(fault)[:300]} for name, fault in faults
    ]
    kinds = {type(fault) for _, fault in faults}
    if kinds <= {ProviderFullError}:
        error = unavailable("overloaded", "Too many provider calls are in flight; try again shortly.")
    elif kinds <= {ProviderFullError, BreakerOpenError}:
        wait = max(fault.retry_after_s or 1.0 for _, fault in faults)
        error = unavailable(
            "provider_unavailable", "No provider can be asked just now.", retry_after_s=int(wait) + 1
        )
    elif kinds & {ProviderTimeoutError}:
        error = ApiError("provider_timeout", "No provider answered in time.")
    elif kinds <= {ProviderNonsenseError, ProviderTruncatedError}:
        error = ApiError("provider_invalid_output", "No provider gave an answer that fits the schema.")
    else:
        error = ApiError("provider_error", "No provider could answer.")
    error.details = details
    return error
