"""Facts about what a prompt writes in a form that machines read too, and how schemas are filled from it."""

from typing import Any

import pytest

from server.api.errors import ApiError
from server.api.providers.embedded import EmbeddedProvider
from server.api.providers.local.structure.json_text import json_in
from server.api.providers.local.structure.labelled_clause import labelled_clauses, with_colons
from server.api.providers.local.structure.postal_address import addresses_in, is_address
from server.api.providers.local.structure.signature import signed_by
from server.api.providers.local.structure.table import records_in
from server.api.providers.provider import Question
from server.api.schema import trusted_schema

_TEXT = {"type": "string"}
_INT = {"type": "integer"}
_NUMBER = {"type": "number"}
_BOOL = {"type": "boolean"}


def _list_of(**properties: Any) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {"type": "object", "properties": properties, "required": list(properties)},
    }


async def _fill(prompt: str, properties: dict[str, Any]) -> dict[str, Any]:
    definition = {"type": "object", "properties": properties}
    question = Question(prompt=prompt, schema=trusted_schema(definition), temperature=None, max_tokens=100)
    try:
        return (await EmbeddedProvider().ask(question, 5.0)).data
    except ApiError as error:
        assert error.type == "schema_not_fillable"
        return {}


_PEOPLE = [{"name": "Alice", "age": 31}, {"name": "Bob", "age": 27}]


@pytest.mark.parametrize(
    "prompt",
    [
        "name,age,city\nAlice,31,Leeds\nBob,27,York",
        "| Name | Age |\n|---|---|\n| Alice | 31 |\n| Bob | 27 |",
        "Name\tAge\nAlice\t31\nBob\t27",
        "Name      Age\nAlice     31\nBob       27",
        "- name: Alice, age: 31\n- name: Bob, age: 27",
        "people:\n- name: Alice\n  age: 31\n- name: Bob\n  age: 27",
        "name: Alice, age: 31; name: Bob, age: 27",
        'Here they are: [{"name": "Alice", "age": 31}, {"name": "Bob", "age": 27}]',
        '{"people": [{"name": "Alice", "age": 31}, {"name": "Bob", "age": 27}]}',
    ],
)
async def test_records_are_read_in_whichever_form_they_are_written(prompt: str) -> None:
    assert await _fill(prompt, {"people": _list_of(name=_TEXT, age=_INT)}) == {"people": _PEOPLE}


async def test_a_table_is_read_by_the_heads_of_its_columns() -> None:
    prompt = "| SKU | Product | In stock |\n|---|---|---|\n| KB-01 | Keyboard | yes |\n| MS-02 | Mouse | no |"
    found = await _fill(prompt, {"rows": _list_of(sku=_TEXT, product=_TEXT, in_stock=_BOOL)})
    assert found == {
        "rows": [
            {"sku": "KB-01", "product": "Keyboard", "in_stock": True},
            {"sku": "MS-02", "product": "Mouse", "in_stock": False},
        ]
    }


@pytest.mark.parametrize(
    "prompt",
    [
        "| SKU | Product |\n|---|---|\n| KB-01 |  |",
        "sku,product\nKB-01",
        "Sku and product, please.\nKB-01, Keyboard",
    ],
)
async def test_a_row_without_what_is_required_makes_no_list(prompt: str) -> None:
    assert await _fill(prompt, {"rows": _list_of(sku=_TEXT, product=_TEXT)}) == {}


def test_lines_without_a_head_are_no_table() -> None:
    assert records_in("We met at 9, at 10, and at 11.\nNothing came of it.") == []


async def test_json_is_read_by_its_members_and_types() -> None:
    prompt = '{"user": "mkaya", "plan": "pro", "seats": 12, "trial": false, "note": 5} - convert this record'
    schema = {"user": _TEXT, "plan": {"enum": ["free", "pro"]}, "seats": _INT, "trial": _BOOL, "note": _TEXT}
    assert await _fill(prompt, schema) == {"user": "mkaya", "plan": "pro", "seats": 12, "trial": False}


@pytest.mark.parametrize(
    "text",
    [
        'Answer in this format: {"name": "string"}',
        'Return {"name": "Bob"}',
        '{"a": 1} and {"b": 2}',
        '{"a": 1',
        "[" * 9_000,
    ],
)
def test_json_that_shows_a_form_or_is_none_says_nothing(text: str) -> None:
    assert json_in(text) is None


