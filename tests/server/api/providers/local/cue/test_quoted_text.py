"""Words in quotation marks that are asked for."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ('Flowers for Ruth with the note: "Get well soon, we miss you!"', "message", "Get well soon, we miss you!"),
        ('Translate into Italian: "Where is the station?"', "text", "Where is the station?"),
        ('The build fails with "module not found" since noon.', "error_message", "module not found"),
    ],
)  # fmt: skip
def test_a_quotation_is_what_the_words_before_it_say(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name)[name] == value


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ('The message should not be "Happy birthday".', "message"),
        ('For example the message "Happy birthday".', "message"),
        ('My last message was "Call me". What now?', "message"),
        ('The note says "yes" and the card says "no".', "message"),
    ],
)
def test_a_quotation_that_is_denied_or_one_of_two_is_none(prompt: str, name: str) -> None:
    assert name not in texts_filled(prompt, name)
