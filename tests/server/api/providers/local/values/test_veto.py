"""Facts about values that their own sentences take away again, and what they leave."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "name", "kind", "expected"),
    [
        ("Somebody else rated it 2 out of 5.", "rating", "integer", None),
        ("Rotten Tomatoes scores it 4 out of 5.", "rating", "integer", None),
        ("I rate this kettle 2 out of 5.", "rating", "integer", 2),
        ("The museum is 6 km from the harbour.", "distance_km", "number", None),
        ("I ran 7 km today.", "distance_km", "number", 7),
        ("Our catering budget is £800.", "total_budget", "number", None),
        ("Our total budget is £800.", "total_budget", "number", 800),
        ("Its predecessor, the Nivo 5, weighed 196 g.", "weight_g", "number", None),
        ("It weighs 188 g.", "weight_g", "number", 188),
        ("Ring me back if it is urgent.", "callback_requested", "boolean", None),
        ("Please call me back.", "callback_requested", "boolean", True),
        ("Email the supplier at sales@acme.example.", "email", "string", None),
    ],
)
def test_a_value_is_gone_where_its_sentence_takes_it_away(
    prompt: str, name: str, kind: str, expected: Any
) -> None:
    assert filled_one(prompt, name, {"type": kind}) == expected


@pytest.mark.parametrize(
    ("prompt", "name", "listed", "expected"),
    [
        ("A brand-new camera costs 900, mine is for sale.", "condition", ["new", "used"], None),
        ("Selling brand-new headphones, still sealed.", "condition", ["new", "used"], "new"),
        ("Someone from the sales team is sick.", "absence_type", ["sick", "vacation"], None),
        ("I am sick of waiting.", "absence_type", ["sick", "vacation"], None),
        ("I'm sick today.", "absence_type", ["sick", "vacation"], "sick"),
        ("Can I pay by card?", "payment_method", ["card", "cash"], None),
        ("Do you accept cash?", "payment_method", ["card", "cash"], None),
        ("I paid by card.", "payment_method", ["card", "cash"], "card"),
    ],
)
def test_a_choice_is_gone_where_its_sentence_takes_it_away(
    prompt: str, name: str, listed: list[str], expected: str | None
) -> None:
    assert filled_one(prompt, name, {"enum": listed}) == expected
