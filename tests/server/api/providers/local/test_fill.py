"""Facts about callers' schemas that the local provider fills."""

from typing import Any

import pytest

from server.api.errors import ApiError
from server.api.providers.embedded import EmbeddedProvider
from server.api.providers.provider import Question
from server.api.schema import trusted_schema


async def _fill(prompt: str, properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    definition = {"type": "object", "properties": properties, "required": required or list(properties)}
    question = Question(prompt=prompt, schema=trusted_schema(definition), temperature=None, max_tokens=100)
    return (await EmbeddedProvider().ask(question, 5.0)).data


@pytest.mark.parametrize(
    ("prompt", "name", "schema", "value"),
    [
        ("Write to bob@example.org", "contact", {"type": "string", "format": "email"}, "bob@example.org"),
        ("It is due on May 3, 2026", "due", {"type": "string", "format": "date"}, "2026-05-03"),
        ("priority: high, please", "priority", {"enum": ["low", "high"]}, "high"),
        ("The age is 42", "age", {"type": "integer"}, 42),
        ("She is 42 years old", "age", {"type": "integer"}, 42),
        ("The price is $19.99", "price", {"type": "number"}, 19.99),
        ("urgent: yes", "urgent", {"type": "boolean"}, True),
        ("Fly from Oslo to Rome", "destination", {"type": "string"}, "Rome"),
        ("Translate this", "intent", {"type": "string"}, "translate"),
        ("Add 3 and 4.5", "numbers", {"type": "array", "items": {"type": "number"}}, [3, 4.5]),
        (
            "city: Bergen",
            "address",
            {"type": "object", "properties": {"city": {"type": "string"}}},
            {"city": "Bergen"},
        ),
        ("nothing here", "email", {"type": ["string", "null"], "format": "email"}, None),
    ],
)
async def test_a_property_is_filled_from_evidence(
    prompt: str, name: str, schema: dict[str, Any], value: object
) -> None:
    assert await _fill(prompt, {name: schema}) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name", "schema"),
    [
        ("Write a poem", "email", {"type": "string", "format": "email"}),
        ("Write a poem", "age", {"type": "integer"}),
        ("low or high", "priority", {"enum": ["low", "high"]}),
        ("Meet me in May", "date", {"type": "string", "format": "date"}),
        ("Write a poem", "paid", {"type": "boolean"}),
    ],
)
async def test_what_has_no_evidence_is_refused_by_name(
    prompt: str, name: str, schema: dict[str, Any]
) -> None:
    with pytest.raises(ApiError, match=name) as refused:
        await _fill(prompt, {name: schema})
    assert (refused.value.type, refused.value.status) == ("schema_not_fillable", 422)


async def test_what_is_not_required_may_be_missing() -> None:
    assert await _fill(
        "Translate this", {"intent": {"type": "string"}, "age": {"type": "integer"}}, ["intent"]
    ) == {"intent": "translate"}