async def test_rows_below_a_heading_are_that_list_and_no_other() -> None:
    prompt = "Decisions:\n- Launch in May\n- Hire two people\nIngredients:\n- 225 g butter\n- 4 eggs"
    schema = {
        "decisions": {"type": "array", "items": _TEXT},
        "ingredients": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": _TEXT, "quantity": _NUMBER, "unit": {"type": ["string", "null"]}},
                "required": ["name", "quantity", "unit"],
            },
        },
    }
    assert await _fill(prompt, schema) == {
        "decisions": ["Launch in May", "Hire two people"],
        "ingredients": [
            {"name": "butter", "quantity": 225, "unit": "g"},
            {"name": "eggs", "quantity": 4, "unit": None},
        ],
    }


async def test_names_in_other_alphabets_are_whole() -> None:
    found = await _fill(
        "Участники: Пётр Иванов (директор), Анна Орлова (юрист)",
        {"participants": _list_of(name=_TEXT, position=_TEXT)},
    )
    assert found["participants"] == [
        {"name": "Пётр Иванов", "position": "директор"},
        {"name": "Анна Орлова", "position": "юрист"},
    ]


async def test_tags_are_parted_at_their_marks() -> None:
    assert await _fill("Tags: #travel #budget", {"tags": {"type": "array", "items": _TEXT}}) == {
        "tags": ["travel", "budget"]
    }


@pytest.mark.parametrize(
    ("prompt", "member", "found"),
    [
        ("Results: math 87, physics 91", _INT, {"math": 87, "physics": 91}),
        ("Results:\nmath=87\nphysics=91", _INT, {"math": 87, "physics": 91}),
        ("Results:\n- math: 87\n- physics: 91", _INT, {"math": 87, "physics": 91}),
        ("Results: apples: $3, pears: $5", _NUMBER, {"apples": 3, "pears": 5}),
        ("Results: Mon - Karl, Tue - Ines", _TEXT, {"Mon": "Karl", "Tue": "Ines"}),
        ("Results: math 87, physics was fine", _INT, None),
        ("Results: math 87, math 91", _INT, None),
    ],
)
async def test_maps_are_read_from_pairs(
    prompt: str, member: dict[str, Any], found: dict[str, Any] | None
) -> None:
    filled = await _fill(prompt, {"results": {"type": "object", "additionalProperties": member}})
    assert filled.get("results") == found


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Loan: applicant Grace Obi, term 36 months.", "Loan: applicant:Grace Obi, term:36 months."),
        ("The applicant waits.", "The applicant waits."),
        ("applicant Grace Obi, and nothing else", "applicant Grace Obi, and nothing else"),
        ("applicant of the year, term of office", "applicant of the year, term of office"),
        ("term 12 or 24 months, applicant Grace Obi", "term 12 or 24 months, applicant Grace Obi"),
        ("term 12 months, term 24 months", "term 12 months, term 24 months"),
    ],
)
def test_two_labelled_clauses_make_a_list_of_labelled_values(text: str, read: str) -> None:
    assert with_colons(text, labelled_clauses(text, ["applicant", "term"])) == read


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "to 48 Orchard Lane, Apt 5B, Portland, OR 97205.",
            {"s": "48 Orchard Lane, Apt 5B", "c": "Portland", "t": "OR", "p": "97205"},
        ),
        (
            "Ich wohne in der Lindenstraße 12, 04109 Leipzig.",
            {"s": "Lindenstraße 12", "p": "04109", "c": "Leipzig"},
        ),
        ("Kerkstraat 45, 1017 GC Amsterdam. Nu", {"s": "Kerkstraat 45", "p": "1017 GC", "c": "Amsterdam"}),
        (
            "12 rue de la Paix, 75002 Paris, France",
            {"s": "12 rue de la Paix", "p": "75002", "c": "Paris", "n": "France"},
        ),
        ("10 High Street, London SW1A 1AA", {"s": "10 High Street", "c": "London", "p": "SW1A 1AA"}),
    ],
)
def test_an_address_is_read_in_its_parts(text: str, parts: dict[str, str]) -> None:
    assert [address.parts for address in addresses_in(text)] == [parts]


async def test_each_address_is_its_own_partys() -> None:
    party = {"type": "object", "properties": {"street": _TEXT, "postal_code": _TEXT, "city": _TEXT}}
    found = await _fill(
        "Absender: Hauptstr. 5, 50667 Köln. Empfänger: Bergweg 8, 80331 München.",
        {"sender": party, "recipient": party},
    )
    assert found == {
        "sender": {"street": "Hauptstr. 5", "postal_code": "50667", "city": "Köln"},
        "recipient": {"street": "Bergweg 8", "postal_code": "80331", "city": "München"},
    }


