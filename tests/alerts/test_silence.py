"""Silences and inhibition."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.inhibition import inhibited_by
from alerts.silence import Matcher, MatcherError, Silence, check_matchers, silenced_by

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def silence(*matchers: Matcher, hours: float = 1) -> Silence:
    return Silence(
        id="s1",
        matchers=matchers,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=hours),
        created_by="ana",
        comment="",
        updated_at=NOW,
    )


@pytest.mark.parametrize(
    ("matcher", "fits"),
    [
        (Matcher(name="service", value="api"), True),
        (Matcher(name="service", value="ap"), False),
        (Matcher(name="service", value="ap.", is_regex=True), True),
        (Matcher(name="service", value="p", is_regex=True), False),
        (Matcher(name="service", value="api", is_equal=False), False),
        (Matcher(name="missing", value=""), True),
        (Matcher(name="missing", value="x", is_equal=False), True),
    ],
)
def test_a_matcher_fits_the_whole_value(matcher: Matcher, fits: bool) -> None:
    assert matcher.matches({"service": "api"}) is fits


def test_a_silence_is_half_open() -> None:
    muting = [silence(Matcher(name="service", value="api"))]
    labels = {"service": "api"}
    assert silenced_by(muting, labels, NOW) == ("s1",)
    assert silenced_by(muting, labels, NOW + timedelta(hours=1)) == ()
    assert silenced_by(muting, labels, NOW - timedelta(seconds=1)) == ()


@pytest.mark.parametrize(
    "matchers",
    [
        (),
        (Matcher(name="service", value=".*", is_regex=True),),
        (Matcher(name="service", value="(", is_regex=True),),
        (Matcher(name="a", value="", is_regex=False), Matcher(name="b", value="x", is_equal=False)),
    ],
)
def test_matchers_that_fit_everything_or_are_none_are_refused(matchers: tuple[Matcher, ...]) -> None:
    with pytest.raises(MatcherError):
        check_matchers(matchers)


def test_a_symptom_is_inhibited_by_its_firing_causes() -> None:
    assert inhibited_by("HighLatencyP95", {"APIDown", "RedisDown"}) == ("APIDown", "RedisDown")
    assert inhibited_by("APIDown", {"APIDown", "RedisDown"}) == ()
    assert inhibited_by("LowCacheHitRate", {"APIDown"}) == ()
