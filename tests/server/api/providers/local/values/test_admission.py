"""Facts about what is looked at once more: numbers of things, what is switched off, days of another invoice, births of another person."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand
from tests.server.api.providers.local.cue.filled import filled, filled_one

_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "birth_date": {"type": "string", "format": "date"}},
}


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("Document: framework agreement FA-77", "document_id", "FA-77"),
        ("Document: framework agreement", "document_id", None),
        ("Project: new website", "project_id", None),
        ("SPZ: 4B7 2291", "spz", "4B7 2291"),
        ("Serial number: 77 A9 004", "serial_number", "77 A9 004"),
        ("Component: reporting. Priority high.", "component", "reporting"),
        ("Partner: geen", "partner", None),
        ("Partner: no", "partner", None),
        ("Your order 77 is late. Order 76 has arrived.", "order_id", None),
    ],
)
def test_a_number_is_whole_and_without_the_words_around_it(
    prompt: str, name: str, expected: str | None
) -> None:
    assert filled_one(prompt, name, {"type": "string"}) == expected


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("Auto-renewal is disabled.", "auto_renew", False),
        ("We opted out of auto-renewal.", "auto_renew", False),
        ("Auto-renewal is enabled.", "auto_renew", True),
        ("Is auto-renewal disabled?", "auto_renew", None),
        ("Auto-renewal is not disabled.", "auto_renew", None),
        ("If auto-renewal is disabled, tell me.", "auto_renew", None),
        ("Practically paid off.", "paid", None),
        ("I opted out of the newsletter.", "newsletter", False),
        ("Turn off dark mode.", "dark_mode", False),
    ],
)
def test_what_is_switched_off_is_not_so(prompt: str, name: str, expected: bool | None) -> None:
    assert filled_one(prompt, name, {"type": "boolean"}) is expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Invoice 11 is open. Invoice 10 was paid on 2 April 2025.", None),
        ("The previous invoice was paid on 2 April 2025.", None),
        ("Invoice 10 was paid on 2 April 2025.", "2025-04-02"),
    ],
)
def test_a_day_is_not_that_of_another_invoice(prompt: str, expected: str | None) -> None:
    assert filled_one(prompt, "paid_on", {"type": "string", "format": "date"}) == expected


def test_the_birth_of_a_child_is_not_its_mothers() -> None:
    prompt = "I'd like to register my son Elias, born 17 April 2016. I'm his mother, Katrin Bergmann."
    schema = {"type": "object", "properties": {"guardian": _PERSON}}
    assert "birth_date" not in fill(schema, prompt, understand(prompt)).get("guardian", {})


def test_a_label_of_a_group_is_nobodys_task() -> None:
    items = {"type": "object", "properties": {name: {"type": "string"} for name in ("owner", "task", "due")}}
    schema: dict[str, Any] = {"type": "object", "properties": {"items": {"type": "array", "items": items}}}
    prompt = "Present: Sofia, Ben\nSofia: book the band by 4 June 2025\nBen: write the minutes"
    assert fill(schema, prompt, understand(prompt))["items"] == [
        {"owner": "Sofia", "task": "book the band", "due": "4 June 2025"},
        {"owner": "Ben", "task": "write the minutes"},
    ]


def test_a_sentence_behind_a_label_that_asks_for_a_text_is_part_of_it() -> None:
    assert filled("Notes: Leave it at the door. Ring twice.", {"notes": "string"}) == {
        "notes": "Leave it at the door. Ring twice"
    }


@pytest.mark.parametrize(
    "prompt",
    [
        "I can't turn off notifications.",
        "The notifications were disabled by mistake, please turn them on.",
        "Notifications can be disabled.",
        "How do I turn off notifications?",
    ],
)
def test_what_somebody_would_switch_off_is_not_off(prompt: str) -> None:
    assert filled_one(prompt, "notifications", {"type": "boolean"}) is None
