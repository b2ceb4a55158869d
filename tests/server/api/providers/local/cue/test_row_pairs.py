"""Facts about pairs of a thing and a figure."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "figure", "rows"),
    [
        ("The children are Lena (7) and Max (4).", "age", [{"name": "Lena", "age": 7}, {"name": "Max", "age": 4}]),
        ("Menu: tomato soup for $5 and green salad for $7.", "price", [{"name": "tomato soup", "price": 5}, {"name": "green salad", "price": 7}]),
        ("Menu: perhaps tomato soup for $5, or green salad for $7.", "price", None),
    ],
)  # fmt: skip
def test_pairs_are_rows(prompt: str, figure: str, rows: list[dict[str, Any]] | None) -> None:
    items = {"type": "object", "properties": {"name": {"type": "string"}, figure: {"type": "integer"}}}
    assert filled_one(prompt, "people", {"type": "array", "items": items}) == rows
