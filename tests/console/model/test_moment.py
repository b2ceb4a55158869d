"""Times as people say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.moment import MomentError, parse_moment

NOW = datetime(2026, 3, 2, 4, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ahead", "meant"),
    [
        ("10m", False, "2026-03-02T04:20:15"),
        ("10m", True, "2026-03-02T04:40:15"),
        ("1h30m", True, "2026-03-02T06:00:15"),
        ("03:12", False, "2026-03-02T03:12:00"),
        ("23:00", False, "2026-03-01T23:00:00"),
        ("03:12", True, "2026-03-03T03:12:00"),
        ("23:00", True, "2026-03-02T23:00:00"),
        ("yesterday", False, "2026-03-01T00:00:00"),
        ("Yesterday 14:00", False, "2026-03-01T14:00:00"),
        ("today 09:00", True, "2026-03-02T09:00:00"),
        ("tomorrow 06:00", True, "2026-03-03T06:00:00"),
        ("2026-01-31", False, "2026-01-31T00:00:00"),
        ("2026-01-31T09:00Z", False, "2026-01-31T09:00:00"),
        ("2026-01-31T09:00+02:00", False, "2026-01-31T07:00:00"),
        ("now", False, "2026-03-02T04:30:15"),
    ],
)
def test_a_time_is_what_a_person_means(text: str, ahead: bool, meant: str) -> None:
    assert parse_moment(text, NOW, ahead=ahead) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_a_time_of_day_is_of_the_zone_that_is_asked_for() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert parse_moment("05:00", NOW, zone=berlin) == datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    assert parse_moment("06:00", NOW, zone=berlin) == datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
    assert parse_moment("2026-07-01T12:00", NOW, zone=berlin) == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "12:60", "yesterday 99:00", "today now", "12:00 13:00", "-5m", "9" * 40 + "h"],
)
def test_what_is_no_time_says_what_would_be(text: str) -> None:
    with pytest.raises(MomentError, match="write for instance 10m"):
        parse_moment(text, NOW)


@given(st.text())
def test_any_text_is_a_time_or_says_that_it_is_none(text: str) -> None:
    try:
        assert parse_moment(text, NOW).tzinfo is UTC
    except MomentError:
        pass