async def test_of_two_addresses_none_is_the_address() -> None:
    prompt = "From Hauptstr. 5, 50667 Köln to Bergweg 8, 80331 München."
    address = {"type": "object", "properties": {"street": _TEXT, "zip": _TEXT}}
    assert await _fill(prompt, {"home": address}) == {}


def test_what_has_only_a_city_is_no_address() -> None:
    assert not is_address(["city", "country"])
    assert is_address(["strasse", "plz", "ort"])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("It is broken.\n\nKind regards,\nFelix Brandt", "Felix Brandt"),
        ("It is broken. Kind regards, Felix Brandt", "Felix Brandt"),
        ("Es ist kaputt.\nMit freundlichen Grüßen\nSabine Krüger\nKrüger GmbH", "Sabine Krüger"),
        ("Thanks, that is all.", None),
        ("Say thanks to Felix Brandt", None),
        ("Regards to all,\n2024", None),
    ],
)
def test_a_letter_is_signed_by_the_name_behind_its_greeting(text: str, name: str | None) -> None:
    assert signed_by(text) == name


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("The migration is not complete yet.", False),
        ("The migration is complete.", True),
        ("No migration is complete.", False),
        ("Is the migration complete?", None),
        ("The migration is complete on Sundays.", None),
        ("One migration is complete.", None),
    ],
)
async def test_what_is_said_of_the_noun_of_a_name_is_its_truth(prompt: str, said: bool | None) -> None:
    assert (await _fill(prompt, {"migration_complete": _BOOL})).get("migration_complete") is said


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("My order is #A-77120, thanks.", "A-77120"),
        ("It is A-77120 or A-77121.", None),
        ("It is not A-77120.", None),
        ("It is 77120.", None),
    ],
)
async def test_the_one_word_that_a_callers_pattern_describes_is_the_value(
    prompt: str, code: str | None
) -> None:
    schema = {"code": {"type": "string", "pattern": r"^[A-Z]-\d{5}$"}}
    assert (await _fill(prompt, schema)).get("code") == code


@pytest.mark.parametrize(
    ("prompt", "written"),
    [
        ("Break: PT10M.", "PT10M"),
        ("break: 10 minutes", "PT10M"),
        ("break: short", None),
    ],
)
async def test_durations_are_written_as_the_format_asks(prompt: str, written: str | None) -> None:
    found = await _fill(prompt, {"break": {"type": "string", "format": "duration"}})
    assert found.get("break") == written


@pytest.mark.parametrize(
    ("prompt", "day"),
    [
        ("Date : 04/03/2025\nClient : Boulangerie Moreau", "2025-03-04"),
        ("Date: 04/03/2025", None),
    ],
)
async def test_languages_that_write_the_day_first_say_which_it_is(prompt: str, day: str | None) -> None:
    found = await _fill(prompt, {"date": {"type": "string", "format": "date"}})
    assert found.get("date") == day


async def test_a_form_with_labels_that_nobody_knows_is_no_talk() -> None:
    prompt = "Naam: Joris Mulder\nLievelingsdier: otter\nSchoenmaat: 43\nBeroep: timmerman"
    assert await _fill(prompt, {"name": _TEXT, "occupation": _TEXT}) == {
        "name": "Joris Mulder",
        "occupation": "timmerman",
    }


async def test_what_speakers_say_in_turn_is_talk() -> None:
    prompt = "Mia: The total is 40 EUR, I think we paid it.\nBen: No, it was more than that."
    assert await _fill(prompt, {"total": _NUMBER}) == {}


async def test_values_assigned_in_a_line_are_its_keys() -> None:
    prompt = 'level=error ts=2025-05-11T22:14:03Z host=10.2.0.9 msg="refused" attempt=3'
    schema = {
        "level": {"enum": ["info", "error"]},
        "ts": {"type": "string", "format": "date-time"},
        "host": {"type": "string", "format": "ipv4"},
        "attempt": _INT,
    }
    assert await _fill(prompt, schema) == {
        "level": "error",
        "ts": "2025-05-11T22:14:03Z",
        "host": "10.2.0.9",
        "attempt": 3,
    }


