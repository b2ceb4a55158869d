"""Facts about texts that a cue beside them names, and about what makes a cue name nothing."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("I still wait for the parcel; my order number is SF-77120.", "order_number", "SF-77120"),
        ("Order 55310 hasn't arrived and nobody answers.", "order_id", "55310"),
        ("We sit in seat 17C near the window.", "seat", "17C"),
        ("I'd like to renew my membership, number M-55102.", "membership_number", "M-55102"),
        ("We land with flight TS 481 in the evening.", "flight_number", "TS 481"),
        ("The car with registration AB21 CDE was towed.", "registration", "AB21 CDE"),
        ("Since updating to version 4.2.1 everything crashes.", "app_version", "4.2.1"),
    ],
)
def test_the_number_of_a_thing_stands_behind_its_name(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("My previous order was 55310.", "order_number"),
        ("My colleague's order is 55310.", "order_number"),
        ("It is either order 55310 or order 55311.", "order_number"),
        ("It's not order 55310.", "order_number"),
        ("Release 5 of them soon.", "version"),
    ],
)
def test_a_number_of_something_else_is_none(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Everything in it is due by 3 April 2026 at the latest.", "due_date", "2026-04-03"),
        ("I'm flying from Lisbon to Toronto on 14 June 2025.", "departure_date", "2025-06-14"),
        ("We fly out early and come back on 2 July 2025.", "return_date", "2025-07-02"),
        ("The parcel was shipped on 3 May 2026.", "shipped_at", "2026-05-03"),
        ("The review has been moved from 4 May 2026 to 11 May 2026.", "review_date", "2026-05-11"),
        ("The deadline has moved from 1 April 2026 to 15 April 2026.", "previous_deadline", "2026-04-01"),
        ("The gala takes place on Saturday, 11 October 2025.", "event_date", "2025-10-11"),
        ("She was admitted to the ward on 3 January 2026.", "admission_date", "2026-01-03"),
    ],
)
def test_a_day_stands_behind_the_verb_of_its_property(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name, form="date") == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The app launches on 1 June 2026, the site on 1 July 2026.", "launch_date"),
        ("If it is due on 1 June 2026 we are late.", "due_date"),
        ("It was originally due on 1 June 2026.", "due_date"),
        ("I received the invoice on 3 May 2026.", "invoice_date"),
        ("The phone was broken on 3 May 2026.", "date"),
    ],
)
def test_a_day_that_something_unsettles_is_none(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name, form="date") == {}


def test_times_between_which_something_lasts_are_told_apart() -> None:
    prompt = "The workshop runs from 14:00 to 16:30 in the annex."
    assert texts_filled(prompt, "start_time", "end_time") == {"start_time": "14:00", "end_time": "16:30"}


def test_a_time_in_full_has_a_zone() -> None:
    assert texts_filled("The train departs at 10:05.", "departure_time", form="time") == {
        "departure_time": "10:05:00Z"
    }


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("I want to return the kettle from order 5530 because the lid doesn't close.", "item", "kettle"),
        ("I want to return it because the lid doesn't close.", "reason", "the lid doesn't close"),
        ("It was late because of a technical fault.", "reason", "a technical fault"),
        ("I'd like the navy sofa instead of the grey one.", "color", "navy"),
        ("I am applying for the position of Senior Accountant at Holloway & Finch.", "position", "Senior Accountant"),
        ("I am applying for the position of Senior Accountant at Holloway & Finch.", "company", "Holloway & Finch"),
        ("Fernbank Publishing in Edinburgh is looking for a junior copy editor.", "employer", "Fernbank Publishing"),
        ("Fernbank Publishing in Edinburgh is looking for a junior copy editor.", "job_title", "junior copy editor"),
        ("The parcel is being carried by DPD.", "carrier", "DPD"),
        ("We took the train from Lisbon to Porto.", "origin", "Lisbon"),
        ("We took the train from Lisbon to Porto.", "destination", "Porto"),
        ("You can reach me at d.hallam@fastpost.example.", "contact_email", "d.hallam@fastpost.example"),
        ("The novel \"Winter Harbour\" by Elsa Marin sells well.", "book_title", "Winter Harbour"),
    ],
)  # fmt: skip
def test_names_and_nouns_are_cut_whole(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("I got an email from info@orbit.example.", "email"),
        ("Anna's phone number is +44 20 7946 0991 and I am Tom Reed.", "phone"),
        ("Our supplier's site is https://parts.example.", "website"),
        ("The author lives in Rome, the story plays in Paris.", "city"),
        ("I work for Nora Lind.", "employer"),
        ("An example request:\nBook a table under the name Weber.", "name"),
        ("Sent from my iPhone 14.", "device"),
        ("Is the parcel carried by DPD?", "carrier"),
    ],
)
def test_what_is_another_s_or_open_is_not_taken(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}
