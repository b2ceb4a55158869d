"""The Statuspage v2 API: the JSON that monitors and widgets read."""

from datetime import UTC, datetime
from typing import Any

from web.page import ComponentRow, Page

PAGE_ID = "sps0page0001"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page(page: Page) -> dict[str, Any]:
    return {
        "id": PAGE_ID, "name": page.name, "url": page.url, "time_zone": "Etc/UTC", "updated_at": _time(page.updated_at)
    }  # fmt: skip


def _component(row: ComponentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": _time(row.since),
        "position": row.position,
        "description": row.description,
        "showcase": True,
        "start_date": None,
        "group_id": None,
        "page_id": PAGE_ID,
        "group": False,
        "only_show_if_degraded": False,
    }


def api_v2(page: Page) -> dict[str, dict[str, Any]]:
    """Every document of the API by its path."""
    head = {"page": _page(page)}
    status = {"status": {"indicator": page.indicator, "description": page.description}}
    components = {"components": [_component(row) for row in page.rows]}
    no_incidents: dict[str, Any] = {"incidents": []}
    no_maintenance: dict[str, Any] = {"scheduled_maintenances": []}
    return {
        "/api/v2/summary.json": {**head, **status, **components, **no_incidents, **no_maintenance},
        "/api/v2/status.json": {**head, **status},
        "/api/v2/components.json": {**head, **components},
        "/api/v2/incidents.json": {**head, **no_incidents},
        "/api/v2/incidents/unresolved.json": {**head, **no_incidents},
        "/api/v2/scheduled-maintenances.json": {**head, **no_maintenance},
        "/api/v2/scheduled-maintenances/upcoming.json": {**head, **no_maintenance},
        "/api/v2/scheduled-maintenances/active.json": {**head, **no_maintenance},
    }
