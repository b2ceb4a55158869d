"""An alert episode: merging, staleness, flapping."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import (
    RESOLVE_TIMEOUT,
    TRANSITIONS,
    WEBHOOK_TIMEOUT,
    Alert,
    AlertConfirmed,
    AlertFired,
    AlertResolved,
    AlertStale,
    apply_alert_event,
    expire,
    flapping,
    found_absent,
    is_forgotten,
    read_posted,
    receive,
    said_alert,
)
from alerts.wire import PostableAlert

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def said(
    now: datetime = NOW, *, starts: datetime | None = None, ends: datetime | None = None, **annotations: str
) -> Alert:
    posted = PostableAlert(
        labels={"alertname": "A", "service": "api"}, annotations=annotations, startsAt=starts, endsAt=ends
    )
    return read_posted(posted, now, "prometheus")


def after(known: Alert | None, word: Alert) -> Alert:
    merged, event = receive(known, word, word.seen_at)
    result = apply_alert_event(known, event, word.seen_at) if event else merged
    assert result is not None
    return result


def test_a_missing_start_is_now_and_a_missing_end_is_the_resolve_timeout() -> None:
    alert = said()
    assert (alert.state, alert.started_at, alert.ends_at) == ("firing", NOW, NOW + RESOLVE_TIMEOUT)


def test_the_zero_end_of_a_webhook_means_firing() -> None:
    assert said(ends=datetime(1, 1, 1, tzinfo=UTC)).state == "firing"


def test_an_end_in_the_past_means_resolved() -> None:
    assert said(starts=at(-10), ends=at(-1)).state == "resolved"


def test_a_start_in_the_future_of_a_sender_whose_clock_is_ahead_is_now() -> None:
    assert said(starts=at(3)).started_at == NOW


def test_a_first_word_fires() -> None:
    _, event = receive(None, said(), NOW)
    assert isinstance(event, AlertFired)


def test_a_repeated_word_is_no_event_and_refreshes_annotations_and_last_seen() -> None:
    firing = after(None, said(value="1"))
    merged, event = receive(firing, said(at(1), value="2"), at(1))
    assert event is None
    assert merged is not None
    assert (merged.annotations, merged.seen_at) == ({"value": "2"}, at(1))


def test_of_two_starts_of_one_episode_the_earlier_wins() -> None:
    firing = after(None, said(starts=at(-1)))
    assert after(firing, said(at(1), starts=at(-9))).started_at == at(-9)


def test_of_two_ends_the_later_wins() -> None:
    resolved = after(after(None, said(starts=at(-9))), said(at(1), starts=at(-9), ends=at(0.5)))
    assert after(resolved, said(at(3), starts=at(-9), ends=at(2))).ends_at == at(2)


def test_a_range_that_overlaps_a_resolved_one_goes_on_with_it() -> None:
    resolved = after(after(None, said(starts=at(-9))), said(at(1), starts=at(-9), ends=at(1)))
    assert after(resolved, said(at(2), starts=at(0))).started_at == at(-9)


def test_a_range_after_a_resolved_one_is_a_new_episode() -> None:
    resolved = after(after(None, said(starts=at(-9))), said(at(1), starts=at(-9), ends=at(1)))
    assert after(resolved, said(at(5), starts=at(4))).started_at == at(4)


def test_a_resolved_word_about_an_unknown_alert_is_recorded() -> None:
    _, event = receive(None, said(starts=at(-9), ends=at(-1)), NOW)
    assert isinstance(event, AlertResolved)
    assert after(None, said(starts=at(-9), ends=at(-1))).state == "resolved"


def test_a_late_resolved_of_an_older_range_does_not_end_a_newer_one() -> None:
    firing = after(None, said(at(10), starts=at(9)))
    assert after(firing, said(at(11), starts=at(-5), ends=at(-1))).state == "firing"


def test_an_end_before_our_start_without_a_start_of_its_own_ends_the_alert() -> None:
    firing = after(None, said(at(10)))
    ended = after(firing, said(at(11), ends=at(9.9)))
    assert (ended.state, ended.ends_at) == ("resolved", at(10))


@pytest.mark.parametrize("ahead_s", [0, 3, 9.9])
def test_an_end_that_moves_back_and_is_almost_there_is_a_resolution(ahead_s: float) -> None:
    firing = after(None, said(starts=at(-9), ends=at(4)))
    ended = after(firing, said(at(1), starts=at(-9), ends=at(1 + ahead_s / 60)))
    assert ended.state == "resolved"
    assert ended.ends_at <= at(1)


def test_an_end_that_moves_back_and_stays_ahead_changes_nothing() -> None:
    firing = after(None, said(starts=at(-9), ends=at(4)))
    merged = after(firing, said(at(1), starts=at(-9), ends=at(1.5)))
    assert (merged.state, merged.ends_at) == ("firing", at(4))


def test_an_unknown_alert_whose_end_is_almost_there_is_a_resolution_of_an_unknown() -> None:
    _, event = receive(None, said(starts=at(-9), ends=at(0.1)), NOW)
    assert isinstance(event, AlertResolved)


def _told(known: Alert | None, *words: tuple[float, float], starts: float = 0) -> Alert | None:
    """What remains of an alert after words at these seconds that end so many seconds ahead."""
    for now_s, ahead_s in words:
        now = NOW + timedelta(seconds=now_s)
        word = said(now, starts=NOW + timedelta(seconds=starts), ends=now + timedelta(seconds=ahead_s))
        known = after(known, word)
    return known


def test_a_sender_that_promises_eight_seconds_at_a_time_fires() -> None:
    firing = _told(None, (0, 8), (2, 8), (4, 8))
    assert firing is not None
    assert (firing.state, firing.started_at) == ("firing", NOW)


def test_such_a_sender_fires_again_after_a_resolution_and_the_new_episode_is_its_own() -> None:
    resolved = _told(None, (0, 8), (2, 8), (4, -1))
    assert resolved is not None
    assert resolved.state == "resolved"
    again = _told(resolved, (60, 8), (62, 8), (64, 8), starts=60)
    assert again is not None
    assert (again.state, again.started_at) == ("firing", NOW + timedelta(seconds=60))


def test_a_resolution_of_a_clock_that_is_ahead_opens_nothing_however_often_it_is_sent() -> None:
    for resolved in (None, _told(None, (-90, 240), (-60, -1), starts=-90)):
        ended = resolved
        for now_s in (0, 0.5, 1, 2, 2.9, 4, 60):
            ended = _told(ended, (now_s, 3 - now_s), starts=-30)
            assert ended is not None
            assert ended.state == "resolved"


@pytest.mark.parametrize("ends", [None, at(0.05), at(600), at(-1)])
def test_a_webhooks_own_word_counts_whatever_its_end_says(ends: datetime | None) -> None:
    def word(now: datetime, *, resolved: bool) -> Alert:
        return said_alert(
            "f", {"alertname": "A"}, {}, at(-9), ends, now=now, source="alertmanager", generator_url="", resolved=resolved
        )  # fmt: skip

    firing = after(None, word(NOW, resolved=False))
    assert (firing.state, firing.ends_at) == ("firing", NOW + WEBHOOK_TIMEOUT)
    assert after(firing, word(at(1), resolved=True)).state == "resolved"


def test_an_alert_that_nobody_confirms_becomes_stale_and_not_resolved() -> None:
    firing = after(None, said())
    assert expire(firing, firing.ends_at, at(-60)) is None
    event = expire(firing, firing.ends_at + timedelta(seconds=1), at(-60))
    assert isinstance(event, AlertStale)
    stale = apply_alert_event(firing, event, at(6))
    assert stale is not None
    assert (stale.state, stale.active) == ("stale", True)


def test_after_our_own_start_nothing_is_stale_for_one_resolve_timeout() -> None:
    firing = after(None, said())
    assert expire(firing, at(59), up_since=at(55)) is None
    assert expire(firing, at(60.1), up_since=at(55)) is not None


def test_a_stale_alert_that_is_confirmed_fires_in_the_same_episode() -> None:
    stale = msgspec.structs.replace(after(None, said(starts=at(-9))), state="stale")
    _, event = receive(stale, said(at(7), starts=at(-9)), at(7))
    assert isinstance(event, AlertConfirmed)
    confirmed = apply_alert_event(stale, event, at(7))
    assert confirmed is not None
    assert (confirmed.state, confirmed.started_at) == ("firing", at(-9))


def test_only_a_stale_alert_that_a_poll_has_shown_is_resolved_by_absence_from_it() -> None:
    firing = after(None, said())
    stale = msgspec.structs.replace(firing, state="stale")
    assert found_absent(msgspec.structs.replace(firing, polled=True), at(1)) is None
    assert found_absent(stale, at(1)) is None
    absent = found_absent(msgspec.structs.replace(stale, polled=True), at(1))
    assert absent is not None
    assert absent.how == "absent"


def test_an_alert_that_was_seen_pending_began_when_that_began() -> None:
    pending = msgspec.structs.replace(said(starts=at(-10)), state="pending")
    firing = after(pending, said(starts=NOW))
    assert (firing.state, firing.started_at) == ("firing", at(-10))


def test_a_resolved_word_makes_a_pending_alert_vanish() -> None:
    pending = msgspec.structs.replace(said(), state="pending")
    assert receive(pending, said(at(1), starts=NOW, ends=at(1)), at(1)) == (None, None)


def test_three_changes_in_half_an_hour_are_flapping() -> None:
    alert = after(None, said(starts=at(0)))
    alert = after(alert, said(at(2), starts=at(0), ends=at(2)))
    assert flapping(alert, at(2)) == 0
    alert = after(alert, said(at(4), starts=at(4)))
    assert flapping(alert, at(4)) == 3
    assert flapping(alert, at(32.5)) == 0


def test_a_resolved_alert_is_kept_for_a_quarter_of_an_hour() -> None:
    resolved = after(after(None, said()), said(at(1), starts=NOW, ends=at(1)))
    assert not is_forgotten(resolved, at(16))
    assert is_forgotten(resolved, at(16.1))


def test_an_unknown_severity_is_a_warning() -> None:
    alert = read_posted(PostableAlert(labels={"alertname": "A", "severity": "banana"}), NOW, "x")
    assert alert.severity == "warning"


@pytest.mark.parametrize("state", ["pending", "firing", "stale", "resolved"])
def test_every_state_can_be_left(state: str) -> None:
    assert any(source == state for source, _ in TRANSITIONS)


_words = st.lists(
    st.tuples(st.floats(0, 20), st.floats(-20, 0), st.none() | st.floats(-20, 20)), min_size=1, max_size=8
)


@given(_words)
def test_whatever_is_said_start_is_never_after_end_and_refolding_gives_the_same(
    words: list[tuple[float, float, float | None]],
) -> None:
    alert: Alert | None = None
    for now, starts, ends in sorted(words, key=lambda word: word[0]):
        word = said(at(now), starts=at(now + starts), ends=None if ends is None else at(now + ends))
        merged, event = receive(alert, word, at(now))
        alert = apply_alert_event(alert, event, at(now)) if event else merged
        assert alert is not None
        assert alert.started_at <= alert.ends_at
        assert alert.state in ("firing", "resolved")
