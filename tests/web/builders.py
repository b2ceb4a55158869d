"""Pages for tests."""

from datetime import UTC, date, datetime
from typing import Any

from alerts.maintenance import Maintenance
from alerts.matcher import Matcher
from alerts.public_update import PublicUpdate
from web.component_history import ComponentRecord
from web.component_status import ComponentStatus
from web.components import DEFAULT
from web.environment import page_environment
from web.page import Page, SiteFacts, build_page
from web.public_incident import PublicIncident
from web.render import Rendered, render_site

SINCE = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
TODAY = date(2026, 3, 1)
ENVIRONMENT = page_environment()


def facts_of(status: ComponentStatus = "operational", **given: Any) -> SiteFacts:
    """Facts in which every component has this status."""
    records = {
        c.id: ComponentRecord(component_id=c.id, status=status, since=SINCE, known_since=SINCE)
        for c in DEFAULT.components
    }
    whole = {"name": "Structured Prompt Service", "url": "https://status.example", "shown": DEFAULT}
    return SiteFacts(**{**whole, "records": records, "today": TODAY, **given})


def page_of(status: ComponentStatus = "operational", **given: Any) -> Page:
    """A page on which every component has this status."""
    return build_page(facts_of(status, **given))


def site_of(status: ComponentStatus = "operational", **given: Any) -> dict[str, Rendered]:
    """Every route of such a page."""
    return render_site(page_of(status, **given), ENVIRONMENT)


def update_of(
    body: str, *, status: str = "investigating", at: datetime = SINCE, number: int = 0
) -> PublicUpdate:
    return PublicUpdate(id=f"update{number:06}", status=status, body=body, at=at, by="ana")


def incident_of(*bodies: str, **given: Any) -> PublicIncident:
    """An open incident of the first component with these updates."""
    plain = {
        "id": 1, "public_id": "incident0001", "title": "Slow answers", "status": "investigating", "impact": "minor",
        "components": (DEFAULT.components[0].id,), "started_at": SINCE, "created_at": SINCE,
        "updates": tuple(update_of(body, number=n) for n, body in enumerate(bodies)),
    }  # fmt: skip
    return PublicIncident(**{**plain, **given})


def window_of(*bodies: str, **given: Any) -> Maintenance:
    """An announced window with these updates."""
    plain = {
        "id": 3, "public_id": "window000003", "title": "Database migration", "reason": "schema 7",
        "matchers": (Matcher(name="service", value="postgres"),), "components": (DEFAULT.components[0].id,),
        "owner": "ana", "created_by": "ana", "created_at": SINCE, "announced_at": SINCE,
        "starts_at": datetime(2026, 3, 2, 12, 0, tzinfo=UTC), "ends_at": datetime(2026, 3, 2, 13, 0, tzinfo=UTC),
        "updates": tuple(update_of(b, status="scheduled", number=n) for n, b in enumerate(bodies or ("We migrate.",))),
    }  # fmt: skip
    return Maintenance(**{**plain, **given})
