"""Facts about pairs of a key and a value."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "name", "kind", "value"),
    [
        ("Deploy to staging with LOG_LEVEL=debug, PORT=8080 and REGION=eu-west-1.", "env", "string", {"LOG_LEVEL": "debug", "PORT": "8080", "REGION": "eu-west-1"}),
        ("Final quiz scores: Lena 18, Omar 22, Jules 15.", "scores", "integer", {"Lena": 18, "Omar": 22, "Jules": 15}),
        ("The Boston store sold 412 units, the Denver store sold 287 and the Austin store sold 350.", "units_by_store", "integer", {"Boston": 412, "Denver": 287, "Austin": 350}),
        ("Quiz scores: perhaps Lena 18, Omar 22.", "scores", "integer", None),
        ("Lena is 18, Omar is away.", "scores", "integer", None),
    ],
)  # fmt: skip
def test_pairs_are_told_one_beside_the_other(
    prompt: str, name: str, kind: str, value: dict[str, Any] | None
) -> None:
    assert filled_one(prompt, name, {"type": "object", "additionalProperties": {"type": kind}}) == value
