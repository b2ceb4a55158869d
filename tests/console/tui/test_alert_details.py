"""Facts about the details of an alert: who mutes it, until when and why."""

import pytest

from tests.console.tui.driving import see
from tests.console.tui.fixed_world import fixed_console


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CacheCold", "silence 3f2a9c11 by ana until "),
        ("QueueLong", "window 1 by ana until "),
    ],
)
async def test_the_details_name_who_mutes_an_alert_until_when_and_why(name: str, words: str) -> None:
    async with fixed_console((120, 35)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("slash", *name, "enter", "d")
        text = await see(pilot, words)
        why = {"CacheCold": "known", "QueueLong": "Exchange of a disk"}[name]
        assert any(words in line and "left)" in line and why in line for line in text.split("\n"))
        assert "LABELS" in text
