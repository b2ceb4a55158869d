"""The bodies that the analyze service takes and gives; openapi.json is made from these types."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

Prompt = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=10_000, extra_json_schema={"pattern": "^[^\\x00]*[^\\s\\x00][^\\x00]*$"}
    ),
]
"""Checked after trimming; the pattern tells clients what is then left."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
"""Text that PostgreSQL can hold: without NUL."""
OutputFormat = Literal["json", "xml"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its offset."""


class AnalyzeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt to turn into structured data."""

    prompt: Prompt
    """Counted after trimming; no NUL."""
    output_format: OutputFormat = "json"
    """How the answer is encoded; ``data.output_format`` is what the prompt asks for."""
    schema_definition: dict[str, Any] | None = None
    """JSON Schema for ``data``: at most 50 KB, ten levels, local ``$ref`` only."""
    llm_provider: str = "auto"
    """``auto``, or the name of a configured provider."""
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    """Null leaves it to the provider."""
    max_tokens: Annotated[int, msgspec.Meta(ge=50, le=8000)] = 1000
    cache_ttl: Annotated[int, msgspec.Meta(ge=0, le=86_400)] | None = None
    """Seconds; 0 bypasses the cache, null takes the default."""
    embedded_fallback: bool = False
    """Whether the embedded provider may fill ``schema_definition`` where every model failed."""
    metadata: Annotated[dict[str, Any], msgspec.Meta(max_length=20)] | None = None
    """At most 20 keys and 4 KB; kept in nothing."""


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """What the service understands of a prompt when the caller gave no schema of its own."""

    intent: str
    subject: str
    entities: dict[str, list[str]]
    output_format: str
    original_language: str
    """ISO 639-1 code of the subject's language."""
    confidence: float
    confidence_score: float
    """The same number as ``confidence``."""


class AnalyzeResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to one prompt."""

    request_id: str
    data: Annotated[
        dict[str, Any],
        msgspec.Meta(
            description="Analysis, or with a schema of the caller's an object that it accepts.",
            extra_json_schema={"anyOf": [{"$ref": "#/components/schemas/Analysis"}, {"type": "object"}]},
        ),
    ]
    llm_provider: str
    model_name: str
    tokens_used: int
    latency_ms: float
    cached: bool
    validated: bool
    timestamp: datetime
    input_tokens: int = 0
    output_tokens: int = 0
    """Of ``tokens_used``, what was read and what was written."""
    fallback: bool = False
    """Whether another provider was to answer and could not."""
    providers_tried: tuple[str, ...] = ()
    """Of a fallback's answer, the providers in the order in which they were tried; the last one answered."""
    warnings: tuple[str, ...] = ()


class EncodedResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``AnalyzeResponse`` with ``data`` as it lies in the cache, encoded."""

    request_id: str
    data: msgspec.Raw
    llm_provider: str
    model_name: str
    tokens_used: int
    latency_ms: float
    cached: bool
    validated: bool
    timestamp: str
    input_tokens: int = 0
    output_tokens: int = 0
    fallback: bool = False
    providers_tried: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class BatchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Many prompts at once; each counts in the limit."""

    items: Annotated[list[Any], msgspec.Meta(min_length=1, max_length=100)]
    """Each like the body of ``/v1/analyze``; one that is not has a status of its own, and the others are answered."""


class ErrorDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong."""

    type: str
    message: str
    field: str | None = None
    details: Any = None


class BatchItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome of one prompt of a batch."""

    index: int
    status: int
    """The HTTP status that the prompt would have had alone."""
    response: AnalyzeResponse | None = None
    response_xml: str | None = None
    """In place of ``response`` where the item asked for XML."""
    error: ErrorDetail | None = None


class BatchResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The outcomes in the order of the items."""

    request_id: str
    results: list[BatchItem]
    succeeded: int
    failed: int
    latency_ms: float
    timestamp: datetime


class ErrorResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The error envelope."""

    error: ErrorDetail
    request_id: str
    timestamp: datetime


class KeyRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new API key."""

    name: Name
    rate_limit_per_hour: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] | None = None
    """None follows the default limit, also when that changes."""
    expires_at: Moment | None = None
    """A time to come."""


class KeyPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What to change about a key; what is left out stays."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    rate_limit_per_hour: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] | msgspec.UnsetType | None = (
        msgspec.UNSET
    )
    expires_at: Moment | msgspec.UnsetType | None = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret."""

    id: str
    name: str
    key_prefix: str
    rate_limit_per_hour: int
    """The limit in force, its own or the default."""
    is_active: bool
    created_at: datetime
    expires_at: datetime | None
    rotated_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewKeyView(KeyView, frozen=True, kw_only=True):
    """An API key on the one occasion when its secret is shown."""

    key: str


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of keys, oldest first."""

    keys: list[KeyView]
    next_after: str | None = None
    """Pass it as ``?after=`` for the next page."""
