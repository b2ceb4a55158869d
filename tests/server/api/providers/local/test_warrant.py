"""Facts about values without a label of their own: what is not understood around them warrants nothing."""

from typing import Any

import pytest

from server.api.providers.local.evidence.warrant import covered
from server.api.providers.local.fill import fill
from server.api.providers.local.mention import Mention
from server.api.providers.local.understand import understand

_NUMBER = {"type": "number"}
_INTEGER = {"type": "integer"}
_TEXT = {"type": "string"}
_TRUTH = {"type": "boolean"}
_DATE = {"type": "string", "format": "date"}
_EMAIL = {"type": "string", "format": "email"}
_COLOR = {"enum": ["red", "blue"]}
_SIZE = {"enum": ["small", "large"]}


def _filled(prompt: str, **properties: Any) -> dict[str, Any]:
    return fill({"type": "object", "properties": properties}, prompt, understand(prompt))


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Parking costs 10 EUR.", "price"),
        ("Breakfast costs 9 EUR.", "price"),
        ("Der Parkplatz kostet 8 Euro.", "preis"),
        ("El desayuno cuesta 9 euros.", "precio"),
        ("Il parcheggio costa 5 euro all'ora.", "prezzo"),
        ("Het ontbijt kost 12 euro.", "prijs"),
        ("Парковка стоит 300 рублей.", "цена"),
        ("駐車場は500円です。", "価格"),
        ("停车费是20元。", "价格"),
        ("The phone costs 20 EUR a month.", "price"),
        ("A table for 4 costs 20 EUR.", "table_price"),
        ("The hotel charges 15 EUR for the bike.", "hotel_price"),
        ("The bag comes with a 40 EUR watch.", "bag_price"),
        ("The tour costs 30 EUR for adults.", "price"),
        ("I have 40 EUR.", "amount"),
        ("I want to pay 40 EUR.", "price"),
        ("I need a lamp for 40 EUR.", "total"),
        ("The order without the lamp is 80 EUR.", "total"),
        ("Delivery costs 5 EUR.", "amount"),
    ],
)
def test_an_amount_of_something_else_is_none(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _NUMBER}) == {}


@pytest.mark.parametrize(
    ("prompt", "name", "amount"),
    [
        ("The lamp costs 40 EUR.", "price", 40),
        ("It costs 30 USD.", "price", 30),
        ("I paid 60 EUR for the ticket.", "amount", 60),
        ("In total we paid 96 EUR.", "total", 96),
        ("Мы заплатили 2500 рублей.", "amount", 2500),
        ("价格是200元。", "价格", 200),
        ("가격은 5,000원입니다.", "가격", 5000),
    ],
)
def test_an_amount_that_is_told_as_such_is_found(prompt: str, name: str, amount: float) -> None:
    assert _filled(prompt, **{name: _NUMBER}) == {name: amount}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The pool is open for 6 hours.", "duration_hours"),
        ("The train runs for 2 hours a day.", "duration_hours"),
        ("The truck can carry 800 kg.", "weight_kg"),
        ("The guarantee covers 24 months.", "duration_months"),
    ],
)
def test_a_measure_needs_the_verb_that_tells_it_and_what_may_have_it(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _INTEGER}) == {}


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("The workshop lasts 3 hours.", "duration_hours", 3),
        ("A meeting of 45 minutes", "duration_minutes", 45),
        ("The parcel weighs 4 kg.", "weight_kg", 4),
    ],
)
def test_a_measure_that_is_told_is_found(prompt: str, name: str, value: int) -> None:
    assert _filled(prompt, **{name: _INTEGER}) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("The house has a large garden.", {"size": _SIZE}),
        ("I have a large order.", {"size": _SIZE}),
        ("I have a red car and want to order a bag.", {"color": _COLOR}),
        ("I want a bag, my car is red.", {"color": _COLOR}),
        ("She speaks German and I do not.", {"language": {"enum": ["german", "english"]}}),
        ("The shop is closed.", {"status": {"enum": ["open", "closed"]}}),
        ("A minor child was in the car.", {"severity": {"enum": ["minor", "critical"]}}),
        ("For 90 EUR more you get the large room.", {"room_size": _SIZE}),
        ("Good evening, I want an appointment.", {"time_of_day": {"enum": ["morning", "evening"]}}),
        ("The active user count is 300.", {"user": {"enum": ["active", "inactive"]}}),
        ("I am here on business.", {"travel_class": {"enum": ["economy", "business"]}}),
    ],
)
def test_a_listed_value_of_something_else_is_none(prompt: str, properties: dict[str, Any]) -> None:
    assert _filled(prompt, **properties) == {}


