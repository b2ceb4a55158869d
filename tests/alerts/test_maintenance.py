"""Facts about a maintenance window as a value: its steps, what it mutes, and what its owner is called for."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.maintenance import (
    WINDOW_TRANSITIONS,
    Maintenance,
    MaintenanceCancelled,
    MaintenanceCheckedIn,
    MaintenanceExtended,
    MaintenanceState,
    OwnerCalled,
    StaleWindowError,
    WindowTransitionError,
    WindowVerb,
    apply_maintenance_event,
    check_window_matchers,
    due_duties,
    is_short_notice,
    step_to,
)
from alerts.matcher import Matcher, MatcherError, parse_matcher
from alerts.public_update import PublicUpdate

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LABELS = {"alertname": "DatabaseDown"}


def window(**given: object) -> Maintenance:
    planned = Maintenance(
        id=3,
        public_id="abcdef012345",
        title="Migration",
        reason="schema 7",
        matchers=(Matcher(name="alertname", value="DatabaseDown"),),
        components=(),
        owner="ana",
        created_by="ana",
        created_at=NOON - 26 * HOUR,
        starts_at=NOON,
        ends_at=NOON + HOUR,
    )
    return msgspec.structs.replace(planned, **given)


def begun(at: datetime = NOON, **given: object) -> Maintenance:
    on = window(state="in_progress", checked_in_at=at, checked_in_by="ana", updated_at=at)
    return msgspec.structs.replace(on, **given)


def said(at: datetime) -> PublicUpdate:
    return PublicUpdate(id="u" * 12, status="in_progress", body="…", at=at, by="ana")


def keys(one: Maintenance, now: datetime) -> list[str]:
    return [duty.key.split(" 2026")[0] for duty in due_duties(one, now)]


@pytest.mark.parametrize(("state", "verb"), list(product(get_args(MaintenanceState), WindowVerb)))
def test_a_step_is_in_the_table_or_refused(state: MaintenanceState, verb: WindowVerb) -> None:
    if (state, verb) in WINDOW_TRANSITIONS:
        assert step_to(window(state=state), verb) == WINDOW_TRANSITIONS[state, verb]
    else:
        with pytest.raises(WindowTransitionError, match=f"maintenance 3 is {state}"):
            step_to(window(state=state), verb)


def test_a_stale_version_takes_no_step() -> None:
    with pytest.raises(StaleWindowError, match="at version 1, not 2"):
        step_to(window(), WindowVerb.CANCEL, 2)


def test_nothing_follows_what_is_over() -> None:
    assert not {state for state, _ in WINDOW_TRANSITIONS} & {"completed", "cancelled"}


@pytest.mark.parametrize(("minutes", "muted"), [(-1, False), (0, True), (59, True), (60, False), (61, False)])
def test_it_mutes_from_the_check_in_to_its_planned_end(minutes: int, muted: bool) -> None:
    muting = begun().muting
    assert muting is not None
    assert muting.mutes(LABELS, NOON + timedelta(minutes=minutes)) is muted


@pytest.mark.parametrize("minutes", [-20, 0, 30, 61])
def test_without_check_in_it_mutes_never(minutes: int) -> None:
    assert window().muting is None
    assert window().is_delayed(NOON + timedelta(minutes=minutes)) is (minutes >= 0)


def test_an_extension_after_its_end_mutes_anew() -> None:
    event = MaintenanceExtended(id=3, ends_at=NOON + 2 * HOUR, update=said(NOON + HOUR))
    longer = apply_maintenance_event(begun(), event, NOON + HOUR, "ana")
    assert longer is not None and longer.muting is not None
    assert longer.muting.mutes(LABELS, NOON + timedelta(minutes=90))


def test_its_end_by_a_person_ends_its_muting() -> None:
    over = begun(state="completed", finished_at=NOON + timedelta(minutes=20))
    assert over.muting is not None
    assert not over.muting.mutes(LABELS, NOON + timedelta(minutes=20))


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-16, []), (-15, ["ahead"]), (-1, ["ahead"]), (0, ["delayed"]), (59, ["delayed"]), (60, ["missed"])],
)
def test_the_owner_is_called_before_and_when_nobody_comes(minutes: int, expected: list[str]) -> None:
    assert keys(window(), NOON + timedelta(minutes=minutes)) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (11.9, []),
        (12, ["update due"]),
        (14.9, ["update due"]),
        (15, ["update overdue"]),
        (60, ["update overdue", "past end"]),
    ],
)
def test_the_owner_is_called_for_the_promised_update(minutes: float, expected: list[str]) -> None:
    assert keys(begun(), NOON + timedelta(minutes=minutes)) == expected


def test_what_is_overdue_needs_no_warning_any_more() -> None:
    (duty,) = due_duties(begun(), NOON + timedelta(minutes=16))
    called = OwnerCalled(id=3, keys=(duty.key, *duty.settles))
    after = apply_maintenance_event(begun(), called, NOON, "daemon")
    assert after is not None
    assert due_duties(after, NOON + timedelta(minutes=13)) == []


@pytest.mark.parametrize(("hours", "short"), [(23.99, True), (24, False), (25, False), (-1, True)])
def test_less_than_a_day_is_short_notice(hours: float, short: bool) -> None:
    assert is_short_notice(NOON, NOON - timedelta(hours=hours)) is short


@pytest.mark.parametrize(
    "text",
    ['alertname=~".+"', 'service!="x"', 'service!~"a|b"', 'job=~"[a-zA-Z0-9 ./:-]+"', 'instance=~"(?s).+"'],
)
def test_matchers_that_fit_whatever_fires_are_refused(text: str) -> None:
    with pytest.raises(MatcherError):
        check_window_matchers([parse_matcher(text)])


@pytest.mark.parametrize(
    "texts",
    [
        ['alertname="APIDown"'],
        ['service=~"post.*|redis"'],
        ['service!="x"', 'job="api"'],
        ['alertname=~".+"', 'service="api"'],
        ['severity="0"'],
    ],
)
def test_matchers_that_name_something_are_taken(texts: list[str]) -> None:
    check_window_matchers(map(parse_matcher, texts))


@given(st.lists(st.integers(-3_000, 12_000), max_size=40), st.booleans())
def test_however_the_clock_goes_nothing_is_called_for_twice(seconds: list[int], on: bool) -> None:
    one, called = begun() if on else window(), []
    for second in seconds:
        for duty in due_duties(one, NOON + timedelta(seconds=second)):
            called.append(duty.key)
            event = OwnerCalled(id=3, keys=(duty.key, *duty.settles))
            after = apply_maintenance_event(one, event, NOON, "daemon")
            assert after is not None
            one = after
    assert len(called) == len(set(called))


@given(st.integers(0, 10_000), st.integers(1, 100))
def test_looked_at_every_second_or_seldom_the_owner_hears_within_one_look(start: int, every: int) -> None:
    now = NOON + timedelta(seconds=start)
    if start >= 900:
        assert "update overdue" in keys(begun(), now)
    one = begun()
    for duty in due_duties(one, now):
        after = apply_maintenance_event(one, OwnerCalled(id=3, keys=(duty.key,)), now, "daemon")
        assert after is not None
        one = after
    assert due_duties(one, now) == []
    later = due_duties(one, now + timedelta(seconds=every))
    assert len(later) <= 2


def test_a_cancelled_window_tells_the_public_only_where_it_had_heard_of_it() -> None:
    quiet = MaintenanceCancelled(id=3, reason="no need", update=None)
    after = apply_maintenance_event(window(), quiet, NOON, "ana")
    assert after is not None
    assert (after.state, after.updates, after.finished_at) == ("cancelled", (), NOON)


def test_checking_in_announces_what_nobody_had_announced() -> None:
    event = MaintenanceCheckedIn(id=3, update=said(NOON))
    after = apply_maintenance_event(window(), event, NOON, "bo")
    assert after is not None
    assert (after.announced_at, after.checked_in_by, after.updated_at) == (NOON, "bo", NOON)
