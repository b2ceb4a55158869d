"""Facts about choices and truths that a prompt words in its own language."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand
from tests.server.api.providers.local.cue.filled import filled_one

PAYMENT: dict[str, Any] = {"type": "string", "enum": ["card", "cash", "bank_transfer"]}
DAY: dict[str, Any] = {"type": "string", "enum": ["monday", "tuesday", "friday", "saturday"]}
ISSUE: dict[str, Any] = {"type": "string", "enum": ["damaged", "missing", "late"]}
TRUTH = {"type": "boolean"}


@pytest.mark.parametrize(
    ("prompt", "name", "schema", "value"),
    [
        ("Płacę kartą.", "payment", PAYMENT, "card"),
        ("Ich zahle nicht mit Karte, sondern bar.", "payment", PAYMENT, "cash"),
        ("Не в пятницу, а в субботу, пожалуйста.", "day", DAY, "saturday"),
        ("周五不行，周六可以。", "day", DAY, "saturday"),
        ("Lampa przyszła z pękniętym kloszem.", "issue", ISSUE, "damaged"),
    ],
)
def test_a_choice_is_known_by_its_wording(prompt: str, name: str, schema: dict[str, Any], value: str) -> None:
    assert filled_one(prompt, name, schema) == value


@pytest.mark.parametrize(
    ("prompt", "name", "schema"),
    [
        ("Früher haben wir per Überweisung bezahlt.", "payment", PAYMENT),
        ("Zapłacę gotówką albo kartą.", "payment", PAYMENT),
        ("Der Kunde nebenan zahlt bar.", "payment", PAYMENT),
        ("金曜日は無理ですが、土曜日なら行けます。", "day", DAY),
        ("Cuma günü gelemem.", "day", DAY),
        ("Falls die Ware beschädigt ist, schicke ich sie zurück.", "issue", ISSUE),
        ("Das Paket kam ohne Schäden an.", "issue", ISSUE),
    ],
)
def test_a_choice_that_is_denied_or_open_is_none(prompt: str, name: str, schema: dict[str, Any]) -> None:
    assert filled_one(prompt, name, schema) is None


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Niemand wurde verletzt.", "injured", False),
        ("Haustiere sind leider nicht erlaubt.", "pets_allowed", False),
        ("이 제품은 방수입니다.", "waterproof", True),
        ("Kaucja dwa miesiące, mieszkanie umeblowane.", "furnished", True),
    ],
)
def test_a_truth_is_known_by_its_wording(prompt: str, name: str, value: bool) -> None:
    assert filled_one(prompt, name, TRUTH) is value


@pytest.mark.parametrize(
    ("prompt", "name"),
    [("Kein Haustier, aber ein Balkon wäre schön.", "balcony"), ("Pas de piscine, pas de vacances.", "pool")],
)
def test_a_truth_that_is_wished_or_a_saying_is_none(prompt: str, name: str) -> None:
    assert filled_one(prompt, name, TRUTH) is None


@pytest.mark.parametrize(
    "prompt",
    [
        "Sunucu bakımı pazartesi günü yapılacaktı ama iptal edildi.",
        "La réunion de lundi est annulée.",
        "La reunión del lunes fue cancelada.",
        "Встреча в понедельник отменена.",
        "周一的会议取消了。",
    ],
)
def test_what_is_called_off_takes_place_on_no_day(prompt: str) -> None:
    days = {"enum": ["monday", "tuesday", "wednesday", "thursday", "friday"]}
    schema = {"type": "object", "properties": {"planned_day": days}}
    assert fill(schema, prompt, understand(prompt)) == {}
