"""Facts about the feeds, read by the libraries that readers are made of: feedparser and icalendar."""

from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import msgspec
import pytest
from icalendar import Calendar

from tests.web.builders import SINCE, facts_of, incident_of, site_of, update_of, window_of
from tests.web.test_markdown import ATTACKS
from web.page import clocked

HOSTILE = "]]></content><script>alert(1)</script>\r\nSTATUS:CANCELLED;,\\"


def feed_of(**given: Any) -> Any:
    return feedparser.parse(site_of(**given)["/history.atom"].body)


def calendar_of(**given: Any) -> Any:
    return Calendar.from_ical(site_of(**given)["/maintenance.ics"].body)


def test_the_feed_is_sound_and_has_what_readers_look_for() -> None:
    feed = feed_of(incidents=(incident_of("First.", "Second."),), windows=(window_of(),))
    assert not feed.bozo
    assert feed.feed.id == "tag:status.example,2005:/history"
    assert {entry.id for entry in feed.entries} == {
        "tag:status.example,2005:Incident/incident0001",
        "tag:status.example,2005:Incident/window000003",
    }
    incident = next(entry for entry in feed.entries if entry.link.endswith("/incidents/incident0001"))
    content = incident.content[0].value
    assert content.index("Second.") < content.index("First."), "the newest update first"
    assert content.partition("<strong>")[2].startswith("Investigating</strong>")


def test_the_feed_is_as_new_as_its_newest_entry() -> None:
    later = SINCE + timedelta(hours=3)
    incident = incident_of("First.", updates=(update_of("First."), update_of("Second.", at=later, number=1)))
    feed = feed_of(incidents=(incident,), windows=(window_of(),))
    assert feed.feed.updated == feed.entries[0].updated == "2026-03-01T05:14:00.000Z"


def test_an_entry_keeps_its_id_while_it_changes() -> None:
    before = feed_of(incidents=(incident_of("First."),)).entries[0]
    over = incident_of("First.", "Well.", status="resolved", resolved_at=SINCE, title="Another title")
    after = feed_of(incidents=(over,)).entries[0]
    assert (before.id, before.published) == (after.id, after.published)
    assert (before.title, after.title) == ("Slow answers", "Another title")


def test_without_anything_to_tell_the_feed_is_sound_too() -> None:
    feed = feed_of()
    assert (feed.bozo, feed.entries) == (False, [])


@pytest.mark.parametrize("text", [*ATTACKS, HOSTILE, "\ud7ff\ufffd & < > \" '"])
def test_hostile_words_are_words_in_the_feed(text: str) -> None:
    line = " ".join(text.replace("\x01", "").split())
    feed = feed_of(incidents=(incident_of(text.replace("\x01", ""), title=line),))
    assert not feed.bozo, feed.bozo_exception
    assert len(feed.entries) == 1
    assert "<script" not in feed.entries[0].content[0].value


def test_a_window_is_an_event_with_its_times() -> None:
    (event,) = calendar_of(windows=(window_of(),)).walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert event.decoded("dtend") == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert (str(event["uid"]), str(event["status"])) == (
        "maintenance-window000003@status.example",
        "CONFIRMED",
    )
    assert "Analyze API" in str(event["description"])


def test_a_change_counts_and_the_uid_stays() -> None:
    (before,) = calendar_of(windows=(window_of(),)).walk("VEVENT")
    moved = window_of(version=4, starts_at=datetime(2026, 3, 3, 12, 0, tzinfo=UTC))
    (after,) = calendar_of(windows=(moved,)).walk("VEVENT")
    assert str(before["uid"]) == str(after["uid"])
    assert after["sequence"] > before["sequence"]


def test_a_cancelled_window_is_told_to_calendars() -> None:
    gone = window_of(state="cancelled", finished_at=SINCE)
    (event,) = calendar_of(windows=(gone,)).walk("VEVENT")
    assert str(event["status"]) == "CANCELLED"


def test_the_calendar_says_how_often_to_look() -> None:
    text = site_of(windows=(window_of(),))["/maintenance.ics"].body.decode()
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT30M\r\n" in text
    assert "X-PUBLISHED-TTL:PT30M\r\n" in text


@pytest.mark.parametrize("text", [HOSTILE, "END:VEVENT\nBEGIN:VEVENT\nUID:evil", "x" * 3_000, "ä" * 400])
def test_hostile_words_are_words_in_the_calendar(text: str) -> None:
    window = window_of(text, title=" ".join(text.split())[:200])
    calendar = calendar_of(windows=(window,))
    (event,) = calendar.walk("VEVENT")
    assert str(event["uid"]) == "maintenance-window000003@status.example"
    assert str(event["status"]) == "CONFIRMED"
    assert " ".join(text.replace("**", "").split())[:150] in " ".join(str(event["description"]).split())
    lines = site_of(windows=(window,))["/maintenance.ics"].body.split(b"\r\n")
    assert max(map(len, lines)) <= 75


@pytest.mark.parametrize("text", ATTACKS)
def test_hostile_names_stay_words_in_pages_and_the_badge(text: str) -> None:
    site = site_of(
        name=text, incidents=(incident_of(text, title=text),), windows=(window_of(text, title=text),)
    )
    for path in ("/", "/history", "/incidents/incident0001", "/maintenance/window000003"):
        html = site[path].body.decode().lower()
        assert "<script>" not in html.replace("<script src=", "")
        assert "<img" not in html
        assert "<svg on" not in html
        assert "<iframe" not in html
    assert b"<script" not in site["/badge.svg"].body


def test_what_is_a_matter_of_the_time_is_in_the_facts_and_not_in_the_bytes() -> None:
    facts = facts_of(windows=(window_of(),))
    noon = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert clocked(facts, noon) == clocked(facts, noon + timedelta(hours=5))
    late = clocked(facts, datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    assert late.delayed == {3}
    assert clocked(msgspec.structs.replace(facts, windows=()), noon).delayed == frozenset()
