"""From a request's body to a checked question; hostile bodies end here with a 4xx."""

import json
from collections import OrderedDict
from typing import Any, NoReturn

import msgspec

from server.api.errors import ApiError
from server.api.schema import CallerSchema, SchemaShelf
from server.api.wire import AnalyzeRequest

_KNOWN = frozenset(field.name for field in msgspec.structs.fields(AnalyzeRequest))
_MEMO_ENTRIES = 1_024
_MEMO_BYTES = 2_048


class ParsedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One checked question."""

    prompt: str
    """Trimmed."""
    xml: bool
    schema: CallerSchema | None
    provider: str
    temperature: float | None
    max_tokens: int
    embedded_fallback: bool
    cache_ttl: int | None
    identity: bytes
    """Everything in it that changes the answer, canonically encoded."""
    warnings: tuple[str, ...] = ()


class RequestReader:
    """Reads bodies; a small body seen before is not read twice."""

    def __init__(self, schemas: SchemaShelf, providers: frozenset[str]) -> None:
        self._schemas = schemas
        self._providers = providers
        self._memo: OrderedDict[bytes, ParsedRequest] = OrderedDict()

    def at_hand(self, body: bytes) -> ParsedRequest | None:
        """The question in a small body that was read before: the shortest way."""
        return self._memo.get(body)

    async def read(self, body: bytes) -> ParsedRequest:
        """The question in ``body``. Raises ``ApiError`` 400 or 422."""
        ask = await self.parse(read_object(body))
        if len(body) <= _MEMO_BYTES:
            self._memo[body] = ask
            if len(self._memo) > _MEMO_ENTRIES:
                self._memo.popitem(last=False)
        return ask

    async def parse(self, fields: Any) -> ParsedRequest:
        """The question in a decoded object. Raises ``ApiError`` 422."""
        if isinstance(fields, dict) and isinstance(fields.get("prompt"), str):
            fields = {**fields, "prompt": fields["prompt"].strip()}
        request = convert(fields, AnalyzeRequest)
        if "\0" in request.prompt:
            raise ApiError("validation_error", "The prompt holds a NUL character.", field="prompt")
        _check_metadata(request.metadata)
        if request.llm_provider != "auto" and request.llm_provider not in self._providers:
            names = ", ".join(sorted(self._providers))
            raise ApiError(
                "validation_error",
                f"There is no such provider; write auto or one of: {names}.",
                field="llm_provider",
            )
        schema = None
        if request.schema_definition is not None:
            schema = await self._schemas.compiled(request.schema_definition)
        return ParsedRequest(
            prompt=request.prompt,
            xml=request.output_format == "xml",
            schema=schema,
            provider=request.llm_provider,
            temperature=request.temperature,
            max_tokens=request.max_tokens,
            embedded_fallback=request.embedded_fallback,
            cache_ttl=request.cache_ttl,
            identity=_identity(request, schema),
            warnings=tuple(f"unknown field: {name[:100]}" for name in fields if name not in _KNOWN),
        )


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``, without duplicate names, NaN or invalid UTF-8. Raises ``ApiError`` 400 or 422."""
    try:
        value = msgspec.json.decode(body)
        if isinstance(value, dict) and body.count(b'":') + body.count(b'" ') + body.count(b'"\n') > 1:
            json.loads(body, object_pairs_hook=_no_duplicates)
    except RecursionError:
        raise ApiError("invalid_json", "The JSON is nested too deeply.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise ApiError("invalid_json", f"The body is no valid JSON: {error}.") from None
    if not isinstance(value, dict):
        raise ApiError("validation_error", "The body must be a JSON object.")
    return value


def convert(value: Any, kind: type[Any]) -> Any:
    """``value`` as ``kind``. Raises ``ApiError`` 422 naming the field."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        if "got `float`" not in str(error):
            raise _refused(error) from None
    try:
        return msgspec.convert(_whole_numbers(value), kind)
    except msgspec.ValidationError as error:
        raise _refused(error) from None


def _refused(error: msgspec.ValidationError) -> ApiError:
    message, _, place = str(error).partition(" - at `$")
    field = place.removesuffix("`").lstrip(".") or _named(message)
    return ApiError("validation_error", f"{message}.", field=field)


def _whole_numbers(value: Any) -> Any:
    """The members of an object with 100.0 as 100: to JSON Schema both are integers."""
    if not isinstance(value, dict):
        return value
    return {
        name: int(member) if isinstance(member, float) and member.is_integer() else member
        for name, member in value.items()
    }


def _named(message: str) -> str | None:
    """The field in messages such as: Object missing required field `prompt`."""
    parts = message.split("`")
    return parts[1] if "field" in message and len(parts) > 2 else None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                _duplicate(name)
            seen.add(name)
    return names


def _duplicate(name: str) -> NoReturn:
    raise ApiError("invalid_json", f"The name {name[:100]!r} stands twice in one object.", field=name[:100])


def _check_metadata(metadata: dict[str, Any] | None) -> None:
    if metadata is None:
        return
    if len(metadata) > 20:
        raise ApiError("validation_error", "At most 20 keys are taken.", field="metadata")
    if len(msgspec.json.encode(metadata)) > 4096:
        raise ApiError("validation_error", "At most 4 KB are taken.", field="metadata")


def _identity(request: AnalyzeRequest, schema: CallerSchema | None) -> bytes:
    return msgspec.json.encode(
        (
            request.prompt,
            schema.digest if schema is not None else None,
            request.llm_provider,
            request.temperature,
            request.max_tokens,
            request.embedded_fallback,
        )
    )
