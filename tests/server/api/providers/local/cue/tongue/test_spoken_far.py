"""Facts about what labels, particles and cases tell in Russian, Turkish, Arabic, Hindi, Chinese, Japanese and Korean."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled, filled_one

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("本件の窓口は石田です。", "contact_person", "石田"),
        ("收件人：许晴\n电话：13900001111", "recipient", "许晴"),
        ("이 건의 담당자는 한지수 대리입니다.", "assignee", "한지수"),
        ("Водитель Сергей Панов, рейс отменять не нужно.", "driver", "Сергей Панов"),
        ("Неисправность: не греет воду", "problem", "не греет воду"),
        ("مكان الاجتماع: القاعة الزرقاء", "location", "القاعة الزرقاء"),
        ("退会理由は引っ越しです。", "reason", "引っ越し"),
    ],
)
def test_a_label_tells_a_text(prompt: str, name: str, value: str) -> None:
    assert filled_one(prompt, name, TEXT) == value


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Залог 60 тыс. рублей.", "deposit", 60_000),
        ("보증금은 1억 5천만 원입니다.", "deposit", 150_000_000),
        ("押金是1.2万元。", "deposit", 12_000),
        ("धरोहर अलग है, किराया 18 हजार रुपये है।", "rent", 18_000),
        ("Daire eşyalı ve güneş alıyor, kapora 2.500 TL.", "deposit", 2_500),
        ("الرطوبة 31٪ اليوم.", "humidity", 31),
    ],
)
def test_a_label_tells_a_figure(prompt: str, name: str, value: float) -> None:
    assert filled_one(prompt, name, NUMBER) == value


@pytest.mark.parametrize(
    ("prompt", "places"),
    [
        ("我需要一张从武汉到厦门的机票。", ("武汉", "厦门")),
        ("盛岡から青森までの切符をお願いします。", ("盛岡", "青森")),
        ("Bursa'dan Antalya'ya bilet istiyorum.", ("Bursa", "Antalya")),
        ("मुझे भोपाल से इंदौर की टिकट चाहिए।", ("भोपाल", "इंदौर")),
    ],
)
def test_particles_tell_from_where_to_where(prompt: str, places: tuple[str, str]) -> None:
    found = filled(prompt, {"origin": "string", "destination": "string"})
    assert (found.get("origin"), found.get("destination")) == places


@pytest.mark.parametrize(
    ("prompt", "name", "schema"),
    [
        ("担当は来週決まります。", "assignee", TEXT),
        ("王芳说李强负责，但还没确认。", "owner", TEXT),
        ("朋友在腾讯公司工作，我在找工作。", "employer", TEXT),
        ("Для Анны нужен подарок, для Ивана тоже.", "recipient", TEXT),
        ("Письмо от Марии Кузнецовой по поручению директора Олега Жукова.", "sender", TEXT),
        ("كتب الرسالة أحمد سالم نيابة عن ليلى حسن.", "sender", TEXT),
        ("Мы не едем из Омска в Пермь.", "origin", TEXT),
        ("ربما نسافر من عمان إلى دبي.", "destination", TEXT),
        ("価格は5千円から8千円です。", "price", NUMBER),
        ("Температура вчера 39, сегодня 37,5.", "temperature", NUMBER),
        ("कीमत शायद 500 रुपये होगी।", "price", NUMBER),
        ("Аренда 3 часа.", "rent", NUMBER),
        ("Неисправность: шумит, течёт", "problem", TEXT),
    ],
)
def test_what_is_not_settled_is_left_out(prompt: str, name: str, schema: dict[str, Any]) -> None:
    assert filled_one(prompt, name, schema) is None
