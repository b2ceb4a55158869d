"""Facts about cues in languages of Asia and the East of Europe, and about what makes a cue name nothing there."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("请将订单20250316送到上海市浦东新区，收货人李雷。", "recipient", "李雷"),
        ("我要从北京飞往成都。", "destination", "成都"),
        ("佐藤花子さんは大阪に住んでいます。", "city", "大阪"),
        ("田中太郎と申します。", "name", "田中太郎"),
        ("저는 이지은입니다. 부산에 살고 있습니다.", "city", "부산"),
        ("배송지는 서울시 강남구입니다.", "delivery_address", "서울시 강남구"),
        ("اسمي أحمد علي وأسكن في القاهرة.", "name", "أحمد علي"),
        ("वह इंफोसिस में काम करती है।", "company", "इंफोसिस"),
        ("Pociąg z Gdańska do Warszawy.", "destination", "Warszawa"),
        ("Вылет из Москвы в Сочи утром.", "origin", "Москва"),
        ("Мене звати Олена Коваль.", "name", "Олена Коваль"),
        ("İstanbul'da yaşıyorum.", "city", "İstanbul"),
        ("Jmenuji se Petr Novák, bydlím v Brně.", "city", "Brno"),
    ],
)
def test_a_name_ends_where_a_word_stands_that_is_part_of_none(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("我朋友李强住在广州。", "city"),
        ("我不住在北京。", "city"),
        ("之前的地址是北京市海淀区。", "address"),
        ("以前は大阪に住んでいました。", "city"),
        ("東京に住んでいません。", "city"),
        ("예전에는 대구에 살고 있었습니다.", "city"),
        ("친구의 주문번호는 B-221입니다.", "order_number"),
        ("رقم طلب صديقي 5521.", "order_number"),
        ("मेरे भाई का ऑर्डर नंबर 7781 है।", "order_number"),
        ("Mój brat mieszka w Krakowie.", "city"),
        ("Мой брат живёт в Казани.", "city"),
        ("Мій брат живе в Києві.", "city"),
        ("Kardeşim Ankara'da yaşıyor.", "city"),
        ("Nebydlím v Brně.", "city"),
    ],
)
def test_what_is_denied_or_past_or_anothers_is_no_value(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("付款期限为2025年5月2日。", "due_date", "2025-05-02"),
        ("支払期限は2025年4月30日です。", "due_date", "2025-04-30"),
        ("납부기한은 2025년 7월 31일까지입니다.", "due_date", "2025-07-31"),
        ("موعد التسليم يوم 12 يونيو 2025.", "delivery_date", "2025-06-12"),
        ("अंतिम तिथि 30 अप्रैल 2025 है।", "due_date", "2025-04-30"),
        ("Termin płatności 17 kwietnia 2025.", "due_date", "2025-04-17"),
        ("Příjezd 1. července 2025, odjezd 5. července 2025.", "check_in", "2025-07-01"),
    ],
)
def test_a_day_stands_beside_the_noun_for_it(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name, form="date") == {name: value}
