"""Times of this machine's zone have the offset that held then, whatever holds now."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from console.model.local_zone import LOCAL_ZONE
from console.model.moment import parse_moment


@pytest.fixture(params=["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """The zone that the machine has meanwhile."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.lengthy
def test_every_half_hour_of_a_year_is_that_of_the_zone_and_leads_back(zone: ZoneInfo) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for at in (begin + timedelta(minutes=30 * n) for n in range(365 * 48)):
        here, there = at.astimezone(LOCAL_ZONE), at.astimezone(zone)
        assert (here.replace(tzinfo=None), here.fold) == (there.replace(tzinfo=None), there.fold)
        assert (here.utcoffset(), here.astimezone(UTC)) == (there.utcoffset(), at)


@pytest.mark.parametrize(
    "text", ["yesterday 14:00", "yesterday", "01:00", "02:30", "2026-07-01T14:00", "2026-01-31"]
)
def test_what_is_typed_in_winter_about_summer_is_read_in_summer_time(zone: ZoneInfo, text: str) -> None:
    now = datetime(2026, 10, 25, 11, 0, tzinfo=UTC)
    assert parse_moment(text, now, zone=LOCAL_ZONE) == parse_moment(text, now, zone=zone)