def test_a_listed_value_of_what_is_asked_for_is_found() -> None:
    assert _filled("I would like a red shirt.", color=_COLOR) == {"color": "red"}
    closed = {"enum": ["open", "closed"]}
    assert _filled("The ticket is closed.", status=closed) == {"status": "closed"}
    paid = {"enum": ["card", "cash"]}
    assert _filled("I'd like to pay by card.", payment_method=paid) == {"payment_method": "card"}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Members have a discount.", "discount"),
        ("The flat of the customer has a garden.", "garden"),
        ("I paid for the lamp, not for the desk.", "paid"),
        ("The neighbours have a garden.", "garden"),
    ],
)
def test_what_is_so_of_something_else_is_no_truth(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _TRUTH}) == {}


@pytest.mark.parametrize(
    ("prompt", "name", "said"),
    [
        ("Breakfast is included.", "breakfast_included", True),
        ("Breakfast is not included.", "breakfast_included", False),
        ("Pets are allowed.", "pets_allowed", True),
        ("Pets are not allowed.", "pets_allowed", False),
    ],
)
def test_a_thing_and_what_is_so_of_it_are_found_apart(prompt: str, name: str, said: bool) -> None:
    assert _filled(prompt, **{name: _TRUTH}) == {name: said}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The 2nd floor has 6 offices.", "offices"),
        ("Last year we had 30 employees.", "employees"),
        ("In 2019 we had 12 shops.", "shops"),
        ("The box for 6 bottles is on order.", "bottles"),
        ("The table seats 6 people.", "people"),
        ("We have 5 desks and need 2.", "desks"),
        ("I have 2 tickets and need 3 more.", "tickets"),
        ("The 2 rooms have 3 beds.", "beds"),
        ("We sell 5 lamps a day.", "lamps"),
        ("He is number 7 in the team.", "number"),
        ("We ordered 5 lamps and returned 2 lamps.", "lamps"),
    ],
)
def test_a_figure_of_something_else_is_no_count(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _INTEGER}) == {}


def test_how_many_are_ordered_is_a_quantity() -> None:
    assert _filled("I want to order 4 lamps.", quantity=_INTEGER) == {"quantity": 4}
    assert _filled("I have 4 lamps.", quantity=_INTEGER) == {}
    assert _filled("I want to order a lamp for 4 desks.", quantity=_INTEGER) == {}
    assert _filled("I want to order 4 lamps and 2 desks.", quantity=_INTEGER) == {}


def test_the_stars_of_a_hotel_are_no_rating_and_those_that_are_given_are() -> None:
    assert _filled("The hotel has 4 stars.", rating=_INTEGER) == {}
    assert _filled("I give it 4 out of 5 stars.", rating=_INTEGER) == {"rating": 4}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("I received the invoice on 3 May 2026.", "invoice_date"),
        ("Ich habe die Rechnung am 3. Mai 2026 erhalten.", "rechnungsdatum"),
        ("The invoice for the trip on 3 May 2026 is open.", "invoice_date"),
        ("The course was booked on 3 May 2026.", "course_date"),
        ("The contract was signed on 3 May 2026.", "contract_start"),
    ],
)
def test_the_day_of_something_else_is_no_day(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _DATE}) == {}


def test_a_day_that_is_told_is_found() -> None:
    assert _filled("Order A-77 was placed on 2 May 2026.", order_date=_DATE) == {"order_date": "2026-05-02"}
    stay = _filled("We need 3 rooms from 2 June 2026 to 5 June 2026.", check_in=_DATE, check_out=_DATE)
    assert stay == {"check_in": "2026-06-02", "check_out": "2026-06-05"}
    assert _filled("The letter from 2 June 2026 is here.", check_in=_DATE) == {}


