"""Facts about choices that a prompt words in another language than the property."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled_one

STATUS: dict[str, Any] = {"type": "string", "enum": ["confirmed", "cancelled", "shipped"]}


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("订单A2291已取消。", "cancelled"),
        ("Zamówienie nr 5521 zostało anulowane.", "cancelled"),
        ("Заказ № 9912 отправлен.", "shipped"),
        ("Rezervace je potvrzena.", "confirmed"),
    ],
)
def test_a_value_is_known_by_its_word_in_another_language(prompt: str, value: str) -> None:
    assert filled_one(prompt, "status", STATUS) == value


@pytest.mark.parametrize(
    "prompt", ["订单还没有取消。", "Заказ ещё не отправлен.", "Confirmed cases rose to 300."]
)
def test_a_value_that_is_denied_is_none(prompt: str) -> None:
    assert filled_one(prompt, "status", STATUS) is None
