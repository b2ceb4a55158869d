"""Facts about hours of the day in words of further languages."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("会议时间是2025年7月8日下午3点半。", "15:30"),
        ("会議は2025年5月20日の午後3時から始まります。", "15:00"),
        ("الاجتماع يوم 10 مايو 2025 الساعة 5 مساءً.", "17:00"),
        ("बैठक 5 मई 2025 को शाम 4 बजे होगी।", "16:00"),
        ("Зустріч відбудеться 10 червня 2025 року о 15:00.", "15:00"),
    ],
)
def test_an_hour_is_read_with_its_part_of_the_day(prompt: str, value: str) -> None:
    assert texts_filled(prompt, "start_time") == {"start_time": value}


@pytest.mark.parametrize("prompt", ["Sklep zamyka się o 20:00.", "会议3点结束。"])
def test_an_hour_of_something_else_is_none(prompt: str) -> None:
    assert texts_filled(prompt, "start_time") == {}
