"""The face of a provider, and the ways in which one fails."""

from typing import Any, NamedTuple, Protocol

import msgspec

from server.api.schema import CallerSchema


class TokenUsage(NamedTuple):
    """What one or several calls of a model used, as the provider reported it."""

    input: int = 0
    output: int = 0
    clamped: int = 0
    """Reports that were none that can be (negative, absurd, no number) and were cut down."""

    @property
    def total(self) -> int:
        """Input and output."""
        return self.input + self.output

    def plus(self, other: "TokenUsage") -> "TokenUsage":
        """Both together."""
        return TokenUsage(self.input + other.input, self.output + other.output, self.clamped + other.clamped)


NO_TOKENS = TokenUsage()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is asked."""

    prompt: str
    schema: CallerSchema | None
    temperature: float | None
    """None: the caller left it to the provider."""
    max_tokens: int
    embedded_fallback: bool = False
    """Whether the embedded provider may fill the caller's schema where every model failed."""


class ProviderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider answered, already validated where ``validated`` says so."""

    data: dict[str, Any]
    provider: str
    model: str
    usage: TokenUsage = NO_TOKENS
    """Tokens of every call that the answer took, failed ones included."""
    validated: bool
    warnings: tuple[str, ...] = ()
    fallback: bool = False
    """Whether another provider was to answer and could not."""
    tried: tuple[str, ...] = ()
    """The providers in the order in which they were tried, the one that answered last."""


class ProviderError(Exception):
    """A call that failed. ``outcome`` is the word under which it is counted, ``said`` all that a tenant is told."""

    outcome = "error"
    said = "It failed."
    retryable = False

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, usage: TokenUsage = NO_TOKENS
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.usage = usage
        """Tokens that the failed call used all the same."""


class ProviderTimeoutError(ProviderError):
    """No answer in time."""

    outcome = "timeout"
    said = "It did not answer in time."
    retryable = True


class ProviderRateLimitedError(ProviderError):
    """The provider has had enough of our calls (429): the next provider is asked at once."""

    outcome = "rate_limited"
    said = "It takes no more calls just now."


class ProviderBusyError(ProviderError):
    """The provider asks us to come back shortly (408, 425, 503, 529)."""

    outcome = "busy"
    said = "It is overloaded."
    retryable = True


class ProviderBrokenError(ProviderError):
    """The provider failed (5xx, connection refused or lost, an answer that is none)."""

    outcome = "error"
    said = "It failed."
    retryable = True


class ProviderKeyRefusedError(ProviderError):
    """The provider does not accept our key (401, 403): configuration, not luck."""

    outcome = "key_refused"
    said = "It is not set up rightly; its operators see why."


class ProviderMisconfiguredError(ProviderError):
    """The provider does not accept our request (400, 404 …): configuration, not luck."""

    outcome = "refused"
    said = "It is not set up rightly; its operators see why."


class ProviderDeclinedError(ProviderError):
    """The model refuses this prompt, or a content filter does: an answer, which no other provider is to undo."""

    outcome = "declined"
    said = "It declines to answer this prompt."


class ProviderPromptTooLongError(ProviderError):
    """The prompt does not fit into the model's context."""

    outcome = "prompt_too_long"
    said = "The prompt is too long for it."


class ProviderTruncatedError(ProviderError):
    """The answer ended at ``max_tokens``."""

    outcome = "truncated"
    said = "Its answer did not fit into max_tokens."


class ProviderNonsenseError(ProviderError):
    """The answer could not be made to fit the schema."""

    outcome = "invalid_output"
    said = "Its answers did not fit the schema."


class ProviderFullError(ProviderError):
    """Too many of our calls are in flight."""

    outcome = "rejected"
    said = "Too many calls to it are in flight."


class BreakerOpenError(ProviderError):
    """The provider failed lately and is left alone."""

    outcome = "breaker_open"
    said = "It failed lately and is left alone for a moment."


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
