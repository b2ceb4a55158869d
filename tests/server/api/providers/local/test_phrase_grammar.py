"""English sentences that are known phrases from end to end, asked of whole schemas; what takes one back or stands beside it leaves it out."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_SHORT: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "day": {"type": "string", "format": "date"},
    "int": {"type": "integer"},
    "num": {"type": "number"},
    "bool": {"type": "boolean"},
}


def filled(prompt: str, **asked: str) -> dict[str, Any]:
    """What the provider fills in of properties of the types ``asked``; ``a|b`` lists values."""
    members = {
        name: {"enum": kind.split("|")} if "|" in kind else _SHORT[kind] for name, kind in asked.items()
    }
    return fill({"type": "object", "properties": members}, prompt, understand(prompt))


@pytest.mark.parametrize(
    ("prompt", "asked", "told"),
    [
        (
            "Book a table for 4 people at 19:30 on 12 June 2026 under the name Kowalski.",
            {"people": "int", "time": "text", "date": "day", "name": "text", "phone": "text"},
            {"people": 4, "time": "19:30", "date": "2026-06-12", "name": "Kowalski"},
        ),
        (
            "I am 34 years old, live in Toronto and have worked as a nurse for 9 years.",
            {"age": "int", "city": "text", "job_title": "text", "years_of_experience": "int", "salary": "num"},
            {"age": 34, "city": "Toronto", "job_title": "nurse", "years_of_experience": 9},
        ),
        (
            "We don't need parking, but breakfast would be great.",
            {"parking": "bool", "breakfast": "bool", "pets": "bool"},
            {"parking": False, "breakfast": True},
        ),
        (
            "The parcel was not delivered and I have not received a refund.",
            {"delivered": "bool", "refund_received": "bool", "order_id": "text"},
            {"delivered": False, "refund_received": False},
        ),
        ("I have not paid the invoice yet.", {"paid": "bool", "amount": "num"}, {"paid": False}),
        (
            "For sale: 2018 Toyota Corolla, 64,000 km, automatic, 11,900 EUR, Hamburg.",
            {"year": "int", "make": "text", "model": "text", "mileage_km": "int", "price": "num", "city": "text"},
            {"year": 2018, "make": "Toyota", "model": "Corolla", "mileage_km": 64000, "price": 11900, "city": "Hamburg"},
        ),
        (
            "Recipe: 200 g flour, 2 eggs, 100 ml milk. Bake 25 minutes at 180 °C. Serves 4.",
            {"flour_g": "num", "eggs": "int", "milk_ml": "num", "bake_minutes": "int", "temperature_c": "num", "servings": "int"},
            {"flour_g": 200, "eggs": 2, "milk_ml": 100, "bake_minutes": 25, "temperature_c": 180, "servings": 4},
        ),
        (
            "Contract between Alpha AG (seller) and Beta SE (buyer), signed on 7 January 2025, value 1.2 million EUR.",
            {"seller": "text", "buyer": "text", "signed_on": "day", "value": "num"},
            {"seller": "Alpha AG", "buyer": "Beta SE", "signed_on": "2025-01-07", "value": 1200000},
        ),
        (
            "Temperature in Oslo is -4 °C with wind of 20 km/h.",
            {"city": "text", "temperature_c": "num", "wind_kmh": "num", "humidity": "num"},
            {"city": "Oslo", "temperature_c": -4, "wind_kmh": 20},
        ),
        (
            "We are hiring a senior data engineer in Berlin. Salary 75,000 to 90,000 EUR, start 1 October 2026.",
            {"job_title": "text", "city": "text", "salary_min": "num", "salary_max": "num", "start_date": "day"},
            {"job_title": "senior data engineer", "city": "Berlin", "salary_min": 75000, "salary_max": 90000, "start_date": "2026-10-01"},
        ),
        (
            "Flight LH 402 leaves Frankfurt at 9:10 and lands in New York at 13:05.",
            {"flight_number": "text", "origin": "text", "destination": "text", "departure_time": "text", "arrival_time": "text"},
            {"flight_number": "LH 402", "origin": "Frankfurt", "destination": "New York", "departure_time": "9:10", "arrival_time": "13:05"},
        ),
        (
            "Ibuprofen 400 mg twice a day for 7 days.",
            {"drug": "text", "dose_mg": "num", "times_per_day": "int", "duration_days": "int"},
            {"drug": "Ibuprofen", "dose_mg": 400, "times_per_day": 2, "duration_days": 7},
        ),
        (
            "Flat to let in Porto: 65 m2, 2 rooms, balcony, 850 EUR plus 120 EUR utilities, available from 1 August 2026.",
            {"city": "text", "area_m2": "num", "rooms": "int", "balcony": "bool", "rent": "num", "utilities": "num", "available_from": "day"},
            {"city": "Porto", "area_m2": 65, "rooms": 2, "balcony": True, "rent": 850, "utilities": 120, "available_from": "2026-08-01"},
        ),
        (
            "Meeting on 12 March 2026 from 9:00 to 10:30 in Room 7 with the finance team.",
            {"date": "day", "start_time": "text", "end_time": "text", "room": "text"},
            {"date": "2026-03-12", "start_time": "9:00", "end_time": "10:30", "room": "7"},
        ),
        (
            "Please upgrade me to the premium plan starting 1 April 2026.",
            {"plan": "basic|standard|premium", "start_date": "day", "action": "cancel|upgrade|downgrade"},
            {"plan": "premium", "start_date": "2026-04-01", "action": "upgrade"},
        ),
        (
            "Pick me up at 22 Park Road at 6:45 and take me to the airport.",
            {"pickup_address": "text", "pickup_time": "text", "destination": "text", "passengers": "int"},
            {"pickup_address": "22 Park Road", "pickup_time": "6:45", "destination": "airport"},
        ),
        (
            "Please book 2 double rooms for 3 nights from 4 August 2026, breakfast would be nice, name Okonkwo.",
            {"rooms": "int", "nights": "int", "check_in": "day", "breakfast": "bool", "name": "text"},
            {"rooms": 2, "nights": 3, "check_in": "2026-08-04", "breakfast": True, "name": "Okonkwo"},
        ),
        (
            "Parcel from Ulm to Graz, 4.2 kg, 30 x 20 x 15 cm, insured.",
            {"origin": "text", "destination": "text", "weight_kg": "num", "insured": "bool"},
            {"origin": "Ulm", "destination": "Graz", "weight_kg": 4.2, "insured": True},
        ),
        (
            "Our company Tern Ltd has 12 employees and needs 12 laptops by 1 June 2026.",
            {"company": "text", "employees": "int", "laptops": "int", "delivery_date": "day"},
            {"company": "Tern Ltd", "employees": 12, "laptops": 12, "delivery_date": "2026-06-01"},
        ),
        (
            "We are travelling from Zurich to Vienna on 12 June 2026 with 2 bikes.",
            {"origin": "text", "destination": "text", "date": "day", "bikes": "int"},
            {"origin": "Zurich", "destination": "Vienna", "date": "2026-06-12", "bikes": 2},
        ),
        (
            "The package was not delivered, the order number is 8812-A.",
            {"delivered": "bool", "order_number": "text"},
            {"delivered": False, "order_number": "8812-A"},
        ),
        (
            "Invoice 2026-118 of 3 March 2026 over 1,190 EUR is due on 2 April 2026.",
            {"invoice_number": "text", "invoice_date": "day", "amount": "num", "due_date": "day"},
            {"invoice_number": "2026-118", "invoice_date": "2026-03-03", "amount": 1190, "due_date": "2026-04-02"},
        ),
        (
            "I earn 3,400 EUR a month and pay 900 EUR rent.",
            {"income": "num", "rent": "num", "age": "int"},
            {"income": 3400, "rent": 900},
        ),
    ],
)  # fmt: skip
def test_a_sentence_of_known_phrases_tells_what_they_tell(
    prompt: str, asked: dict[str, str], told: dict[str, Any]
) -> None:
    assert filled(prompt, **asked) == told


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("My sister needs a table for 4 people at 19:30 under the name Weber.", {"time": "text", "name": "text"}),
        ("Translate to German:\nBook a table at 19:30 under the name Weber.", {"time": "text", "name": "text"}),
        ("Translate to German:\nBreakfast would be great.", {"breakfast": "bool"}),
        ("An example request:\nBook a table at 19:30 under the name Weber.", {"time": "text", "name": "text"}),
        ("Breakfast would be great if it were warm.", {"breakfast": "bool"}),
        ("A balcony would be lovely.", {"balcony": "bool"}),
        ("I have not paid the invoice of my neighbour.", {"invoice_paid": "bool", "paid": "bool"}),
        ("I have never worked as a nurse.", {"job_title": "text"}),
        ("I am 34 weeks pregnant.", {"age": "int"}),
        ("No flight LH 402 leaves Frankfurt.", {"flight_number": "text", "origin": "text"}),
        ("Do not take Paracetamol 500 mg twice a day.", {"drug": "text", "dose_mg": "num"}),
        ("Pick me up at 22 Park Road at 6:45. My brother at 7:00.", {"pickup_time": "text"}),
        ("It was 24 °C in Lisbon. Weather in Porto: 19 °C.", {"temperature_c": "num"}),
        ("Garage: 60 EUR", {"price": "num"}),
        ("Our landlord has a dog.", {"dog": "bool"}),
        ("The bus has 50 seats.", {"seat": "text"}),
        ("The box is 40 cm long and the desk 120 cm.", {"length_cm": "num"}),
        ("The river is 300 km long, we walked 12 km.", {"distance_km": "num"}),
        ("I want to order a desk and 3 chairs.", {"quantity": "int"}),
        ("I ran 10 km in 52 minutes, my record is 48 minutes.", {"duration_minutes": "num"}),
        ("Our purchase price is 90 EUR.", {"price": "num"}),
        ("My dream salary is 90,000 EUR.", {"salary": "num"}),
        ("House for sale in Gdansk: 5 rooms, broken roof.", {"roof": "bool"}),
        ("Flat to let in Porto: near a supermarket, parking difficult.", {"supermarket": "bool", "parking": "bool"}),
        ("Draft contract between Alpha AG (seller) and Beta SE (buyer).", {"seller": "text"}),
        ("I work as a nurse and as a teacher.", {"job_title": "text"}),
        ("Delivery is included in the premium plan.", {"delivery_included": "bool"}),
        ("Tom: Book a table at 19:30.\nAnna: No, at 20:00.", {"time": "text"}),
    ],
)  # fmt: skip
def test_what_turns_a_phrase_round_leaves_it_out(prompt: str, asked: dict[str, str]) -> None:
    assert filled(prompt, **asked) == {}


def test_an_aside_that_turns_nothing_round_stands_beside_phrases() -> None:
    said = "The heating in flat 12 is broken, please send a plumber on Monday 9 February 2026."
    assert filled(said, flat="text", visit_date="day", phone="text")["flat"] == "12"
    assert filled("I want to return order 77120, the shoes are too small.", order_id="text") == {
        "order_id": "77120"
    }


def test_a_list_of_people_ends_with_its_sentence() -> None:
    schema = {"type": "object", "properties": {"attendees": {"type": "array", "items": {"type": "string"}}}}
    prompt = "Attendees: Priya Nair, Tomás Silva and Chen Wei. Next meeting on 9 September 2026 in Room 204."
    assert fill(schema, prompt, understand(prompt)) == {
        "attendees": ["Priya Nair", "Tomás Silva", "Chen Wei"]
    }


def test_the_one_line_of_a_log_tells_its_parts() -> None:
    line = "2026-02-11 08:14:55 ERROR payment-service: login failed for user jdoe from 10.0.4.17"
    asked = {"timestamp": "text", "level": "text", "service": "text", "user": "text", "ip": "text"}
    assert filled(line, **asked) == {
        "timestamp": "2026-02-11 08:14:55",
        "level": "ERROR",
        "service": "payment-service",
        "user": "jdoe",
        "ip": "10.0.4.17",
    }
    assert filled(f"{line}\n{line.replace('ERROR', 'WARN')}", level="text") == {}


@pytest.mark.lengthy
def test_one_sentence_that_is_long_takes_no_long_time() -> None:
    prompt = "Book " + "a table and " * 20_000 + "a chair."
    assert filled(prompt, people="int") == {}