@pytest.mark.parametrize(
    ("prompt", "rows"),
    [
        ("2 lamps at $40 and 1 desk at $90", [("lamps", 2, 40), ("desk", 1, 90)]),
        ("Yoga Mat x 2 @ $25.00\nRoller x 1 @ $18.50", [("Yoga Mat", 2, 25), ("Roller", 1, 18.5)]),
        ("Pedido: 2 camisetas a 15,00 €, 1 gorra a 9,50 €.", [("camisetas", 2, 15), ("gorra", 1, 9.5)]),
        (
            "Bestelle 3 Stühle zu je 149,90 € und 1 Tisch zu 329,00 €.",
            [("Stühle", 3, 149.9), ("Tisch", 1, 329)],
        ),
        ("2 lamps for $40 and 1 desk at $90", None),
    ],
)
async def test_things_that_are_counted_with_their_prices_make_rows(
    prompt: str, rows: list[tuple[str, int, float]] | None
) -> None:
    found = await _fill(prompt, {"items": _list_of(name=_TEXT, quantity=_INT, price=_NUMBER)})
    made = [(row["name"], row["quantity"], row["price"]) for row in found.get("items", [])]
    assert made == (rows or [])


async def test_measured_things_make_rows_with_their_units() -> None:
    found = await _fill(
        "Results: hemoglobin 13.8 g/dL, glucose 92 mg/dL",
        {"results": _list_of(test=_TEXT, value=_NUMBER, unit=_TEXT)},
    )
    assert found == {
        "results": [
            {"test": "hemoglobin", "value": 13.8, "unit": "g/dL"},
            {"test": "glucose", "value": 92, "unit": "mg/dL"},
        ]
    }


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("forfallodatum", "Förfallodatum: 2025-04-15"),
        ("faelligkeit", "Fälligkeit: 2025-04-15"),
        ("fecha_limite", "Fecha límite: 2025-04-15"),
    ],
)
async def test_names_without_the_marks_of_their_letters_are_the_same_names(name: str, prompt: str) -> None:
    found = await _fill(prompt, {name: {"type": "string", "format": "date"}})
    assert found == {name: "2025-04-15"}


async def test_a_number_in_groups_is_whole() -> None:
    prompt = "Vehicle: Honda Civic, registration KX19 ZRT"
    assert (await _fill(prompt, {"vehicle": _TEXT, "registration_number": _TEXT}))[
        "registration_number"
    ] == "KX19 ZRT"


@pytest.mark.parametrize(
    ("prompt", "length"),
    [
        ("The package measures 40x30x20 cm.", {"length_cm": 40, "width_cm": 30, "height_cm": 20}),
        ("The package measures 40 x 30 x 20 mm.", {}),
        ("One is 40x30x20 cm, the other 10x10x10 cm.", {}),
        ("The package measures 40x30 cm.", {}),
    ],
)
async def test_three_sides_are_length_width_and_height(prompt: str, length: dict[str, int]) -> None:
    assert await _fill(prompt, {"length_cm": _NUMBER, "width_cm": _NUMBER, "height_cm": _NUMBER}) == length


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("Coordinates: 59.3293, 18.0686", {"latitude": 59.3293, "longitude": 18.0686}),
        ("Coordinates: 59.3293, -118.0686.", {"latitude": 59.3293, "longitude": -118.0686}),
        ("They rose from 59.32, 18.07 to more", {}),
        ("99.3293, 18.0686", {}),
    ],
)
async def test_two_degrees_are_a_place(prompt: str, place: dict[str, float]) -> None:
    assert await _fill(prompt, {"latitude": _NUMBER, "longitude": _NUMBER}) == place


@pytest.mark.parametrize(
    ("prompt", "ends"),
    [
        ("Salary: €75,000 - €90,000 per year.", {"salary_min": 75000, "salary_max": 90000}),
        ("Salary: 75,000 to 90,000 EUR.", {"salary_min": 75000, "salary_max": 90000}),
        ("Salary: €75,000, rent: €90,000.", {}),
        ("Salary: €90,000 - €75,000", {}),
    ],
)
async def test_a_range_has_two_ends(prompt: str, ends: dict[str, int]) -> None:
    assert await _fill(prompt, {"salary_min": _NUMBER, "salary_max": _NUMBER}) == ends


@pytest.mark.parametrize(
    ("prompt", "number"),
    [
        ("Мой заказ №45-118.", "45-118"),
        ("Mi pedido número 88-4521 llegó.", "88-4521"),
        ("My order 2 to 4 days ago", None),
    ],
)
async def test_a_number_of_groups_behind_its_label_is_whole(prompt: str, number: str | None) -> None:
    assert (await _fill(prompt, {"order_number": _TEXT})).get("order_number") == number


async def test_a_name_ends_before_what_stands_in_brackets() -> None:
    prompt = "New vendor, contact Helen Marsh (helen@marsh.example), phone +44 20 7946 0958."
    contact = {"type": "object", "properties": {"name": _TEXT, "phone": _TEXT}}
    assert await _fill(prompt, {"contact": contact}) == {
        "contact": {"name": "Helen Marsh", "phone": "+44 20 7946 0958"}
    }