def test_of_several_days_none_is_the_day_by_a_word_that_is_not_its_name() -> None:
    prompt = "On 2 May 2026 I received the letter dated 28 April 2026."
    assert _filled(prompt, date=_DATE) == {}


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("Support: help@orbit.example", {"email": _EMAIL}),
        ("Call the hotline +49 800 1112223.", {"phone": _TEXT}),
        ("Send the invoice to Orbit AG.", {"company": _TEXT}),
        ("I work with Orbit AG.", {"company": _TEXT}),
        ("I am here for Anna Lind.", {"name": _TEXT}),
        ("It was 31 degrees in Madrid.", {"city": _TEXT}),
        ("Le train pour Lyon part à 8h15.", {"ville": _TEXT}),
        ("The guest is 40 years old and I am not.", {"age": _INTEGER}),
        ("You are 40 years old, says the machine.", {"age": _INTEGER}),
    ],
)
def test_what_somebody_else_has_is_not_the_speakers(prompt: str, properties: dict[str, Any]) -> None:
    assert _filled(prompt, **properties) == {}


def test_what_the_speaker_has_is_found() -> None:
    reached = _filled("You can call me on +44 20 7946 0123.", phone=_TEXT)
    assert reached == {"phone": "+44 20 7946 0123"}
    assert _filled("I work at Orbit AG in Zurich.", company=_TEXT) == {"company": "Orbit AG"}
    assert _filled("I live in Madrid.", city=_TEXT) == {"city": "Madrid"}


def test_what_is_named_is_covered_and_a_mere_capital_is_not() -> None:
    text = "Parking in Rome costs"
    named = [Mention("name", 0, 7, "Parking"), Mention("city", 11, 15, "Rome")]
    assert covered(text, named) == "Parking in ____ costs"


def test_a_time_that_is_gone_stays_to_be_seen() -> None:
    assert covered("Last year", [Mention("date", 0, 9, "Last year")]) == "Last year"
    assert covered("today", [Mention("date", 0, 5, "today")]) == "_____"


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("The booking for the flight was made on 3 May 2026.", {"flight_date": _DATE}),
        ("The payment for the order was sent.", {"status": {"enum": ["sent", "lost"]}}),
        ("My trip starts in Rome.", {"city": _TEXT}),
        ("I was in Rome for a course.", {"city": _TEXT}),
        ("I work in the building of Orbit AG.", {"company": _TEXT}),
        ("I called the customer at +49 30 445566.", {"phone": _TEXT}),
        ("Our customer has 40 employees.", {"employees": _INTEGER}),
        ("A company with 40 employees bought the desk.", {"employees": _INTEGER}),
        ("The room is not booked with breakfast.", {"breakfast": _TRUTH}),
        ("My insurance is not included in the letter.", {"insurance": _TRUTH}),
        ("Take 2 tablets 3 times a day.", {"tablets": _INTEGER}),
        ("We wanted 8 chairs; you sent 6.", {"chairs": _INTEGER}),
        ("I ordered 3 lamps, 2 arrived.", {"lamps": _INTEGER}),
        ("We need 3 chairs per room.", {"chairs": _INTEGER}),
        ("The order for 3 May 2026 is open.", {"order_date": _DATE}),
        ("The exhibition closes on 4 May 2026.", {"date": _DATE}),
        ("Билет для детей стоит 100 рублей.", {"цена": _NUMBER}),
        ("We pay our staff by card.", {"payment_method": {"enum": ["card", "cash"]}}),
    ],
)
def test_what_has_to_do_with_a_thing_is_not_the_thing(prompt: str, properties: dict[str, Any]) -> None:
    assert _filled(prompt, **properties) == {}


def test_a_second_figure_with_a_word_of_its_own_leaves_the_first_in_place() -> None:
    prompt = "The rent is 640 EUR and the deposit is 1,280 EUR."
    assert _filled(prompt, rent=_NUMBER, deposit=_NUMBER) == {"rent": 640, "deposit": 1280}
    bill = "Receipt: subtotal 50.00 EUR, tax 9.50 EUR, total 59.50 EUR."
    assert _filled(bill, total=_NUMBER, tax=_NUMBER) == {"total": 59.5, "tax": 9.5}


def test_a_telephone_number_keeps_its_plus_before_an_area_of_one_digit() -> None:
    found = _filled("My phone is +33 1 44 55 66 77.", phone=_TEXT)
    assert found == {"phone": "+33 1 44 55 66 77"}
