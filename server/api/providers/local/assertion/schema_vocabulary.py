"""What a schema asks for, in words: its names, the values that it lists, and the labels that go with them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from server.api.providers.local.property import property_of, words_of

_OF_PERSONS = frozenset(
    [
        "age",
        "city",
        "country",
        "company",
        "employer",
        "town",
        "job",
        "occupation",
        "profession",
        "person",
        "customer",
        "author",
        "first_name",
        "last_name",
    ]
)


class SchemaVocabulary(NamedTuple):
    """What a schema asks for, as far as it matters to what is plain."""

    words: frozenset[str]
    """Words of its names and of the values that it lists."""
    values: frozenset[str]
    """The values that it lists."""
    persons: bool
    """Whether it asks for what persons have: then no noun is taken that might be somebody else."""


def _objects_in(definition: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema, at any depth, the last first."""
    left = [definition]
    while left:
        at = left.pop()
        if isinstance(at, list):
            left += at
        elif isinstance(at, dict):
            left += at.values()
            yield at


def vocabulary_of(definition: Any) -> SchemaVocabulary:
    """What the schema asks for, at any depth."""
    words: set[str] = set()
    values: set[str] = set()
    for at in _objects_in(definition):
        names = at.get("properties")
        listed = at.get("enum")
        values |= {
            text.lower() for text in (listed if isinstance(listed, list) else ()) if isinstance(text, str)
        }
        for phrase in names if isinstance(names, dict) else ():
            words |= _spoken(phrase)
    for phrase in values:
        words |= _spoken(phrase)
    return SchemaVocabulary(frozenset(words), frozenset(values), persons=bool(words & _OF_PERSONS))


def labels_asked_for(definition: Any) -> tuple[list[str], frozenset[str]]:
    """The labels of everything that the schema asks for, at any depth, and of these the nouns that are only counted."""
    found: list[str] = []
    counted: set[str] = set()
    for at in _objects_in(definition):
        members = at.get("properties")
        for name, member in members.items() if isinstance(members, dict) else ():
            asked = property_of(name, member if isinstance(member, dict) else {})
            found += asked.own if asked.kind == "count" else asked.labels
            counted |= set(asked.labels) - set(asked.own) if asked.kind == "count" else set()
    return found, frozenset(counted - set(found))


def _spoken(phrase: str) -> set[str]:
    """A name as it may stand in a sentence: whole, in its words, and of several things."""
    words = words_of(phrase)
    return {phrase.lower(), " ".join(words), *words, *(word + "s" for word in words)}
