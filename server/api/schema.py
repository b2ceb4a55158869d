"""Caller schemas, which are hostile until shown otherwise: bounded, local, compiled and applied in a process apart."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import jsonschema_rs
import msgspec

from server.api.errors import ApiError
from server.api.schema_budget import MAX_BYTES, SchemaCostError, check_budget
from server.api.schema_process import SchemaDeniedError, SchemaEndedError, SchemaProcesses

_SHELF = 256
_SHELF_BYTES = 1024 * 1024
_FAULTS = 10


class SchemaFault(NamedTuple):
    """What is wrong with a value, and where in it."""

    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        return f"{'/'.join(map(str, self.path)) or 'the whole'}: {self.message}"[:500]


class SchemaValidator(Protocol):
    """Applies one schema."""

    async def faults(self, value: Any) -> list[SchemaFault]:
        """What is wrong with ``value``. Raises ``ApiError`` 422 where the schema takes too long to apply."""


class CallerSchema:
    """A checked JSON Schema with its validator."""

    __slots__ = ("_validator", "definition", "digest", "size")

    def __init__(
        self, definition: dict[str, Any], digest: str, size: int, validator: SchemaValidator
    ) -> None:
        self.definition = definition
        self.digest = digest
        self.size = size
        """Bytes of its JSON."""
        self._validator = validator

    async def faults(self, value: Any) -> list[SchemaFault]:
        """What is wrong with ``value``, ten faults at most; none when it is valid. Raises ``ApiError`` 422."""
        return await self._validator.faults(value)


class SchemaShelf:
    """Checked schemas by their digest, bounded in number and in bytes."""

    def __init__(self, processes: SchemaProcesses) -> None:
        self._processes = processes
        self._known: OrderedDict[str, CallerSchema] = OrderedDict()
        self._bytes = 0

    async def compiled(self, definition: dict[str, Any]) -> CallerSchema:
        """``definition``, checked and compiled. Raises ``ApiError`` 422."""
        encoded = _encoded(definition)
        digest = hashlib.sha256(encoded).hexdigest()
        known = self._known.get(digest)
        if known is not None:
            self._known.move_to_end(digest)
            return known
        try:
            check_budget(definition)
        except SchemaCostError as error:
            raise _fault(str(error)) from None
        validator = _Apart(self._processes, digest, encoded)
        await validator.compiled()
        return self._keep(CallerSchema(definition, digest, len(encoded), validator))

    async def close(self) -> None:
        """End the processes."""
        await self._processes.close()

    def _keep(self, schema: CallerSchema) -> CallerSchema:
        self._known[schema.digest] = schema
        self._bytes += schema.size
        while len(self._known) > _SHELF or self._bytes > _SHELF_BYTES:
            _, gone = self._known.popitem(last=False)
            self._bytes -= gone.size
        return schema


class _Apart:
    """Applies a schema in one of the processes."""

    def __init__(self, processes: SchemaProcesses, digest: str, encoded: bytes) -> None:
        self._processes = processes
        self._digest = digest
        self._encoded = encoded

    async def compiled(self) -> None:
        await self.faults(None, only_compile=True)

    async def faults(self, value: Any, *, only_compile: bool = False) -> list[SchemaFault]:
        try:
            found = await self._processes.ask(
                self._digest, self._encoded, None if only_compile else msgspec.json.encode(value)
            )
        except SchemaDeniedError as error:
            raise _fault(f"It is no valid JSON Schema: {error}") from None
        except SchemaEndedError as error:
            raise _fault(str(error)) from None
        return [SchemaFault(tuple(path), message) for path, message in found]


class _Here:
    """Applies a schema of our own in this process."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self._validator = jsonschema_rs.validator_for(definition, offline=True)

    async def faults(self, value: Any) -> list[SchemaFault]:
        found = []
        for error in self._validator.iter_errors(value):
            found.append(SchemaFault(tuple(_steps(error.instance_path)), error.message))
            if len(found) >= _FAULTS:
                break
        return found


def trusted_schema(definition: dict[str, Any]) -> CallerSchema:
    """A schema of our own, applied in this process."""
    encoded = _encoded(definition)
    return CallerSchema(definition, hashlib.sha256(encoded).hexdigest(), len(encoded), _Here(definition))


def _steps(path: Iterable[Any]) -> Iterable[str | int]:
    return (step if isinstance(step, int) else str(step) for step in path)


def _encoded(definition: dict[str, Any]) -> bytes:
    try:
        encoded = msgspec.json.encode(definition, order="sorted")
    except RecursionError:
        raise _fault("It is nested too deeply.") from None
    if len(encoded) > MAX_BYTES:
        raise _fault(f"It is {len(encoded)} bytes long; at most {MAX_BYTES} are taken.")
    return encoded


def _fault(message: str) -> ApiError:
    return ApiError("validation_error", message, field="schema_definition")
