"""Silences, and the matchers that they and others have."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from alerts.matcher import Matcher, MatcherError, check_matchers, parse_matcher
from alerts.silence import Silence, set_silence, silenced_by

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
        (Matcher(name="a", value="", is_regex=False), Matcher(name="b", value="x*", is_regex=True)),
        (Matcher(name="1a", value="x"),),
        (Matcher(name="a", value="(?=x)", is_regex=True),),
    ],
)
def test_matchers_that_fit_everything_or_are_none_are_refused(matchers: tuple[Matcher, ...]) -> None:
    with pytest.raises(MatcherError):
        check_matchers(matchers)


def test_a_silence_of_negative_matchers_only_is_one_as_alertmanager_has_it() -> None:
    check_matchers((Matcher(name="team", value="db", is_equal=False),))


def test_only_the_end_of_a_silence_in_force_changes_in_place() -> None:
    before = silence()
    longer = msgspec.structs.replace(before, ends_at=before.ends_at + timedelta(hours=1))
    now = before.starts_at + timedelta(minutes=1)
    (kept,) = set_silence(before, longer, new_id="new", now=now)
    assert (kept.id, kept.ends_at) == (before.id, longer.ends_at)


def test_other_matchers_end_the_old_silence_and_make_a_new_one() -> None:
    before = silence()
    other = msgspec.structs.replace(before, matchers=(Matcher(name="service", value="redis"),))
    now = before.starts_at + timedelta(minutes=1)
    ended, new = set_silence(before, other, new_id="new", now=now)
    assert (ended.id, ended.matchers, ended.state(now)) == (before.id, before.matchers, "expired")
    assert (new.id, new.matchers, new.starts_at) == ("new", other.matchers, now)


@pytest.mark.parametrize(
    ("text", "name", "op", "value"),
    [
        ('alertname="APIDown"', "alertname", "=", "APIDown"),
        ("service=~api|web", "service", "=~", "api|web"),
        (r'path="C:\\temp"', "path", "=", r"C:\temp"),
        (r'path="C:\temp"', "path", "=", r"C:\temp"),
        (r'p=~"\d+\.x"', "p", "=~", r"\d+\.x"),
        (r'q="say \"hi\"\n"', "q", "=", 'say "hi"\n'),
        (' a:b != "" ', "a:b", "!=", ""),
        ("a=", "a", "=", ""),
    ],
)
def test_a_matcher_is_read_as_alertmanager_reads_it(text: str, name: str, op: str, value: str) -> None:
    matcher = parse_matcher(text)
    assert (matcher.name, matcher.op, matcher.value) == (name, op, value)


@pytest.mark.parametrize(
    "text", ["", "a", 'a="b', 'a=b"c', '{a="b"}', 'a="b",c="d"', 'a=~"("', "1=x", 'a="\\"']
)
def test_what_is_no_matcher_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(MatcherError):
        parse_matcher(text)


def test_a_natural_pattern_on_a_long_name_takes_no_time_to_speak_of() -> None:
    # Python's own engine needs longer than the age of the universe for this.
    assert not Matcher(name="pod", value="(([a-z]+)+-)+x", is_regex=True).matches({"pod": "a" * 5_000})


def test_a_pattern_without_measure_is_refused() -> None:
    with pytest.raises(MatcherError, match="at most 16384"):
        parse_matcher("a=~" + "x" * 20_000)
    with pytest.raises(MatcherError, match="invalid repetition size"):
        parse_matcher("a=~((((x{100}){100}){100}){100}){100}")
