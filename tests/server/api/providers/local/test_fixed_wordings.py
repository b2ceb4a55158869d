"""Facts about the fixed wordings of fifteen languages: self-accounts, bookings, needs, advertisements and stays, and what is none of them."""

from typing import Any

import pytest

from server.api.providers.local.evidence.need import told_of_need
from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_TEXT = {"type": "string"}
_INT = {"type": "integer"}
_NUMBER = {"type": "number"}
_BOOL = {"type": "boolean"}
_DATE = {"type": "string", "format": "date"}


def _filled(prompt: str, **properties: Any) -> dict[str, Any]:
    return fill({"type": "object", "properties": properties}, prompt, understand(prompt))


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Wir möchten einen Tisch für 6 Personen reservieren, auf den Namen Brandt.", "Brandt"),
        ("Je voudrais réserver une table pour 5 personnes au nom de Lefèvre.", "Lefèvre"),
        ("Mesa para 8 personas a nombre de Castillo.", "Castillo"),
        ("Graag een tafel voor 4 personen op naam van Jansen.", "Jansen"),
        ("Proszę zarezerwować stolik dla 4 osób na nazwisko Wiśniewski.", "Wiśniewski"),
        ("Забронируйте столик на 4 человека на имя Петров.", "Петров"),
        ("Prosím o rezervaci stolu pro 6 osob na jméno Svoboda.", "Svoboda"),
    ],
)
def test_who_books_is_told_by_in_the_name_of(prompt: str, name: str) -> None:
    assert _filled(prompt, name=_TEXT) == {"name": name}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("佐藤と申します。", "佐藤"),
        ("我是张伟，35岁。", "张伟"),
        ("Jmenuji se Petr Dvořák.", "Petr Dvořák"),
        ("Hej, mit navn er Mette Jensen.", "Mette Jensen"),
    ],
)
def test_who_writes_says_their_name(prompt: str, name: str) -> None:
    assert _filled(prompt, name=_TEXT) == {"name": name}


@pytest.mark.parametrize(
    "prompt",
    [
        "Soy Director General en Madrid.",
        "Jeg er Senior Udvikler.",
        "我是学生。",
        "Ich möchte den Tisch nicht auf den Namen Brandt reservieren.",
    ],
)
def test_a_post_and_what_is_denied_are_no_name(prompt: str) -> None:
    assert _filled(prompt, name=_TEXT) == {}


@pytest.mark.parametrize(
    ("prompt", "city", "job"),
    [
        ("Ich wohne in Graz und arbeite als Elektriker.", "Graz", "Elektriker"),
        ("J'habite à Nantes et je travaille comme cuisinier.", "Nantes", "cuisinier"),
        ("Vivo en Valencia y trabajo como enfermera.", "Valencia", "enfermera"),
        ("Mieszkam w Krakowie i pracuję jako kierowca.", "Kraków", "kierowca"),
    ],
)
def test_where_one_lives_and_works(prompt: str, city: str, job: str) -> None:
    assert _filled(prompt, city=_TEXT, job_title=_TEXT) == {"city": city, "job_title": job}


def test_a_bent_city_is_given_in_its_own_form() -> None:
    assert _filled("Меня зовут Ольга Иванова, я живу в Казани.", city=_TEXT) == {"city": "Казань"}


@pytest.mark.parametrize(
    "prompt",
    [
        "Mi hermana vive en Sevilla y trabaja como enfermera.",
        "No vivo en Madrid.",
        "Moja siostra mieszka w Krakowie.",
        "母は大阪に住んでいます。",
    ],
)
def test_where_somebody_else_lives_is_not_taken(prompt: str) -> None:
    assert _filled(prompt, city=_TEXT, job_title=_TEXT) == {}


@pytest.mark.parametrize(
    ("prompt", "years"),
    [
        ("Trabajo como enfermera desde hace 15 años.", 15),
        ("Je travaille comme cuisinier depuis 12 ans.", 12),
    ],
)
def test_years_of_work_are_experience(prompt: str, years: int) -> None:
    assert _filled(prompt, years_of_experience=_INT) == {"years_of_experience": years}


def test_years_of_something_else_are_no_experience() -> None:
    assert _filled("Depuis 5 ans, le prix est de 20 euros.", years_of_experience=_INT) == {}


@pytest.mark.parametrize("prompt", ["Je mi 44 let.", "Мне 36 лет.", "Olen 28 vuotta vanha.", "عمري 40 سنة."])
def test_an_age_in_the_first_person(prompt: str) -> None:
    assert list(_filled(prompt, age=_INT)) == ["age"]


def test_years_of_experience_are_no_age() -> None:
    assert _filled("J'ai 12 ans d'expérience.", age=_INT) == {}


@pytest.mark.parametrize(
    "prompt",
    [
        "Einen Parkplatz brauchen wir nicht, aber ein Frühstück wäre schön.",
        "Nous n'avons pas besoin de parking, mais un petit-déjeuner serait parfait.",
        "Non abbiamo bisogno del parcheggio, ma la colazione sarebbe gradita.",
        "Não precisamos de estacionamento, mas o pequeno-almoço seria ótimo.",
        "Vi behöver ingen parkering, men frukost vore trevligt.",
        "Парковка не нужна, завтрак был бы кстати.",
    ],
)
def test_a_thing_is_not_needed_and_another_welcome(prompt: str) -> None:
    assert _filled(prompt, parking=_BOOL, breakfast=_BOOL) == {"parking": False, "breakfast": True}


