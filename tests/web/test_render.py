"""Facts about the rendered site."""

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import msgspec

from tests.web.builders import ENVIRONMENT, SINCE, page_of, site_of
from web.component_history import ComponentRecord
from web.components import DEFAULT
from web.render import render_site

AS_OF = datetime(2026, 3, 1, 14, 41, tzinfo=UTC)


def test_the_page_says_the_state_in_words_and_with_a_shape() -> None:
    html = site_of("major_outage")["/"].body.decode()
    assert "Major System Outage" in html
    assert "Major outage since" in html
    assert "✕" in html


def test_uptime_is_told_of_days_only_where_days_are_known() -> None:
    first = DEFAULT.components[0].id
    begun = ComponentRecord(component_id=first, since=SINCE, known_since=SINCE)
    for known, words in (
        (timedelta(minutes=10), "Less than a day is known yet; no days with trouble"),
        (timedelta(days=1), "100 % uptime over 1 day; no days with trouble"),
    ):
        at = SINCE + known
        records = {first: msgspec.structs.replace(begun, since=at)}
        assert words in site_of(records=records, today=SINCE.date())["/"].body.decode()


def test_the_page_asks_nothing_of_any_other_host() -> None:
    addresses: list[str] = []

    class Collect(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            addresses.extend(value or "" for name, value in attrs if name in ("src", "href"))

    Collect().feed(site_of("operational")["/"].body.decode())
    assert addresses
    assert [address for address in addresses if not address.startswith(("/", "#", "data:,"))] == []


def test_the_page_is_small() -> None:
    assert len(site_of("major_outage")["/"].body) < 50_000


def test_the_stale_page_says_how_old_it_is() -> None:
    html = render_site(page_of("operational"), ENVIRONMENT, stale_as_of=AS_OF)["/"].body.decode()
    assert "Information as of" in html
    assert "1 March 2026, 14:41 UTC" in html
    assert "live updates interrupted" in html


def test_the_same_state_renders_to_the_same_bytes() -> None:
    assert site_of("operational") == site_of("operational")


def test_hostile_text_is_escaped() -> None:
    html = site_of("operational", name='<script>alert(1)</script>"')["/"].body.decode()
    assert "<script>alert" not in html


def test_the_summary_has_what_statuspage_readers_need() -> None:
    summary = json.loads(site_of("partial_outage")["/api/v2/summary.json"].body)
    assert set(summary) == {"page", "status", "components", "incidents", "scheduled_maintenances"}
    assert summary["status"] == {"indicator": "major", "description": "Partial System Outage"}
    for component in summary["components"]:
        assert len(component["id"]) == 12
        assert component["id"].isalnum()
        assert component["updated_at"].endswith("Z")


def test_the_plain_text_names_every_component() -> None:
    text = site_of("operational")["/status.txt"].body.decode()
    assert text.count("Operational") == 4
