"""How well callers' schemas are filled by the local provider: right, false, missed, refused, on cases of our own.

``schemas.yml`` holds the cases; ``python -m bench.schemas`` prints the figures, also for each property asked for alone, and with ``--misses`` every case that is not as
a reader would have it. A value counts as false where the prompt does not hold it; a null that the schema allows counts as nothing.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from server.api.errors import ApiError
from server.api.providers.embedded import EmbeddedProvider
from server.api.providers.provider import Question
from server.api.schema import SchemaShelf
from server.api.schema_process import SchemaProcesses

_CASES = Path(__file__).parent / "schemas.yml"
_SHORT = {
    "string": {"type": "string"},
    "int": {"type": "integer"},
    "num": {"type": "number"},
    "bool": {"type": "boolean"},
}
_KEYWORDS = frozenset({"type", "enum", "anyOf", "oneOf", "allOf", "const", "$ref", "properties", "items"})


class SchemaCase(NamedTuple):
    """One prompt, its schema, and what a reader would fill in."""

    prompt: str
    schema: dict[str, Any]
    expected: dict[str, Any] | None
    """None: nothing can be filled, and the answer is a refusal."""
    same: Mapping[str, Sequence[Any]]
    """Values of a name that are as good."""


class SchemaScore(NamedTuple):
    """What one case came to."""

    right: int
    false: int
    fillable: int
    refused: bool
    found: Any


def schema_cases() -> list[SchemaCase]:
    """The cases of ``schemas.yml``."""
    return [_case(entry) for entry in yaml.safe_load(_CASES.read_text())]


def apart(cases: Sequence[SchemaCase]) -> Iterator[SchemaCase]:
    """Each property of a case asked for alone, where the case has several that stand for themselves."""
    for case in cases:
        properties = case.schema.get("properties", {})
        if len(properties) > 1 and set(case.schema) == {"type", "properties"}:
            for name, member in properties.items():
                expected = {key: value for key, value in (case.expected or {}).items() if key == name}
                yield SchemaCase(
                    case.prompt, {"type": "object", "properties": {name: member}}, expected, case.same
                )


async def score(case: SchemaCase, shelf: SchemaShelf) -> SchemaScore:
    """Fill one case and compare."""
    schema = await shelf.compiled(case.schema)
    question = Question(prompt=case.prompt, schema=schema, temperature=None, max_tokens=100)
    wanted = dict(_leaves(case.expected or {}))
    fillable = sum(value is not None for value in wanted.values())
    try:
        found = (await EmbeddedProvider().ask(question, 5.0)).data
    except ApiError as error:
        assert error.type == "schema_not_fillable", error
        return SchemaScore(0, 0, fillable, refused=True, found=None)
    given = {path: value for path, value in _leaves(found) if value is not None}
    right = sum(_equal(case, path, value, wanted) for path, value in given.items())
    return SchemaScore(right, len(given) - right, fillable, refused=False, found=found)


def _equal(case: SchemaCase, path: str, value: Any, wanted: Mapping[str, Any]) -> bool:
    if path not in wanted:
        return False
    others = case.same.get(path, ())
    if isinstance(value, bool) or isinstance(wanted[path], bool):
        return value is wanted[path]
    return value == wanted[path] or value in others


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    if not isinstance(value, dict | list):
        yield path, value
    for name, member in members:
        yield from _leaves(member, f"{path}/{name}" if path else str(name))


def _case(entry: dict[str, Any]) -> SchemaCase:
    schema = entry.get("schema") or _object(entry["s"], entry.get("r", ()))
    expected = _plain(entry["x"]) if entry["x"] is not None else None
    return SchemaCase(entry["p"], schema, expected, entry.get("same", {}))


def _object(properties: dict[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    written = {name: _schema(short) for name, short in properties.items()}
    return {"type": "object", "properties": written, **({"required": list(required)} if required else {})}


def _schema(short: Any) -> dict[str, Any]:
    if isinstance(short, str):
        return _SHORT.get(short, {"type": "string", "format": short})
    if isinstance(short, list):
        return {"type": "array", "items": _schema(short[0])}
    return short if _KEYWORDS & set(short) else _object(short)


def _plain(value: Any) -> Any:
    """YAML reads dates; JSON has texts."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value.isoformat() if isinstance(value, date) else value


async def _report(cases: Sequence[SchemaCase], title: str, *, misses: bool) -> int:
    shelf = SchemaShelf(SchemaProcesses())
    right = false = fillable = honest = refusals = 0
    for case in cases:
        found = await score(case, shelf)
        right, false, fillable = right + found.right, false + found.false, fillable + found.fillable
        refusals += case.expected is None
        honest += case.expected is None and found.refused
        odd = found.false or found.right < found.fillable or found.refused != (case.expected is None)
        if misses and odd:
            print(
                f"{'FALSE' if found.false else 'missed'}: {case.prompt[:100]!r}\n    wanted {case.expected}\n    found  {found.found}"
            )
    await shelf.close()
    print(
        f"{title}: {len(cases)} cases, {fillable} values to fill: right {right} ({right / fillable:.2f}), false {false}"
    )
    if refusals:
        print(f"refusals: {honest} of {refusals}")
    return 1 if false else 0


def main(arguments: Sequence[str]) -> int:
    """Print the figures; 1 where a value is false."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--misses", action="store_true", help="show every case that is not as a reader would have it"
    )
    misses = parser.parse_args(arguments).misses
    cases = schema_cases()
    false = asyncio.run(_report(cases, "schemas", misses=misses))
    return false | asyncio.run(_report(list(apart(cases)), "properties alone", misses=misses))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
