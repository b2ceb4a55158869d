"""Facts about durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.duration import DurationError, format_duration, parse_duration_ms


@pytest.mark.parametrize(
    ("text", "expected"), [("30s", 30_000), ("1h30m", 5_400_000), ("250ms", 250), ("0", 0)]
)
def test_a_duration_is_read(text: str, expected: int) -> None:
    assert parse_duration_ms(text) == expected


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5m1h", "-5m", "5 m", "1.5h", "²m", "293y", "100000y", "9" * 5_000 + "s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(DurationError, match="not a duration"):
        parse_duration_ms(text)


@given(st.integers(min_value=1, max_value=10**11))
def test_a_written_duration_reads_back(milliseconds: int) -> None:
    assert parse_duration_ms(format_duration(milliseconds / 1000)) == milliseconds
