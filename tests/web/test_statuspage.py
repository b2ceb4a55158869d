"""Facts about Statuspage's API v2: every field there, none null that must not be, and a window as an incident."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from alerts.public_update import AffectedComponent
from tests.web.builders import SINCE, incident_of, page_of, site_of, update_of, window_of
from web.statuspage import api_v2

_ID = re.compile(r"[a-z0-9]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
INCIDENT = {
    "id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact", "shortlink",
    "started_at", "page_id", "incident_updates", "components",
}  # fmt: skip
COMPONENT = {
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date",
    "group_id", "page_id", "group", "only_show_if_degraded",
}  # fmt: skip
UPDATE = {
    "id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components",
    "deliver_notifications", "custom_tweet", "tweet_id",
}  # fmt: skip


def document(name: str, **given: Any) -> Any:
    return json.loads(site_of(**given)[f"/api/v2/{name}.json"].body)


def busy() -> dict[str, Any]:
    affected = AffectedComponent(
        code="analyzeapi01", name="Analyze API", old_status="operational", new_status="major_outage"
    )
    update = update_of("It **is** slow.")
    telling = type(update)(
        **{f: getattr(update, f) for f in update.__struct_fields__} | {"affected": (affected,)}
    )
    return {
        "incidents": (
            incident_of(updates=(telling, update_of("More.", at=SINCE + timedelta(minutes=5), number=1))),
            incident_of("Over.", id=2, public_id="incident0002", status="resolved", resolved_at=SINCE),
            incident_of(
                "Told.", id=4, public_id="incident0004", kind="announcement", status="resolved", impact="none"
            ),
        ),
        "windows": (
            window_of(),
            window_of(
                id=5, public_id="window000005", state="in_progress", checked_in_at=SINCE, updated_at=SINCE
            ),
            window_of(
                id=6, public_id="window000006", state="verifying", checked_in_at=SINCE, updated_at=SINCE
            ),
            window_of(id=7, public_id="window000007", state="completed", finished_at=SINCE),
            window_of(id=8, public_id="window000008", state="cancelled", finished_at=SINCE),
        ),
    }


def test_every_field_is_there_and_of_its_form() -> None:
    summary = document("summary", **busy())
    assert set(summary) == {"page", "components", "incidents", "scheduled_maintenances", "status"}
    assert set(summary["page"]) == {"id", "name", "url", "time_zone", "updated_at"}
    for component in summary["components"]:
        assert set(component) == COMPONENT
    for entry in summary["incidents"] + summary["scheduled_maintenances"]:
        assert set(entry) - {"scheduled_for", "scheduled_until"} == INCIDENT
        assert _ID.fullmatch(entry["id"])
        assert entry["name"] and entry["status"] and entry["impact"]
        for update in entry["incident_updates"]:
            assert set(update) == UPDATE


def test_every_time_has_milliseconds_and_utc() -> None:
    for path, found in api_v2(page_of(**busy())).items():
        times = _times(found)
        assert [time for time in times if not _TIME.fullmatch(time)] == [], path


def _times(value: Any) -> list[str]:
    if isinstance(value, list):
        return [time for one in value for time in _times(one)]
    if isinstance(value, dict):
        named = [
            v
            for k, v in value.items()
            if (k.endswith("_at") or k.startswith("scheduled_")) and isinstance(v, str)
        ]
        return named + [time for one in value.values() for time in _times(one)]
    return []


@pytest.mark.parametrize(
    ("name", "key", "ids"),
    [
        ("incidents", "incidents", ["incident0001", "incident0002", "incident0004"]),
        ("incidents/unresolved", "incidents", ["incident0001"]),
        (
            "scheduled-maintenances",
            "scheduled_maintenances",
            ["window000003", "window000005", "window000006", "window000007", "window000008"],
        ),
        ("scheduled-maintenances/upcoming", "scheduled_maintenances", ["window000003"]),
        ("scheduled-maintenances/active", "scheduled_maintenances", ["window000005", "window000006"]),
    ],
)
def test_each_list_has_what_belongs_into_it(name: str, key: str, ids: list[str]) -> None:
    assert sorted(entry["id"] for entry in document(name, **busy())[key]) == ids


def test_the_summary_has_what_is_open_ahead_or_on() -> None:
    summary = document("summary", **busy())
    assert [entry["id"] for entry in summary["incidents"]] == ["incident0001"]
    assert sorted(entry["id"] for entry in summary["scheduled_maintenances"]) == [
        "window000003",
        "window000005",
        "window000006",
    ]


def test_a_cancelled_window_is_completed_there() -> None:
    found = {e["id"]: e for e in document("scheduled-maintenances", **busy())["scheduled_maintenances"]}
    assert found["window000008"]["status"] == "completed"
    assert found["window000003"]["scheduled_for"] == "2026-03-02T12:00:00.000Z"
    assert {e["impact"] for e in found.values()} == {"maintenance"}


def test_updates_are_newest_first_and_say_what_they_affect() -> None:
    incident = document("incidents/unresolved", **busy())["incidents"][0]
    assert [update["body"] for update in incident["incident_updates"]] == ["More.", "It is slow."]
    assert incident["incident_updates"][0]["affected_components"] is None
    assert incident["incident_updates"][1]["affected_components"] == [
        {
            "code": "analyzeapi01",
            "name": "Analyze API",
            "old_status": "operational",
            "new_status": "major_outage",
        }
    ]


def test_at_most_fifty_are_listed() -> None:
    many = tuple(incident_of("x", id=n, public_id=f"incident{n:04}") for n in range(1, 80))
    assert len(document("incidents", incidents=many)["incidents"]) == 50
    assert len(document("incidents/unresolved", incidents=many)["incidents"]) == 50
