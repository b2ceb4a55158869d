"""Facts about what unsettles the clause of a cue, and what it leaves."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    "prompt",
    [
        "I want the navy sofa rather than the grey one.",
        "I want the navy sofa instead of the grey one.",
        "I want the navy sofa because the grey one doesn't fit.",
    ],
)
def test_what_stands_before_an_alternative_or_a_reason_holds(prompt: str) -> None:
    assert texts_filled(prompt, "color") == {"color": "navy"}


def test_half_past_is_no_past() -> None:
    prompt = "Book us a table at Trattoria Lucia at half past seven."
    assert texts_filled(prompt, "restaurant") == {"restaurant": "Trattoria Lucia"}
