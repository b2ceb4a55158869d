"""Facts about values that are plainly asserted, but of something else than the property's thing."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_NUMBER = {"type": "number"}
_INTEGER = {"type": "integer"}
_TEXT = {"type": "string"}
_DATE = {"type": "string", "format": "date"}
_COLOR = {"enum": ["red", "black", "blue"]}
_STATUS = {"enum": ["open", "closed", "paid", "sent"]}


def _filled(prompt: str, **properties: Any) -> dict[str, Any]:
    return fill({"type": "object", "properties": properties}, prompt, understand(prompt))


@pytest.mark.parametrize(
    "prompt",
    [
        "The car is 12 years old.",
        "My dog is 9 years old.",
        "Das Auto ist 12 Jahre alt.",
        "La voiture a 8 ans.",
        "El edificio tiene 60 años.",
        "La casa ha 90 anni.",
        "O carro tem 10 anos.",
        "De fiets is 5 jaar oud.",
        "Samochód ma 7 lat.",
        "Машине 11 лет.",
        "Bilen är 6 år gammal.",
        "Araba 10 yaşında.",
        "公司12岁了。",
        "यह कार 8 साल पुरानी है।",
    ],
)
def test_the_age_of_a_thing_is_no_persons(prompt: str) -> None:
    assert _filled(prompt, age=_INTEGER) == {}


@pytest.mark.parametrize(
    ("prompt", "age"),
    [
        ("I live in Oslo and am 31 years old.", 31),
        ("The patient is 62 years old.", 62),
        ("Anna Weber is 34 years old.", 34),
        ("Tengo 29 años y vivo en Bilbao.", 29),
        ("Мне 29 лет.", 29),
        ("我今年35岁。", 35),
        ("私は28歳です。", 28),
        ("저는 31살입니다.", 31),
    ],
)
def test_the_age_of_a_person_is_found(prompt: str, age: int) -> None:
    assert _filled(prompt, age=_INTEGER) == {"age": age}


def test_a_thing_that_the_schema_names_has_an_age() -> None:
    said = "The car is 80 years old."
    described = {"type": "integer", "description": "Age of the car."}
    assert _filled(said, age=_INTEGER) == {}
    assert _filled(said, age=described) == {"age": 80}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A box of 6 bottles costs 30 EUR.", "bottle_price"),
        ("A pack of 12 eggs costs 4 EUR.", "egg_price"),
        ("10 lamps cost 250 EUR.", "lamp_price"),
        ("The lamp costs 40 EUR.", "chair_price"),
    ],
)
def test_the_price_of_a_container_or_of_several_is_no_price_of_one(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _NUMBER}) == {}


def test_the_price_of_the_thing_itself_is_found() -> None:
    assert _filled("A bottle costs 7 EUR.", bottle_price=_NUMBER) == {"bottle_price": 7}
    assert _filled("The laptop costs 900 EUR.", price=_NUMBER) == {"price": 900}


@pytest.mark.parametrize(
    "prompt",
    [
        "500 EUR per person.",
        "The total is 500 EUR per person.",
        "The tickets cost 45 EUR each.",
        "We pay 90 EUR a night.",
        "Die Karten kosten je 20 €.",
        "25 € par personne.",
        "40 € por persona.",
        "30 euro a testa.",
        "500 рублей с человека.",
        "Kişi başı 300 TL.",
        "每人80元。",
        "1人あたり3000円です。",
        "1인당 20000원입니다.",
        "The book has 320 pages and costs 20 EUR.",
        "Der Stundenlohn ist 25 €.",
    ],
)
def test_a_rate_and_the_price_of_one_thing_are_no_total(prompt: str) -> None:
    assert _filled(prompt, total=_NUMBER) == {}


@pytest.mark.parametrize(
    ("prompt", "total"),
    [
        ("The order came to 240 EUR in total.", 240),
        ("Le total est de 230,50 €.", 230.5),
        ("The invoice is 75 EUR.", 75),
    ],
)
def test_a_total_is_found(prompt: str, total: float) -> None:
    assert _filled(prompt, total=_NUMBER) == {"total": total}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The rent is 9,600 EUR a year.", "monthly_rent"),
        ("The salary is 3,000 EUR a month.", "annual_salary"),
        ("The salary is 3,000 EUR.", "annual_salary"),
    ],
)
def test_an_amount_for_a_period_is_for_no_other(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _NUMBER}) == {}


@pytest.mark.parametrize(
    "prompt",
    [
        "The shipping costs 12 EUR.",
        "La caution est de 800 €.",
        "Lo sconto è di 15 €.",
        "The deposit is 500 EUR.",
    ],
)
def test_an_amount_with_a_noun_of_its_own_is_no_price(prompt: str) -> None:
    assert _filled(prompt, price=_NUMBER) == {}
    assert _filled(prompt, prix=_NUMBER) == {}


@pytest.mark.parametrize(
    "prompt",
    ["The street is called Anna Schmidt.", "The ship is called Maria Lopez.", "Our dog is called Bruno."],
)
def test_the_name_of_a_thing_is_no_persons(prompt: str) -> None:
    assert _filled(prompt, name=_TEXT) == {}


def test_a_number_or_an_address_of_somebody_else_is_not_the_one() -> None:
    assert _filled("The hotel's number is +49 30 998877.", phone=_TEXT) == {}
    assert _filled("The doctor's email is kurt@example.org.", email=_TEXT) == {}
    mine = _filled("My phone number is +43 660 1234567.", phone=_TEXT)
    assert mine == {"phone": "+43 660 1234567"}
    customers = _filled("The customer's email is kurt@example.org.", email=_TEXT)
    assert customers == {"email": "kurt@example.org"}


def test_when_a_thing_began_is_no_date_as_such() -> None:
    assert _filled("The shop opened on 4 June 1998.", date=_DATE) == {}
    assert _filled("The meeting is on 4 June 2026.", date=_DATE) == {"date": "2026-06-04"}


def test_where_a_thing_is_from_is_no_city_as_such() -> None:
    assert _filled("The wine is from Porto.", city=_TEXT) == {}
    assert _filled("The hotel is in Porto.", city=_TEXT) == {"city": "Porto"}


def test_who_works_somewhere_is_no_guest() -> None:
    assert _filled("The team has 8 people.", guests=_INTEGER) == {}
    assert _filled("We are 8 people.", guests=_INTEGER) == {"guests": 8}


@pytest.mark.parametrize(
    ("prompt", "name", "values"),
    [
        ("The bag is black.", "shoe_color", _COLOR),
        ("The chair is red, the table I do not know.", "table_color", _COLOR),
        ("The shop is closed.", "ticket_status", _STATUS),
        ("The letter was sent.", "order_status", _STATUS),
    ],
)
def test_a_quality_of_one_thing_is_no_others(prompt: str, name: str, values: dict[str, Any]) -> None:
    assert _filled(prompt, **{name: values}) == {}


def test_a_quality_of_the_thing_itself_is_found() -> None:
    assert _filled("The bag is black.", bag_color=_COLOR) == {"bag_color": "black"}
    assert _filled("The invoice is paid.", payment_status=_STATUS) == {"payment_status": "paid"}


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("The train arrives at 12:40.", {"closing_time": _TEXT}),
        ("The bus departs at 8:10.", {"start_time": _TEXT}),
        ("The parcel was delivered on 4 June 2026.", {"ship_date": _DATE}),
        ("The course starts on 4 May 2026.", {"check_in": _DATE}),
        ("The hall has 300 seats.", {"tickets": _INTEGER}),
        ("The flat has 4 rooms.", {"bedrooms": _INTEGER}),
        ("The house was built in 1968.", {"release_year": _INTEGER}),
        ("The customer number is 88213.", {"account_number": _TEXT}),
        ("The lamp costs 40 EUR.", {"fee": _NUMBER}),
        ("The owner of the car is Anna Weber.", {"assignee": _TEXT}),
        ("The book was signed by Peter Novak.", {"author": _TEXT}),
    ],
)
def test_properties_that_are_alike_are_not_the_same(prompt: str, properties: dict[str, Any]) -> None:
    assert _filled(prompt, **properties) == {}


def test_of_two_things_with_times_neither_is_the_one() -> None:
    assert _filled("Bus 12 leaves at 8:05, bus 14 at 8:20.", departure_time=_TEXT) == {}
    assert _filled("The bus leaves at 8:05.", departure_time=_TEXT) == {"departure_time": "8:05"}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The child ticket costs 7 EUR.", "ticket_price"),
        ("The first night costs 90 EUR.", "price"),
        ("3 for 10 EUR.", "price"),
    ],
)
def test_the_price_of_a_special_one_is_no_price_as_such(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _NUMBER}) == {}


@pytest.mark.parametrize("prompt", ["The price is 40 Kč vyšší.", "The house cost 300,000 EUR in 1999."])
def test_a_difference_and_a_price_of_long_ago_are_no_price(prompt: str) -> None:
    assert _filled(prompt, price=_NUMBER) == {}


def test_an_old_thing_lends_nobody_its_age() -> None:
    assert _filled("We have a 5 year old car.", age=_INTEGER) == {}
    assert _filled("Ik woon hier 11 jaar.", age=_INTEGER) == {}
    assert _filled("I am 34 years old and live in Madrid.", age=_INTEGER) == {"age": 34}


def test_where_something_was_bought_or_sent_from_is_nobodys_city() -> None:
    for prompt in (
        "I bought it in Berlin.",
        "The order was sent from Hamburg.",
        "My flight from Madrid was on time.",
    ):
        assert _filled(prompt, city=_TEXT) == {}
    assert _filled("The order was sent by DHL GmbH.", company=_TEXT) == {}


def test_when_a_shop_opens_is_no_time_as_such() -> None:
    assert _filled("The shop opens at 9:00.", time=_TEXT) == {}
    assert _filled("The meeting is at 9:00.", time=_TEXT) == {"time": "9:00"}


def test_the_mood_of_an_animal_and_what_a_machine_takes_are_no_persons() -> None:
    assert _filled("The dog is happy.", mood={"enum": ["happy", "sad"]}) == {}
    assert _filled("The machine takes card.", payment_method={"enum": ["card", "cash"]}) == {}
    assert _filled("The customer is happy.", mood={"enum": ["happy", "sad"]}) == {"mood": "happy"}


def test_a_language_in_which_a_thing_is_is_no_target() -> None:
    assert _filled("The film is in French.", target_language=_TEXT) == {}


def test_some_of_so_many_are_not_so_many() -> None:
    assert _filled("Two of the 5 lamps are broken.", lamps=_INTEGER) == {}
    assert _filled("We have 5 lamps.", lamps=_INTEGER) == {"lamps": 5}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("No pool, no party.", "pool"),
        ("Kein Aufzug, kein Vertrag.", "aufzug"),
        ("Pas de piscine, pas de vacances.", "piscine"),
        ("Geen wifi, geen betaling.", "wifi"),
        ("Niente balcone, niente contratto.", "balcone"),
        ("Sin garaje no hay trato.", "garaje"),
    ],
)
def test_for_want_of_one_thing_another_is_denied_and_neither_is_told(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: {"type": "boolean"}}) == {}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The room for 4 persons is booked.", "rooms"),
        ("The bus for 50 people costs 300 EUR.", "guests"),
        ("The table for 10 people is 4 m long.", "guests"),
    ],
)
def test_what_only_tells_which_thing_is_meant_is_no_count(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _INTEGER}) == {}


def test_for_how_many_a_table_is_wanted_is_a_count() -> None:
    assert _filled("I need a table for 6 people.", guests=_INTEGER) == {"guests": 6}


def test_what_adults_pay_and_a_rate_of_a_thing_are_no_price() -> None:
    assert _filled("Adults pay 20 EUR.", price=_NUMBER) == {}
    assert _filled("The phone costs 20 EUR a month.", phone_price=_NUMBER) == {}
    assert _filled("The phone costs 200 EUR.", phone_price=_NUMBER) == {"phone_price": 200}


def test_a_place_or_a_company_that_only_tells_which_thing_is_meant_is_none() -> None:
    assert _filled("The Berlin office is closed.", city=_TEXT) == {}
    assert _filled("My car insurance is with Orbit AG.", company=_TEXT) == {}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Two rooms with 3 beds each.", "beds"),
        ("10 boxes with 12 bottles each.", "bottles"),
        ("Each of the 4 rooms has 2 beds.", "beds"),
    ],
)
def test_what_each_of_several_has_is_no_count(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _INTEGER}) == {}


def test_when_something_is_due_is_no_other_day() -> None:
    assert _filled("The invoice is due on 3 May 2026.", invoice_date=_DATE) == {}
    assert _filled("The invoice is due on 3 May 2026.", date=_DATE) == {}
    assert _filled("The invoice is due on 3 May 2026.", due_date=_DATE) == {"due_date": "2026-05-03"}


def test_the_rent_of_a_garage_is_no_rent_as_such() -> None:
    assert _filled("The garage rent is 60 EUR.", rent=_NUMBER) == {}
    assert _filled("The apartment rent is 700 EUR.", rent=_NUMBER) == {"rent": 700}


def test_from_where_a_shop_has_its_things_is_no_origin_of_a_trip() -> None:
    assert _filled("The shop in Rome sells shoes from Milan.", origin=_TEXT) == {}
    trip = _filled("Flights from Oslo to Rome", origin=_TEXT, destination=_TEXT)
    assert trip == {"origin": "Oslo", "destination": "Rome"}
