"""Facts about what a component has been through: no time is counted twice, none is lost."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from web.component_history import (
    ComponentChanged,
    ComponentRecord,
    StatusSpan,
    apply_change,
    day_bars,
    outages_of,
    uptime,
)
from web.component_status import ComponentStatus
from web.components import WORST_FIRST

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def record_of(*spans: tuple[ComponentStatus, float, float | None]) -> ComponentRecord:
    """A record whose spans begin and end so many hours after the begin."""
    return ComponentRecord(
        component_id="analyzeapi01",
        since=BEGIN,
        known_since=BEGIN,
        spans=tuple(
            StatusSpan(
                status=status,
                started_at=BEGIN + timedelta(hours=start),
                ended_at=BEGIN + timedelta(hours=end) if end is not None else None,
            )
            for status, start, end in spans
        ),
    )


def changed(status: ComponentStatus, hours: float) -> ComponentChanged:
    began_at = BEGIN + timedelta(hours=hours)
    return ComponentChanged(component_id="analyzeapi01", name="Analyze API", status=status, began_at=began_at)


def test_a_major_outage_counts_whole_and_a_partial_one_three_tenths() -> None:
    assert uptime(record_of(("major_outage", 0, 6)), BEGIN, BEGIN + DAY) == 0.75
    assert uptime(record_of(("partial_outage", 0, 12)), BEGIN, BEGIN + DAY) == 0.85
    assert uptime(record_of(("degraded_performance", 0, 24)), BEGIN, BEGIN + DAY) == 1.0


def test_maintenance_counts_neither_way() -> None:
    record = record_of(("under_maintenance", 0, 12), ("major_outage", 12, 15))
    assert uptime(record, BEGIN, BEGIN + DAY) == 0.75
    assert uptime(record_of(("under_maintenance", 0, None)), BEGIN, BEGIN + DAY) is None


def test_what_was_not_looked_at_is_not_counted() -> None:
    assert uptime(record_of(("major_outage", 0, 6)), BEGIN - 80 * DAY, BEGIN + DAY) == 0.75
    assert uptime(record_of(), BEGIN - DAY, BEGIN) is None


def test_what_comes_back_within_a_minute_is_one_outage() -> None:
    record = record_of(
        ("major_outage", 0, 1), ("partial_outage", 1 + 30 / 3600, 2), ("major_outage", 3, None)
    )
    assert [(o.status, o.started_at, o.ended_at) for o in outages_of(record)] == [
        ("major_outage", BEGIN, BEGIN + timedelta(hours=2)),
        ("major_outage", BEGIN + timedelta(hours=3), None),
    ]


def test_maintenance_is_no_outage() -> None:
    assert outages_of(record_of(("under_maintenance", 0, 1))) == []


def test_an_outage_that_grows_worse_is_one_and_was_as_bad_as_it_came() -> None:
    record = apply_change(None, changed("operational", 0), BEGIN)
    for status, hours in (("degraded_performance", 1), ("major_outage", 2), ("operational", 3)):
        at = BEGIN + timedelta(hours=hours)
        record = apply_change(record, changed(status, hours), at)  # type: ignore[arg-type]  # literals
    (outage,) = outages_of(record)
    assert (outage.status, outage.started_at, outage.ended_at) == (
        "major_outage",
        BEGIN + timedelta(hours=1),
        BEGIN + timedelta(hours=3),
    )


def test_a_day_is_as_bad_as_its_worst_and_midnight_is_of_the_next_one() -> None:
    record = record_of(("major_outage", 23, 24), ("degraded_performance", 30, 31))
    bars = {bar.day: bar.status for bar in day_bars(record, date(2026, 3, 3))}
    assert bars[date(2026, 2, 28)] is None
    assert bars[date(2026, 3, 1)] == "major_outage"
    assert bars[date(2026, 3, 2)] == "degraded_performance"
    assert bars[date(2026, 3, 3)] == "operational"
    assert len(bars) == 90


_CHANGES = st.lists(
    st.tuples(st.sampled_from(WORST_FIRST), st.integers(-40, 90), st.integers(0, 30)), max_size=25
)


@given(_CHANGES)
def test_whatever_comes_stretches_follow_each_other_and_shares_are_shares(
    changes: list[tuple[ComponentStatus, int, int]],
) -> None:
    """The clock may be set back, and causes may lie before what is known."""
    record, now = None, BEGIN
    for status, minutes, back in changes:
        now += timedelta(minutes=minutes)
        record = apply_change(record, changed(status, 0), now)
        event = ComponentChanged(
            component_id="analyzeapi01",
            name="Analyze API",
            status=status,
            began_at=now - timedelta(minutes=back),
        )
        record = apply_change(record, event, now)
        assert record.status == status
        ended = [span for span in record.spans if span.ended_at is not None]
        assert all(span.ended_at and span.started_at <= span.ended_at for span in ended)
        assert sum(span.ended_at is None for span in record.spans) == (status != "operational")
        share = uptime(record, BEGIN - DAY, now)
        assert share is None or 0 <= share <= 1