@pytest.mark.parametrize(
    "prompt",
    [
        "Ein Frühstück wäre schön, wenn es nicht zu teuer ist.",
        "Meine Frau sagt, ein Frühstück wäre schön.",
        "Wäre ein Frühstück möglich?",
        "Übersetze ins Englische: Ein Frühstück wäre schön.",
    ],
)
def test_a_wish_with_a_condition_a_question_or_a_payload_tells_nothing(prompt: str) -> None:
    assert _filled(prompt, breakfast=_BOOL) == {}


def test_what_is_put_right_is_not_unneeded() -> None:
    assert _filled("Ich brauche keinen Parkplatz, sondern zwei.", parking=_BOOL) == {}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Ik heb de factuur nog niet ontvangen.", "invoice_received"),
        ("Jeg har ikke mottatt fakturaen.", "invoice_received"),
        ("A minha encomenda 31209 ainda não foi entregue.", "delivered"),
        ("Заказ № 55102 до сих пор не доставлен.", "delivered"),
        ("Meine Rechnung RE-2026-118 über 89,90 Euro ist noch nicht bezahlt.", "paid"),
        ("商品がまだ届いていません。", "delivered"),
    ],
)
def test_what_has_not_come_or_been_paid(prompt: str, name: str) -> None:
    assert _filled(prompt, **{name: _BOOL}) == {name: False}


def test_another_object_in_the_state_is_not_the_one_that_is_asked_for() -> None:
    text = "Ich habe das Paket nicht erhalten."
    assert told_of_need(text, text, "invoice_received") is None
    assert told_of_need(text, text, "package_received") is False


@pytest.mark.parametrize(
    ("prompt", "price", "year"),
    [
        ("Vendo Fiat Panda del 2017, 72.000 km, 6.500 euro, Torino.", 6500, 2017),
        ("Se vende Seat Ibiza de 2017, 72.000 km, 6.500 euros, en Sevilla.", 6500, 2017),
        ("Verkaufe VW Golf, Baujahr 2017, 72.000 km, Preis 6.500 €.", 6500, 2017),
    ],
)
def test_an_advertisement_tells_of_what_it_offers(prompt: str, price: int, year: int) -> None:
    found = _filled(prompt, year=_INT, mileage_km=_NUMBER, price=_NUMBER)
    assert found == {"year": year, "mileage_km": 72000, "price": price}


@pytest.mark.parametrize(
    "prompt",
    [
        "Se vende la casa, paga 500 euro di affitto.",
        "Verkaufe Fahrrad für 200 Euro und Helm für 30 Euro.",
        "Vends vélo, acheté en 2020 pour 900 euros.",
    ],
)
def test_what_offers_nothing_or_names_another_price_is_no_advertisement(prompt: str) -> None:
    assert _filled(prompt, year=_INT, mileage_km=_NUMBER, price=_NUMBER) == {}


def test_the_days_of_a_stay_are_joined() -> None:
    prompt = "Quero reservar um quarto para 2 pessoas de 10 de agosto de 2026 a 14 de agosto de 2026."
    found = _filled(prompt, check_in=_DATE, check_out=_DATE)
    assert found == {"check_in": "2026-08-10", "check_out": "2026-08-14"}


def test_a_day_and_its_hour_are_no_range() -> None:
    prompt = "Je voudrais réserver une table le 9 juillet 2026 à 19h30."
    assert _filled(prompt, date=_DATE) == {"date": "2026-07-09"}


def test_the_clock_of_the_north_has_a_point() -> None:
    prompt = "Jeg vil gerne bestille et bord til 4 personer den 3. juli 2026 kl. 19.00."
    assert _filled(prompt, time=_TEXT) == {"time": "19.00"}


@pytest.mark.parametrize(
    "prompt", ["No vivo en Madrid.", "Non abito a Torino.", "Não moro em Lisboa.", "我不住在上海。"]
)
def test_nobody_lives_where_they_say_that_they_do_not(prompt: str) -> None:
    assert _filled(prompt, city=_TEXT) == {}


@pytest.mark.parametrize("prompt", ["私は30歳ではありません。", "나이는 35세가 아닙니다."])
def test_an_age_that_is_denied_behind_it_is_none(prompt: str) -> None:
    assert _filled(prompt, age=_INT) == {}


def test_days_on_which_a_hotel_is_closed_are_no_stay() -> None:
    prompt = "O hotel está fechado de 10 de agosto de 2026 a 14 de agosto de 2026."
    assert _filled(prompt, check_in=_DATE, check_out=_DATE) == {}


def test_a_booking_that_is_cancelled_has_no_name() -> None:
    assert _filled("Reserva a nombre de Castillo cancelada.", name=_TEXT) == {}


def test_a_wish_for_what_another_sentence_denies_tells_nothing() -> None:
    assert _filled("Das Zimmer hat kein Frühstück. Ein Frühstück wäre schön.", breakfast=_BOOL) == {}


def test_so_many_of_a_thing_were_bought() -> None:
    assert _filled("Compré 3 camisetas por 45 euros.", quantity=_INT) == {"quantity": 3}
