"""Clauses give the values of the properties whose roles their verbs and nouns know."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Mira Solano bought a standing desk from Oakline Furniture.", {"customer": "Mira Solano", "product": "standing desk", "vendor": "Oakline Furniture"}),
        ("We purchased twelve office chairs from Bexley Interiors.", {"item": "office chairs", "supplier": "Bexley Interiors"}),
        ("Depot C received 9 crates of roof tiles from Torvald Bygg.", {"goods": "roof tiles", "supplier": "Torvald Bygg"}),
        ("I'd like to exchange the leather boots I bought at Northfold.", {"item": "leather boots", "store": "Northfold"}),
        ("Please deliver the pallets to Meyer Logistics.", {"recipient": "Meyer Logistics"}),
        ("Lena Kurz works as a radiologist at Saint Brigid Hospital.", {"employer": "Saint Brigid Hospital", "job_title": "radiologist"}),
        ("We are driving from Lyon to Turin on Friday.", {"origin": "Lyon", "destination": "Turin"}),
        ("Jonas Weber reported a leaking radiator.", {"reporter": "Jonas Weber", "issue": "leaking radiator"}),
        ("Our washing machine stopped working yesterday.", {"appliance": "washing machine"}),
        ("The elevator is out of order.", {"asset": "elevator"}),
        ("I met with Carlos Mendes at Cafe Lumen.", {"participant": "Carlos Mendes"}),
        ("The film was directed by Pablo Serrano.", {"director": "Pablo Serrano"}),
        ("Please transfer 200 euros to Felix Braun.", {"payee": "Felix Braun"}),
        ("Swap the cooling fan for a blower.", {"remove": "cooling fan", "install": "blower"}),
        ("We deployed inventory-service to production.", {"service": "inventory-service", "environment": "production"}),
        ("Deploy catalog-api v4.1.2 to staging.", {"service": "catalog-api", "environment": "staging"}),
        ("Book a table for four at Trattoria Vento.", {"restaurant": "Trattoria Vento"}),
        ("Karim sold his motorbike to Denise Walker.", {"seller": "Karim", "buyer": "Denise Walker"}),
        ("Emma Clark will cover for Daniel.", {"substitute": "Emma Clark"}),
        ("Nora moved from Leeds to Cardiff.", {"from_city": "Leeds", "to_city": "Cardiff"}),
        ("The lamp is 40 cm wide.", {"product_type": "lamp"}),
    ],
)  # fmt: skip
def test_a_verb_gives_its_arguments_to_the_properties_of_their_roles(
    prompt: str, expected: dict[str, str]
) -> None:
    assert expected == texts_filled(prompt, *expected)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Leave request: Bohdan Kravets, from 2025-07-21 until 2025-08-01.", {"employee": "Bohdan Kravets"}),
        ("Parcel for Julia Stein from Paul Ritter.", {"recipient": "Julia Stein", "sender": "Paul Ritter"}),
        ("The trail from Falkner Hut to Lake Mora is steep.", {"start": "Falkner Hut", "end": "Lake Mora"}),
        ("Five stars for the Heron Inn.", {"place": "Heron Inn"}),
        ("Our cat Miso is four years old.", {"pet_name": "Miso"}),
        ("Add a field to table crm.leads.", {"table": "crm.leads"}),
        ("Kira is due to see Dr Lowe on Monday.", {"vet": "Dr Lowe"}),
        ("We met at Noor's place.", {"host": "Noor"}),
        ("Budget review, Monday at nine.", {"event": "Budget review"}),
        ("Create a task to clean the filters for Andre.", {"task": "clean the filters"}),
        (
            "Ruth Calder is the new head of logistics at Fennick Group.",
            {"position": "head of logistics", "company": "Fennick Group"},
        ),
        ("The laptop won't start since the update.", {"device": "laptop"}),
        ("I'd like to cancel my subscription to Daily Ledger.", {"subscription": "Daily Ledger"}),
        ("Remind me to descale the kettle every other week.", {"task": "descale the kettle"}),
    ],
)
def test_a_noun_gives_what_stands_beside_it(prompt: str, expected: dict[str, str]) -> None:
    assert expected == texts_filled(prompt, *expected)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Mira didn't order the desk from Oakline.", "vendor"),
        ("If Mira orders the desk from Oakline, we get a discount.", "customer"),
        ("Mira wants to buy a desk.", "customer"),
        ("Did Mira order a desk from Oakline?", "customer"),
        ("My neighbour Ben ordered a desk.", "customer"),
        ("Anna ordered a lamp and Ben ordered a desk.", "customer"),
        ("Anna and Ben ordered the lamp.", "customer"),
        ("Lena used to work at Saint Brigid Hospital.", "employer"),
        ("My sister works as a nurse at Saint Brigid Hospital.", "employer"),
        ("Lena's husband works at Velora Labs.", "employer"),
        ("I suspect the pump is broken.", "device"),
        ("The server did not crash because of the update.", "cause"),
        ("Meeting with Anna or Ben.", "attendee"),
        ("Tom reported that the lamp was broken.", "issue"),
        ("The assistant manager Tom Reed will call you.", "manager"),
        ("I live in Rome. Or Oslo, depending on the season.", "residence_city"),
        ("Alice Moreau wrote to Bob Stein about it.", "author"),
        ("The film wasn't directed by Paul Serrano.", "director"),
        ("Don't deploy billing-api to production.", "environment"),
        ("Deploy billing-api to staging and production.", "environment"),
        ("For example, Tom ordered a lamp from Oakline.", "vendor"),
        ("Book a table at Trattoria Vento or Casa Nova.", "restaurant"),
        ("The neighbour's dog Rex barks.", "pet_name"),
        ("Please tell me when the left hinge broke.", "device"),
        ("Ben will pick up the parcel for Anna.", "customer"),
        ("The customer of Orbit AG works at Falk GmbH.", "company"),
    ],
)
def test_what_is_unsettled_or_anothers_gives_nothing(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}
