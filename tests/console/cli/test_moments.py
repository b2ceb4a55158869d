"""Times as options of windows take them, at the ends of the calendar too."""

from datetime import UTC, datetime

import pytest

from console.cli.moments import end_of, moment_of
from console.ops_api.errors import InvalidRequestError


def test_a_span_ends_that_much_after_its_begin() -> None:
    start = moment_of("2026-03-14T12:00+01:00", "--from")
    assert end_of(start, None, "1h30m") == datetime(2026, 3, 14, 12, 30, tzinfo=UTC)


def test_an_end_after_the_last_day_there_is_is_refused_in_words() -> None:
    start = moment_of("9999-12-31T23:00Z", "--from")
    with pytest.raises(InvalidRequestError, match="2h after 9999-12-31 is no time that there is"):
        end_of(start, None, "2h")
