"""Facts about what a writer feels."""

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("Absolutely loved this blender! It's easy to clean.", "positive"),
        ("The mug arrived late and I'm very disappointed.", "negative"),
        ("Great food, but the service was terrible.", None),
        ("I was not disappointed.", None),
        ("Most reviewers hated the film, I thought it was great.", None),
        ("The box is blue.", None),
    ],
)
def test_a_sentiment_is_what_all_words_of_feeling_say(prompt: str, value: str | None) -> None:
    schema = {"type": "string", "enum": ["positive", "neutral", "negative"]}
    assert filled_one(prompt, "sentiment", schema) == value
