"""Texts that are told are whole and their own: no rest of a label, no case ending, nobody's signature, nothing that is left out."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_TEXT = {"type": "string"}
_ROWS = {
    "type": "array",
    "items": {"type": "object", "properties": {"item": _TEXT, "price": {"type": "number"}}},
}


def _filled(prompt: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return fill(schema, prompt, understand(prompt))


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Cuma günü saat 14.00'te Dr. Selin Kaya'ya kontrole geleceğim.", "doktor", "Selin Kaya"),
        ("Company: O'Brien's", "company", "O'Brien's"),
        ("We booked room 4 for Tuesday. The room is on the third floor.", "room", "4"),
        ("Ahora soy jefa de compras en Textiles Mora, en Alicante.", "city", "Alicante"),
    ],
)
def test_a_text_is_the_thing_that_it_names(prompt: str, name: str, value: str) -> None:
    assert _filled(prompt, **{name: _TEXT}) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("الاسم: ليلى عبد الرحمن\nالوظيفة المطلوبة: محاسبة", "الوظيفة"),
        ("Lena worked at Saint Brigid Hospital.", "employer"),
        ("For the pancakes whisk 250 g flour, 2 eggs, 400 ml milk.", "dish"),
        ("Tilaan kolme säkkiä koiranruokaa osoitteeseen Mäntytie 7, 33500 Tampere.", "product"),
    ],
)
def test_what_is_no_whole_text_of_the_property_is_left_out(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _TEXT}) == {}


@pytest.mark.parametrize("ending", [" /Karin Berg", "\n\nKind regards,\nKarin Berg", " Best, Karin Berg"])
def test_a_child_does_not_have_the_name_of_who_signs(ending: str) -> None:
    child = {"type": "object", "properties": {"name": _TEXT}}
    found = _filled(f"I'd like to sign up my youngest for football.{ending}", child=child)
    assert found.get("child", {}).get("name") != "Karin Berg"


@pytest.mark.parametrize(
    "rest", ["the helmet we already have.", "We already have the helmet.", "We don't need the helmet."]
)
def test_a_list_of_which_a_thing_is_left_out_elsewhere_is_not_told(rest: str) -> None:
    prompt = f"The bike costs 1,150 euros, the helmet 60. We'll take the bike. {rest}"
    assert "purchased" not in _filled(prompt, purchased=_ROWS)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Dzień dobry, nazywam się Ewa Nowak, piszę w sprawie syna Kuby.", "child_name"),
        ("Je m'appelle Claire Noël, je vous contacte pour ma fille Zoé.", "patient_name"),
        ("My passport number is X1234567, it expired in 2023. The new one is Y7654321.", "passport_number"),
        ("We moved out of 14 Elm Street, Leeds in March.", "city"),
        ("색상은 검정 말고 흰색으로요", "color"),
        ("Das Modell T5 kostet 300 Euro, das T4 250. Ich nehme das T4.", "modell"),
        ("Assignee: whoever is free", "assignee"),
        ("Speaker: ask Lou", "speaker"),
        ("Next meeting: open.", "next_meeting"),
        ("We moved from Graz to Linz.", "seller"),
        (
            "I'm writing on behalf of my mother, Helen Marsh. You can reach me at tom.marsh@example.org.",
            "customer_email",
        ),
    ],
)
def test_what_is_former_refused_open_or_another_persons_is_left_out(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _TEXT}) == {}


@pytest.mark.parametrize(
    "prompt", ["My partner is gluten-free. I eat everything.", "I'm vegetarian. My partner is gluten-free."]
)
def test_what_another_person_is_is_not_the_writers(prompt: str) -> None:
    assert _filled(prompt, gluten_free={"type": "boolean"}) == {}


@pytest.mark.parametrize(
    "prompt",
    [
        "2 koszule białe po 89 zł, spodnie 150 zł",
        "2 košile po 400 Kč, kalhoty 900 Kč",
        "I'm 34 and earn 62k.",
        "²³ x",
    ],
)
def test_rows_whose_things_are_none_are_no_list(prompt: str) -> None:
    rows = {**_ROWS["items"]["properties"], "quantity": {"type": "integer"}}  # type: ignore[index]
    assert _filled(prompt, items={"type": "array", "items": {"type": "object", "properties": rows}}) == {}
