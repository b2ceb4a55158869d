"""The face of a provider, and the ways in which one fails."""

from typing import Any, Protocol

import msgspec

from server.api.schema import CallerSchema


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is asked."""

    prompt: str
    schema: CallerSchema | None
    temperature: float
    max_tokens: int


class ProviderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider answered, already validated where ``validated`` says so."""

    data: dict[str, Any]
    provider: str
    model: str
    tokens: int
    validated: bool
    warnings: tuple[str, ...] = ()


class ProviderError(Exception):
    """A call that failed. ``outcome`` is the word under which it is counted."""

    outcome = "error"
    retryable = False

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ProviderTimeoutError(ProviderError):
    """No answer in time."""

    outcome = "timeout"
    retryable = True


class ProviderBusyError(ProviderError):
    """It asks us to come back later (429, 503, 529)."""

    outcome = "rate_limited"
    retryable = True


class ProviderBrokenError(ProviderError):
    """It failed (5xx, connection refused or lost)."""

    outcome = "error"
    retryable = True


class ProviderRefusedError(ProviderError):
    """It refuses us for good (401, 403, 404, 400): configuration, not luck."""

    outcome = "refused"


class ProviderTruncatedError(ProviderError):
    """The answer ended at ``max_tokens``."""

    outcome = "truncated"


class ProviderNonsenseError(ProviderError):
    """The answer could not be made to fit the schema."""

    outcome = "invalid_output"


class ProviderFullError(ProviderError):
    """Too many of our calls are in flight."""

    outcome = "rejected"


class BreakerOpenError(ProviderError):
    """It failed lately and is left alone."""

    outcome = "breaker_open"


class Provider(Protocol):
    """Turns a question into an answer."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    async def ask(self, question: Question, timeout_s: float) -> ProviderAnswer:
        """Raises ``ProviderError`` or ``ApiError`` (422, when the caller's schema asks for what is not there)."""

    async def close(self) -> None:
        """Let go of what it holds."""
