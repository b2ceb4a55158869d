"""Facts about what the end of a letter tells of its writer."""

from tests.server.api.providers.local.cue.texts_filled import texts_filled

_LETTER = "Thank you for the quote, we go ahead.\n\nBest regards,\nMichelle Aubert\nHead of Procurement\nSaint-Clair Packaging\nmichelle@saintclair.example"


def test_the_lines_below_a_greeting_are_name_job_and_company() -> None:
    told = texts_filled(_LETTER, "full_name", "job_title", "company")
    assert told == {
        "full_name": "Michelle Aubert",
        "job_title": "Head of Procurement",
        "company": "Saint-Clair Packaging",
    }


def test_who_asks_for_something_is_the_customer() -> None:
    prompt = "Please send 12 chairs as soon as you can. Thanks, Joanna Pike"
    assert texts_filled(prompt, "customer_name") == {"customer_name": "Joanna Pike"}


def test_who_writes_of_the_reader_s_booking_is_no_guest() -> None:
    assert texts_filled("Your booking is confirmed. Kind regards, Joanna Pike", "guest_name") == {}


def test_who_writes_for_somebody_is_no_guest() -> None:
    prompt = "I write on behalf of my mother about a room. Kind regards, Joanna Pike"
    assert texts_filled(prompt, "guest_name") == {}
