"""The Statuspage v2 API: the JSON that monitors and widgets read."""

from datetime import UTC, datetime
from typing import Any

from web.page import ComponentRow, EntryView, Page, UpdateView

PAGE_ID = "sps0page0001"
_LISTED = 50


def api_time(at: datetime) -> str:
    """ISO 8601 with milliseconds and ``Z``, as all its times are."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time_or_null(at: datetime | None) -> str | None:
    return api_time(at) if at is not None else None


def _page(page: Page) -> dict[str, Any]:
    return {
        "id": PAGE_ID,
        "name": page.name,
        "url": page.url,
        "time_zone": "Etc/UTC",
        "updated_at": api_time(page.updated_at),
    }


def _component(row: ComponentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "created_at": api_time(row.known_since),
        "updated_at": api_time(row.since),
        "position": row.position,
        "description": row.description or None,
        "showcase": True,
        "start_date": row.known_since.astimezone(UTC).date().isoformat(),
        "group_id": None,
        "page_id": PAGE_ID,
        "group": False,
        "only_show_if_degraded": False,
    }


def _update(update: UpdateView, entry: EntryView) -> dict[str, Any]:
    affected = [
        {
            "code": one.code,
            "name": one.name,
            "old_status": one.old_status,
            "new_status": one.new_status,
        }
        for one in update.affected
    ]
    return {
        "id": update.id,
        "status": update.status,
        "body": update.body,
        "incident_id": entry.public_id,
        "created_at": api_time(update.at),
        "updated_at": api_time(max((update.at, *(at for at, _ in update.corrections)))),
        "display_at": api_time(update.at),
        "affected_components": affected or None,
        "deliver_notifications": False,
        "custom_tweet": None,
        "tweet_id": None,
    }


def status_words(page: Page, stale_as_of: datetime | None) -> str:
    """The status in a sentence, and its age where nobody stands behind it any more."""
    if stale_as_of is None:
        return page.description
    as_of = stale_as_of.astimezone(UTC)
    return f"{page.description} as of {as_of:%Y-%m-%d %H:%M} UTC; live updates interrupted"


def entry_document(entry: EntryView, page: Page) -> dict[str, Any]:
    """An incident, or a maintenance as the incident that Statuspage makes of it."""
    rows = {row.id: row for row in page.rows}
    document: dict[str, Any] = {
        "id": entry.public_id,
        "name": entry.title,
        "status": entry.status,
        "created_at": api_time(entry.created_at),
        "updated_at": api_time(entry.updated_at),
        "monitoring_at": _time_or_null(entry.monitoring_at),
        "resolved_at": _time_or_null(entry.resolved_at),
        "impact": entry.impact,
        "shortlink": f"{page.url}{entry.path}",
        "started_at": api_time(entry.started_at),
        "page_id": PAGE_ID,
        "incident_updates": [_update(update, entry) for update in entry.updates],
        "components": [_component(rows[component]) for component in entry.components if component in rows],
    }
    if entry.scheduled_for is not None and entry.scheduled_until is not None:
        document["scheduled_for"] = api_time(entry.scheduled_for)
        document["scheduled_until"] = api_time(entry.scheduled_until)
    return document


def api_v2(page: Page, stale_as_of: datetime | None = None) -> dict[str, dict[str, Any]]:
    """Every document of the API by its path; with ``stale_as_of`` the status says that it is no longer live."""
    head = {"page": _page(page)}
    status = {"status": {"indicator": page.indicator, "description": status_words(page, stale_as_of)}}
    components = {"components": [_component(row) for row in page.rows]}
    by_begin = sorted(page.entries, key=lambda entry: (entry.created_at, entry.public_id), reverse=True)
    incidents = [e for e in by_begin if e.kind != "maintenance"]
    windows = [e for e in by_begin if e.kind == "maintenance"]
    upcoming = [e for e in windows if e.is_ahead]
    active = [e for e in windows if e.is_open]
    unresolved = [e for e in incidents if e.is_open]

    def listed(entries: list[EntryView]) -> list[dict[str, Any]]:
        return [entry_document(entry, page) for entry in entries[:_LISTED]]

    return {
        "/api/v2/summary.json": {
            **head,
            **components,
            "incidents": listed(unresolved),
            "scheduled_maintenances": listed([e for e in windows if e.is_ahead or e.is_open]),
            **status,
        },
        "/api/v2/status.json": {**head, **status},
        "/api/v2/components.json": {**head, **components},
        "/api/v2/incidents.json": {**head, "incidents": listed(incidents)},
        "/api/v2/incidents/unresolved.json": {**head, "incidents": listed(unresolved)},
        "/api/v2/scheduled-maintenances.json": {**head, "scheduled_maintenances": listed(windows)},
        "/api/v2/scheduled-maintenances/upcoming.json": {**head, "scheduled_maintenances": listed(upcoming)},
        "/api/v2/scheduled-maintenances/active.json": {**head, "scheduled_maintenances": listed(active)},
    }
