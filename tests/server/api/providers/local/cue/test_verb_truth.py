"""Facts about wordings of truths that are made of a property's own name."""

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("The crate can't be tilted.", "tiltable", False),
        ("The parcel can be tracked online.", "trackable", True),
        ("They don't ship abroad.", "ships", False),
        ("The cottage doesn't allow dogs or cats.", "catsAllowed", False),
        ("Dogs are welcome, cats aren't.", "cats_allowed", False),
        ("Debug logging off.", "debug", False),
        ("Telemetry must be off.", "telemetry_enabled", False),
        ("I won't be attending.", "attending", False),
        ("It is suitable for vegans.", "vegan", True),
        ("The ticket can be refunded only until Monday.", "refundable", None),
        ("If they deliver, order two.", "delivers", None),
        ("My wife says she's attending.", "attending", None),
        ("Verbose mode was on last week.", "verbose", None),
        ("We don't deliver on Sundays.", "delivers", None),
    ],
)
def test_a_name_tells_how_it_is_said(prompt: str, name: str, expected: bool | None) -> None:
    assert filled_one(prompt, name, {"type": "boolean"}) is expected
