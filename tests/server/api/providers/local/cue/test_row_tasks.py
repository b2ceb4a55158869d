"""What each of several persons is to do."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand


def _tasks(prompt: str) -> Any:
    members = {
        "owner": {"type": "string"},
        "task": {"type": "string"},
        "due": {"type": "string", "format": "date"},
    }
    items = {"type": "array", "items": {"type": "object", "properties": members}}
    return fill({"type": "object", "properties": {"action_items": items}}, prompt, understand(prompt)).get(
        "action_items"
    )


def test_who_does_what_has_its_day() -> None:
    found = _tasks("Hanna will mail the draft by 3 June 2025. Peter fixes the printer by 9 June 2025.")
    assert found == [
        {"owner": "Hanna", "task": "mail the draft", "due": "2025-06-03"},
        {"owner": "Peter", "task": "fix the printer", "due": "2025-06-09"},
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "Maybe Hanna will mail the draft by 3 June 2025.",
        "Hanna won't mail the draft by 3 June 2025.",
        "Hanna likes the draft. Peter lives in Rome.",
    ],
)
def test_what_nobody_is_to_do_is_no_task(prompt: str) -> None:
    assert _tasks(prompt) is None
