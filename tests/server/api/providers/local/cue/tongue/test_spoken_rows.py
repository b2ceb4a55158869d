"""Facts about things with their numbers, in enumerations and in orders."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled, filled_one

ROWS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "amount": {"type": "number"}, "unit": {"type": "string"}},
    },
}


@pytest.mark.parametrize(
    ("prompt", "rows"),
    [
        (
            "Per il dolce servono 500 g di ricotta e 4 uova.",
            [{"name": "ricotta", "amount": 500, "unit": "g"}, {"name": "uova", "amount": 4}],
        ),
        (
            "材料は牛乳200ml、砂糖60g、卵2個。",
            [
                {"name": "牛乳", "amount": 200, "unit": "ml"},
                {"name": "砂糖", "amount": 60, "unit": "g"},
                {"name": "卵", "amount": 2, "unit": "個"},
            ],
        ),
        (
            "आज 2 किलो आलू और 1 किलो प्याज भेज दीजिए।",
            [{"name": "आलू", "amount": 2, "unit": "किलो"}, {"name": "प्याज", "amount": 1, "unit": "किलो"}],
        ),
    ],
)
def test_things_stand_with_their_numbers(prompt: str, rows: list[dict[str, Any]]) -> None:
    assert filled_one(prompt, "ingredients", ROWS) == rows


@pytest.mark.parametrize(
    "prompt",
    [
        "Czy macie 2 krzesła i 1 stół?",
        "Statt 2 Stühlen und 1 Tisch kam nur ein Karton.",
        "Livraison : 8 rue des Lilas, 69003 Lyon.",
    ],
)
def test_what_is_asked_denied_or_an_address_is_no_row(prompt: str) -> None:
    assert filled_one(prompt, "ingredients", ROWS) is None


@pytest.mark.parametrize(
    ("prompt", "product", "quantity"),
    [
        ("ピザを2枚注文したいです。", "ピザ", 2),
        ("커피 세 잔 주세요.", "커피", 3),
        ("मुझे दो शर्ट चाहिए।", "शर्ट", 2),
        ("Quiero 3 camisetas azules, por favor.", "camisetas azules", 3),
    ],
)
def test_the_one_thing_that_is_ordered_is_the_product(prompt: str, product: str, quantity: int) -> None:
    assert filled(prompt, {"product": "string", "quantity": "integer"}) == {
        "product": product,
        "quantity": quantity,
    }
