"""The providers in their order: one deadline that they share, and the next one where one fails."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from time import monotonic

import msgspec

from server.api.errors import ApiError, unavailable
from server.api.providers.guard import GuardedProvider
from server.api.providers.provider import (
    NO_TOKENS,
    BreakerOpenError,
    ProviderAnswer,
    ProviderBusyError,
    ProviderDeclinedError,
    ProviderError,
    ProviderFullError,
    ProviderKeyRefusedError,
    ProviderMisconfiguredError,
    ProviderNonsenseError,
    ProviderPromptTooLongError,
    ProviderRateLimitedError,
    ProviderTimeoutError,
    ProviderTruncatedError,
    Question,
    TokenUsage,
)
from server.api.providers.upstream import Report, no_report

_EMBEDDED_S = 1.0
"""The embedded provider needs no more of the deadline."""
_LEFT = 0.5
"""The providers that follow are left at most this share of what remains."""
_COME_BACK = (ProviderFullError, BreakerOpenError, ProviderRateLimitedError, ProviderBusyError)


class ProvidersFailedError(ApiError):
    """Nobody answered; ``usage`` is what their failed calls cost all the same."""

    def __init__(self, error: ApiError, usage: TokenUsage) -> None:
        super().__init__(
            error.type, error.message, field=error.field, details=error.details, headers=error.headers
        )
        self.usage = usage


class ProviderChain:
    """Asks providers in order until one answers."""

    def __init__(
        self,
        providers: Sequence[GuardedProvider],
        *,
        deadline_s: float,
        order: Callable[[], Sequence[str]] = tuple,
        report: Report = no_report,
    ) -> None:
        self._providers: Mapping[str, GuardedProvider] = {provider.name: provider for provider in providers}
        self._deadline_s = deadline_s
        self._order = order
        self._report = report
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
        """The first good answer before the deadline. Raises ``ApiError``, also ``ProvidersFailedError``."""
        providers = [self._providers[word]] if word != "auto" else _eligible(self.providers, question)
        until = monotonic() + self._deadline_s
        faults: list[tuple[str, ProviderError]] = []
        for place, provider in enumerate(providers):
            part = _part(until - monotonic(), providers[place + 1 :])
            if part <= 0:
                break
            try:
                return _told(await provider.ask(question, part), provider.name, faults)
            except ProviderError as fault:
                faults.append((provider.name, fault))
            except ApiError:
                # The embedded provider found nothing to fill. Where models failed before, the trouble is theirs and ours, not the caller's.
                if not faults:
                    raise
                break
            self._log(*faults[-1])
            if isinstance(faults[-1][1], ProviderDeclinedError):
                break
        raise ProvidersFailedError(_failed(faults), _spent(faults))

    def _log(self, name: str, fault: ProviderError) -> None:
        """What a provider said, for us alone: tenants learn its kind."""
        wrong = isinstance(fault, ProviderKeyRefusedError | ProviderMisconfiguredError)
        self._report(
            "ERROR" if wrong else "WARNING", f"provider_{fault.outcome}", f"{name}: {str(fault)[:600]}"
        )


def _eligible(providers: Sequence[GuardedProvider], question: Question) -> Sequence[GuardedProvider]:
    """Without the embedded provider as a silent fallback: a caller's schema is a model's work unless somebody says otherwise."""
    if question.schema is None or question.embedded_fallback:
        return providers
    return [
        provider
        for place, provider in enumerate(providers)
        if place == 0 or not provider.embedded or provider.fills_as_fallback
        or all(other.embedded for other in providers[:place])
    ]  # fmt: skip


def _part(left: float, later: Sequence[GuardedProvider]) -> float:
    """Seconds for one provider, so that those after it get their part though it hang."""
    needed = sum(_EMBEDDED_S if provider.embedded else provider.timeout_s for provider in later)
    return left - min(needed, left * _LEFT)


def _told(answer: ProviderAnswer, name: str, faults: Sequence[tuple[str, ProviderError]]) -> ProviderAnswer:
    """The answer with how it came about."""
    if not faults:
        return answer
    return msgspec.structs.replace(
        answer,
        usage=answer.usage.plus(_spent(faults)),
        fallback=True,
        tried=(*(tried for tried, _ in faults), name),
    )


def _spent(faults: Sequence[tuple[str, ProviderError]]) -> TokenUsage:
    spent = NO_TOKENS
    for _, fault in faults:
        spent = spent.plus(fault.usage)
    return spent


def _failed(faults: Sequence[tuple[str, ProviderError]]) -> ApiError:
    error = _kind_of_failure([fault for _, fault in faults])
    error.details = [
        {"provider": name, "outcome": fault.outcome, "message": fault.said} for name, fault in faults
    ]
    return error


def _kind_of_failure(faults: Sequence[ProviderError]) -> ApiError:
    kinds = {type(fault) for fault in faults}
    if ProviderDeclinedError in kinds:
        return ApiError("provider_refused", "The provider declines to answer this prompt.", field="prompt")
    if kinds == {ProviderPromptTooLongError}:
        return ApiError(
            "prompt_too_long", "The prompt is too long for the model; shorten it.", field="prompt"
        )
    if kinds <= {ProviderFullError}:
        return unavailable("overloaded", "Too many provider calls are in flight; try again shortly.")
    if kinds <= set(_COME_BACK):
        return unavailable(
            "provider_unavailable", "No provider can be asked just now.", retry_after_s=_come_back(faults)
        )
    if ProviderTimeoutError in kinds:
        return ApiError("provider_timeout", "No provider answered in time.")
    if kinds <= {ProviderNonsenseError, ProviderTruncatedError}:
        return ApiError("provider_invalid_output", "No provider gave an answer that fits the schema.")
    return ApiError("provider_error", "No provider could answer.")


def _come_back(faults: Sequence[ProviderError]) -> int:
    """Seconds until the first of them may answer again."""
    return max(1, ceil(min(1.0 if fault.retry_after_s is None else fault.retry_after_s for fault in faults)))