_LINES = {"type": "object", "properties": {"street": _TEXT, "zip": _TEXT, "city": _TEXT}}


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        (
            "Example:\nname,age\nAlice,31\nBob,27\nNow write a similar table.",
            {"people": _list_of(name=_TEXT, age=_INT)},
        ),
        (
            "Use this template:\n| Name | Age |\n|---|---|\n| John Doe | 30 |",
            {"people": _list_of(name=_TEXT, age=_INT)},
        ),
        (
            "Do not order these:\n- 2 lamps at $4\n- 1 desk at $9",
            {"items": _list_of(name=_TEXT, price=_NUMBER)},
        ),
        ("We no longer sell:\n- Lamp: 4 EUR\n- Desk: 9 EUR", {"items": _list_of(name=_TEXT, price=_NUMBER)}),
        ("If you buy 2 lamps at $40 and 1 desk at $90.", {"items": _list_of(name=_TEXT, price=_NUMBER)}),
        ("Ingredients to avoid:\n- nuts\n- milk", {"ingredients": {"type": "array", "items": _TEXT}}),
        ("Steps we skipped:\n1. Wash\n2. Dry", {"steps": {"type": "array", "items": _TEXT}}),
        ("I moved from Lindenstraße 12, 04109 Leipzig.", {"address": _LINES}),
        ("My neighbour lives at Lindenstraße 12, 04109 Leipzig.", {"address": _LINES}),
        ("Return address: 5 Elm Street, Springfield, IL 62704", {"delivery_address": _LINES}),
        (
            "Bill to: Ann Lee, 5 Elm Street, Springfield, IL 62704\nShip to: same",
            {"shipping_address": _LINES},
        ),
        ("The wrong values were: price 40, quantity 3.", {"price": _NUMBER, "quantity": _INT}),
        ("Previous owner: name Anna Schmidt, city Bergen.", {"name": _TEXT, "city": _TEXT}),
        ("Forget what I said before: color red, size M.", {"color": _TEXT, "size": _TEXT}),
        ("host=db1 or host=db2, port=5 or port=6", {"host": _TEXT, "port": _INT}),
        ('Return JSON like {"name": "Anna", "age": 31}.', {"name": _TEXT, "age": _INT}),
        ('Old record: {"name": "Anna", "age": 31}', {"name": _TEXT, "age": _INT}),
        ("Write a letter that ends with\nKind regards,\nAnna Schmidt", {"sender": _TEXT}),
        ("The old box was 40x30x20 cm.", {"length_cm": _NUMBER, "width_cm": _NUMBER, "height_cm": _NUMBER}),
        ("Not 59.3293, 18.0686.", {"latitude": _NUMBER, "longitude": _NUMBER}),
        (
            "My brother's results: math 87, physics 91",
            {"results": {"type": "object", "additionalProperties": _INT}},
        ),
        (
            "Old price list: apples: 3 EUR, pears: 5 EUR",
            {"prices": {"type": "object", "additionalProperties": _NUMBER}},
        ),
        ("Codes look like A-77120.", {"code": {"type": "string", "pattern": r"^[A-Z]-\d{5}$"}}),
    ],
)
async def test_what_is_introduced_as_another_thing_is_not_taken(
    prompt: str, properties: dict[str, Any]
) -> None:
    assert await _fill(prompt, properties) == {}


async def test_one_address_of_two_roles_is_that_of_its_own() -> None:
    found = await _fill(
        "Bill to: Ann Lee, 5 Elm Street, Springfield, IL 62704",
        {"billing_address": _LINES, "shipping_address": _LINES},
    )
    assert found == {"billing_address": {"street": "5 Elm Street", "zip": "62704", "city": "Springfield"}}


@pytest.mark.parametrize("before", ["", "Extract: ", "Please read this: "])
async def test_pairs_of_two_kinds_are_no_map(before: str) -> None:
    schema = {"shifts": {"type": "object", "additionalProperties": _TEXT}}
    found = await _fill(before + "Shift plan: Mon - Karl, Tue - Ines", schema)
    assert found.get("shifts", {"Mon": "Karl", "Tue": "Ines"}) == {"Mon": "Karl", "Tue": "Ines"}


async def test_who_signs_a_letter_about_somebody_else_is_no_customer() -> None:
    prompt = "The parcel is from Anna Weber.\n\nThanks,\nBob Stone"
    assert await _fill(prompt, {"customer": _TEXT}) == {}
